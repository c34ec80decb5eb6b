// Long texts survive a closed tab, a lost connection and a refused form: they stay
// in this browser, under the member's name, until the server has accepted them.
(() => {
  const member = document.body.dataset.member;
  if (!member) return;

  const PREFIX = `draft:${member}:`;
  const PENDING = "drafts-sent";
  const KEEP_MS = 30 * 24 * 3600 * 1000;

  const fields = (root) =>
    [...root.querySelectorAll("form[method=post]:not(#composer) :is(textarea[name], input[data-draft], select[data-draft]):not([data-draft=off])")];
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

  // The server sets this cookie with its answer that it took what was sent under a key.
  const taken = () => document.cookie.match(/(?:^|; )draft_taken=([^;]*)/)?.[1];
  const settle = () => {
    const sent = JSON.parse(sessionStorage.getItem(PENDING));
    // Neither an error page nor the way through signing in again tells that.
    if (sent?.key && sent.key === taken()) forget(sent.keys);
    sessionStorage.removeItem(PENDING);
  };

  const seen = new WeakSet();
  const same = (one, other) => one.trim() === other.trim();
  const take = (field, text) => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };
  const offer = (field, text) => {
    const piece = document.getElementById("notice-draft").content.cloneNode(true);
    const notice = piece.firstElementChild;
    notice.querySelector("[data-take]").addEventListener("click", () => take(field, text));
    notice.querySelector("[data-leave]").addEventListener("click", () => forget([keyOf(field)]));
    notice.addEventListener("click", (event) => event.target.closest("button") && notice.remove());
    field.before(notice);
  };
  // There is always something chosen; what was chosen last goes with the words beside it.
  const choose = (field, value) => {
    if ([...field.options].some((option) => option.value === value)) field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const restore = (root) => {
    for (const field of fields(root)) {
      const draft = read(keyOf(field));
      if (!draft || seen.has(field)) continue;
      seen.add(field);
      const isOver = Date.now() - draft.at > KEEP_MS || same(draft.text, field.value);
      if (isOver) forget([keyOf(field)]);
      else if (field.tagName === "SELECT") choose(field, draft.text);
      else if (field.value.trim()) offer(field, draft.text);
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
    if (!keys.length) return;
    const key = String(Date.now()) + Math.random().toString(36).slice(2);
    sessionStorage.setItem(PENDING, JSON.stringify({ key, keys }));
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: "draft_key", value: key });
    event.target.append(input);
    setTimeout(() => input.remove());
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form) form.draftKeys = fields(document).filter((f) => f.form === form).map(keyOf);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // The answer may have replaced the form; only the request still knows it.
    const form = event.detail.requestConfig.elt.closest("form");
    // Sent on to sign in again: what was written has not been accepted.
    const refused = event.detail.xhr?.getResponseHeader("HX-Redirect");
    const status = event.detail.xhr?.status ?? 0; // 0: no network, no answer
    const isAccepted = status >= 200 && status < 400;
    if (form?.draftKeys && isAccepted && !refused) forget(form.draftKeys);
  });
  document.addEventListener("htmx:load", (event) => restore(event.detail.elt));
})();
