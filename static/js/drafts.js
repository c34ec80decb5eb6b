// Long texts survive a closed tab, a lost connection and a refused form: they stay
// in this browser, under the member's name, until the server has accepted them.
(() => {
  const member = document.body.dataset.member;
  if (!member) return;

  const PREFIX = `draft:${member}:`;
  const PENDING = "drafts-sent";
  const KEEP_MS = 30 * 24 * 3600 * 1000;

  const fields = (root) =>
    [...root.querySelectorAll("form[method=post] textarea[name]:not([data-draft=off])")];
  const keyOf = (field) => {
    const form = field.form;
    const action = new URL(form.getAttribute("action") || location.pathname, location.href);
    return `${PREFIX}${action.pathname}:${field.dataset.draft || field.name}`;
  };
  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };
  const write = (key, text) => {
    try {
      if (text.trim()) localStorage.setItem(key, JSON.stringify({ text, at: Date.now() }));
      else localStorage.removeItem(key);
    } catch {
      // Storage is full or forbidden: the page works as it would without drafts.
    }
  };
  const forget = (keys) => keys.forEach((key) => localStorage.removeItem(key));

  const sent = () => JSON.parse(sessionStorage.getItem(PENDING) || "[]");
  const settle = () => {
    // Whoever sent a form and now sees neither an error page nor an error beside a
    // field was accepted.
    const refused = document.querySelector("[data-refused], [aria-invalid=true], .form__errors");
    if (!refused) forget(sent());
    sessionStorage.removeItem(PENDING);
  };

  const restore = (root) => {
    for (const field of fields(root)) {
      const draft = read(keyOf(field));
      if (!draft || field.value.trim() || draft.text === field.value) continue;
      if (Date.now() - draft.at > KEEP_MS) forget([keyOf(field)]);
      else field.value = draft.text;
    }
  };

  try {
    settle();
    restore(document);
  } catch {
    return;
  }

  document.addEventListener("input", (event) => {
    if (fields(document).includes(event.target)) write(keyOf(event.target), event.target.value);
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.hasAttribute("hx-post")) return;
    const keys = fields(document).filter((f) => f.form === event.target).map(keyOf);
    if (keys.length) sessionStorage.setItem(PENDING, JSON.stringify(keys));
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form) form.draftKeys = fields(document).filter((f) => f.form === form).map(keyOf);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // The answer may have replaced the form; only the request still knows it.
    const form = event.detail.requestConfig.elt.closest("form");
    // Sent on to sign in again: what was written has not been accepted.
    const asked = new URL(event.detail.requestConfig.path, location.href).pathname;
    const answered = new URL(event.detail.xhr?.responseURL || asked, location.href).pathname;
    const refused = answered.startsWith("/accounts/login/");
    const status = event.detail.xhr?.status ?? 0; // 0: no network, no answer
    const isAccepted = status >= 200 && status < 400;
    if (form?.draftKeys && isAccepted && !refused) forget(form.draftKeys);
  });
  document.addEventListener("htmx:load", (event) => restore(event.detail.elt));
})();
