// At the door, where the network may be bad: a check-in that does not get through is
// kept on this device and sent when it can be; the list is searched without asking.
// Twice is once for the server, so nothing is lost by sending again.
(() => {
  const list = document.querySelector("[data-door]");
  if (!list) return;
  const KEY = `door ${location.pathname}`;
  const AGAIN_MS = 15_000;

  const kept = () => JSON.parse(localStorage.getItem(KEY) || "[]");
  const keep = (paths) => localStorage.setItem(KEY, JSON.stringify(paths));
  const formOf = (path) => list.querySelector(`form[action="${CSS.escape(path)}"]`);

  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const forget = (path) => keep(kept().filter((it) => it !== path));
  const note = (form) => {
    form.querySelector("button").disabled = true;
    form.querySelector("[data-kept]").hidden = false;
  };
  const show = (row, text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById(row.id);
    const count = page.querySelector("[data-door-count]");
    if (count) document.querySelector("[data-door-count]").replaceWith(count);
    if (fresh) row.replaceWith(fresh);
    else location.reload();
  };

  const send = async (path) => {
    const form = formOf(path); // none where the list shows others
    try {
      const body = new URLSearchParams({ csrfmiddlewaretoken: token });
      const answer = await fetch(path, { method: "POST", body });
      const isGone = answer.status === 403 || answer.status === 404;
      // Sent on to sign in again, or a server in trouble: it stays kept.
      const isDone = answer.ok && new URL(answer.url).pathname === location.pathname;
      if (!isDone && !isGone) throw new Error(String(answer.status));
      forget(path);
      if (form) show(form.closest("li"), await answer.text());
    } catch {
      keep([...new Set([...kept(), path])]);
      if (form) note(form);
    }
  };
  const sendKept = async () => {
    for (const path of kept()) await send(path);
  };

  list.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-in]")) return;
    event.preventDefault();
    send(event.target.getAttribute("action"));
  });
  // What only the server knows would lead away from the list, to nothing.
  const offline = document.querySelector("[data-door-offline]");
  const sayWhether = () => { offline.hidden = navigator.onLine; };
  document.addEventListener("submit", (event) => {
    if (navigator.onLine || !event.target.matches("[data-asks-server]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.removeAttribute("data-busy"); // `site.js` would hold it for a while
  }, true);
  addEventListener("offline", sayWhether);
  addEventListener("online", sayWhether);
  sayWhether();
  addEventListener("online", sendKept);
  setInterval(() => { if (navigator.onLine) sendKept(); }, AGAIN_MS);
  sendKept();

  const words = document.getElementById("q");
  words.addEventListener("input", () => {
    const sought = words.value.trim().toLowerCase();
    for (const row of list.children) {
      row.hidden = !row.textContent.toLowerCase().includes(sought);
    }
  });
})();
