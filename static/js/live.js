// The live room: asks every few seconds whether something is new, and puts it in place.
// Without it the page works by being loaded again.
(() => {
  const room = document.getElementById("live");
  if (!room?.dataset.news) return;

  const LONGEST_MS = 60000;
  const GONE = [401, 403, 404];
  const REFUSED = [409, 422];
  const WHILE_TYPING = { "X-While-Typing": "1" };
  const state = document.querySelector("[data-live-state]");
  let { version } = room.dataset;
  let failures = 0;
  let timer = 0;

  // What is this viewer's own: the pieces that come are the same for everybody --------
  const mine = new Set([...document.querySelectorAll("[data-mine][aria-pressed=true]")].map((it) => it.dataset.mine));
  const mark = (root) => {
    for (const button of root.querySelectorAll("[data-mine]")) {
      const isMine = mine.has(button.dataset.mine);
      button.setAttribute("aria-pressed", isMine);
      if (button.name === "on") button.setAttribute("value", isMine ? "0" : "1");
    }
    for (const line of root.querySelectorAll(`[data-by="${room.dataset.me}"]`)) line.classList.add("live__line--mine");
  };
  const choose = (button) => {
    const { mine: key } = button.dataset;
    if (button.name === "on" && button.value === "0") mine.delete(key);
    else if (button.name === "on") mine.add(key);
    else {
      for (const other of [...mine]) if (other.startsWith(`${key.split("-")[0]}-`)) mine.delete(other);
      mine.add(key);
    }
    mark(room);
  };

  // Only what has changed is exchanged: focus, selection and open menus stay ----------
  const exchange = (old, fresh) => {
    const known = new Map([...old.children].map((it) => [it.id, it]));
    let place = old.firstElementChild;
    for (const child of [...fresh.children]) {
      const same = known.get(child.id);
      known.delete(child.id);
      if (!same) old.insertBefore(child, place);
      else {
        if (same !== place) old.insertBefore(same, place);
        place = same.nextElementSibling;
        if (textOf(same) !== textOf(child)) replace(same, child);
      }
    }
    for (const gone of known.values()) gone.remove();
  };
  const textOf = (node) => node.outerHTML.replaceAll(" open=\"\"", "");
  const replace = (old, fresh) => {
    const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("formaction");
    old.replaceWith(fresh);
    if (focused) fresh.querySelector(`[formaction="${CSS.escape(focused)}"]`)?.focus();
  };
  const show = (html) => {
    const { body } = new DOMParser().parseFromString(html, "text/html");
    mark(body);
    for (const part of [...body.children]) {
      const old = document.getElementById(part.id);
      if (old) exchange(old, part);
    }
  };

  // Asking, and less often when it goes slowly ----------------------------------------
  const here = document.querySelector("[data-live-here]");
  const count = (number) => {
    if (!number || number === "0") return;
    here.hidden = false;
    here.querySelector("[data-live-number]").textContent = number;
  };
  const again = (ms) => {
    clearTimeout(timer);
    // Not all at the same moment.
    timer = setTimeout(ask, ms * (0.85 + 0.15 * Math.random()));
  };
  const later = (seconds) => {
    failures += 1;
    if (failures > 1) state.textContent = state.dataset.slow;
    const own = Math.min(LONGEST_MS, 2000 * 2 ** failures) * (0.5 + 0.5 * Math.random());
    again(Math.max(own, 1000 * (Number(seconds) || 0)));
  };
  const ask = async () => {
    try {
      const answer = await fetch(`${room.dataset.news}?after=${version}`, { headers: WHILE_TYPING });
      if (GONE.includes(answer.status) || answer.redirected) {
        state.textContent = state.dataset.gone;
        return;
      }
      if (!answer.ok) {
        later(answer.headers.get("Retry-After"));
        return;
      }
      if (answer.status === 200) show(await answer.text());
      version = answer.headers.get("X-Room-Version") ?? version;
      count(answer.headers.get("X-Room-Here"));
      failures = 0;
      if (state.textContent === state.dataset.slow) state.textContent = "";
      again(Number(answer.headers.get("X-Room-Wait")) || Number(room.dataset.wait));
    } catch {
      later();
    }
  };

  // Sending: what was typed stays until it was taken -----------------------------------
  const textsOf = (form) => [...form.querySelectorAll("input[type=text], textarea")];
  const clear = (form, sent, key) => {
    for (const field of textsOf(form)) {
      // What was typed meanwhile is the next message.
      if (field.value !== sent.get(field.name)) continue;
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const name = form.querySelector("[name$=form_key]");
    if (name && key) name.value = key;
  };
  const tell = (form, name, text) => {
    const place = form.querySelector(`[data-live-${name}]`);
    if (place) place.textContent = text;
    return Boolean(place);
  };
  const say = (form, text) => {
    if (!tell(form, "error", text)) state.textContent = text;
  };
  const post = async (form, button) => {
    const body = new FormData(form);
    if (button?.name) body.set(button.name, button.value);
    const url = button?.getAttribute("formaction") || form.getAttribute("action");
    say(form, "");
    tell(form, "told", "");
    const answer = await fetch(url, { method: "POST", body, headers: WHILE_TYPING });
    if (REFUSED.includes(answer.status)) {
      say(form, await answer.text());
      return;
    }
    if (GONE.includes(answer.status) || answer.redirected) {
      state.textContent = state.dataset.gone;
      return;
    }
    if (!answer.ok) throw new Error(answer.status);
    if (button?.dataset.mine) choose(button);
    if (form.hasAttribute("data-live-clears")) clear(form, body, answer.headers.get("X-Form-Key"));
    if (answer.status === 200) tell(form, "told", await answer.text());
    again(0);
  };
  const send = async (form, button) => {
    try {
      await post(form, button);
    } catch {
      say(form, state.dataset.unsent);
    }
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-live-form]")) return;
    event.preventDefault();
    await send(form, event.submitter);
    // `site.js` lets a form go once: here it stays, for the next message.
    form.removeAttribute("data-busy");
  });
  // Votes and the like share one form: each press counts, one after the other.
  let pressed = Promise.resolve();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[form=live-act]");
    if (!button) return;
    event.preventDefault();
    pressed = pressed.then(() => send(button.form, button));
  });

  mark(room);
  again(Number(room.dataset.wait));
})();
