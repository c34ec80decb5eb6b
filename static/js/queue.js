/* Keys for who looks through many: j and k go from row to row, x chooses, o opens,
   a lets what is chosen through, r goes to the reason for not doing so. */

const form = document.querySelector("[data-queue]");

if (form) {
  form.querySelector("[data-keys]").hidden = false;
  document.addEventListener("keydown", pressed);
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (typing) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

const ACTS = {
  j: () => go(1),
  k: () => go(-1),
  x: () => here()?.click(),
  o: () => here()?.closest(".row").querySelector(".row__title").click(),
  a: () => form.querySelector("[data-key=a]").click(),
  r: () => form.querySelector("[name=reason]").focus(),
};

function boxes() {
  return [...form.querySelectorAll("[name=cases]")];
}

function here() {
  return boxes().find((box) => box === document.activeElement);
}

function go(step) {
  const all = boxes();
  const next = all.indexOf(here()) + step;
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
}
