// The composer: what is typed is kept by the server every few seconds, and in this
// browser until the server has it; pictures are pasted; marks are a press away.
(() => {
  const form = document.getElementById("composer");
  const member = document.body.dataset.member;
  if (!form || !member) return;

  const KEEP_AFTER_MS = 3000;
  const status = document.getElementById("kept");
  const notice = document.getElementById("local-copy");
  const key = `compose:${member}:${form.dataset.of}`;
  const fields = [...form.querySelectorAll("textarea[name], input[type=text][name]:not(#id_alt), input[type=date][name], input[type=url][name], input[type=number][name]")];
  const base = form.elements.base;
  const LONG = "textarea:not(#id_summary)"; // in Markdown
  let area = form.querySelector(LONG) || fields[0];
  let timer = 0;
  let typed = 0; // how often something was typed, to know what an answer is about

  const texts = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const say = (text) => {
    status.textContent = text;
  };

  // In this browser ---------------------------------------------------------------
  const local = {
    read() {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write() {
      try {
        localStorage.setItem(key, JSON.stringify({ base: base.value, texts: texts() }));
      } catch {
        // Storage is full or forbidden: the server still keeps it.
      }
    },
    forget() {
      try {
        localStorage.removeItem(key);
      } catch {
        // As above.
      }
    },
  };
  const same = (one, other) => (one ?? "").trim() === (other ?? "").trim();

  const offer = () => {
    const copy = local.read();
    if (!copy) return;
    if (fields.every((field) => same(copy.texts[field.name], field.value))) {
      local.forget();
      return;
    }
    notice.hidden = false;
    notice.querySelector("[data-take]").addEventListener("click", () => {
      for (const field of fields) field.value = copy.texts[field.name] ?? field.value;
      // It was begun from that state: if somebody saved since, both are shown.
      base.value = copy.base;
      notice.hidden = true;
      changed();
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    notice.querySelector("[data-leave]").addEventListener("click", () => {
      local.forget();
      notice.hidden = true;
    });
  };

  // On the server -----------------------------------------------------------------
  const keep = async () => {
    const about = typed;
    const body = new FormData(form);
    body.delete("picture");
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, keepalive: true });
      if (answer.redirected) return say(form.dataset.saidEnded);
      if (answer.status === 403) return say(form.dataset.saidRefused);
      if (!answer.ok) return say(form.dataset.saidLocal);
      const kept = await answer.json();
      if (about === typed) local.forget();
      return say(kept.changed ? form.dataset.saidChanged : `${form.dataset.saidKept} ${kept.at}`);
    } catch {
      return say(form.dataset.saidLocal);
    }
  };
  const changed = () => {
    typed += 1;
    local.write();
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_AFTER_MS);
  };
  form.addEventListener("input", (event) => {
    // What stands in the notice is older than what is typed now: it stays offered.
    if (fields.includes(event.target) && notice.hidden) changed();
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  addEventListener("online", () => local.read() && notice.hidden && keep());

  // Into the text -----------------------------------------------------------------
  form.addEventListener("focusin", (event) => {
    if (event.target.matches(LONG)) area = event.target;
  });
  const insert = (text, caret = text.length) => {
    const start = area.selectionStart;
    area.setRangeText(text, start, area.selectionEnd, "end");
    area.selectionStart = area.selectionEnd = start + caret;
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const around = (before, after) => {
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
    insert(before + chosen + after, before.length + chosen.length);
  };
  const atLineStart = (mark) => {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    area.selectionStart = area.selectionEnd = start;
    insert(mark);
  };
  const toLineEnd = () => {
    const end = area.value.indexOf("\n", area.selectionEnd);
    area.selectionStart = area.selectionEnd = end < 0 ? area.value.length : end;
  };
  const KEYS = { b: "**", i: "*" };
  form.addEventListener("keydown", (event) => {
    const isMark = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const key = event.key.toLowerCase();
    if (!isMark || event.isComposing || !event.target.matches(LONG)) return;
    if (key === "k") around("[", "](https://)");
    else if (KEYS[key]) around(KEYS[key], KEYS[key]);
    else return;
    event.preventDefault();
  });
  const footnote = () => {
    const numbers = [...area.value.matchAll(/\[\^(\d+)\]/g)].map((found) => Number(found[1]));
    const next = Math.max(0, ...numbers) + 1;
    insert(`[^${next}]`);
    const caret = area.selectionStart;
    area.value = `${area.value.trimEnd()}\n\n[^${next}]: `;
    area.selectionStart = area.selectionEnd = area.value.length;
    if (caret) area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const toolbar = form.querySelector(".toolbar");
  toolbar.hidden = false;
  toolbar.addEventListener("click", (event) => {
    const mark = event.target.closest("button")?.dataset;
    if (!mark) return;
    if (mark.around) around(mark.around, mark.after ?? mark.around);
    else if (mark.before) atLineStart(mark.before);
    else if (mark.insert) insert(mark.insert);
    else footnote();
  });

  // Pictures ----------------------------------------------------------------------
  const alt = document.getElementById("id_alt");
  const chooser = document.getElementById("id_picture");
  const sendPicture = async (file) => {
    say(form.dataset.saidSending);
    const body = new FormData();
    body.set("picture", file, file.name || "pasted.png");
    body.set("alt", alt.value);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(form.dataset.picture, { method: "POST", body });
      if (answer.redirected || answer.status === 403) return say(form.dataset.saidEnded);
      const made = await answer.json();
      if (!answer.ok) return say(made.error);
      toLineEnd(); // not into what a picture before it says
      if (alt.value) insert(`\n${made.markdown}\n`);
      else insert(`\n${made.markdown}\n`, "\n![".length);
      const said = alt.value ? "" : form.dataset.saidAlt;
      alt.value = "";
      return say(said);
    } catch {
      return say(form.dataset.saidLocal);
    }
  };
  const pictureIn = (data) => [...(data?.files ?? [])].find((file) => file.type.startsWith("image/"));
  for (const name of ["paste", "drop"]) {
    form.addEventListener(name, (event) => {
      const file = event.target.matches(LONG) && pictureIn(event.clipboardData ?? event.dataTransfer);
      if (!file) return;
      event.preventDefault();
      area = event.target;
      sendPicture(file);
    });
  }
  form.querySelector("[name=add_picture]").hidden = true; // chosen is sent
  chooser.addEventListener("change", () => {
    if (!chooser.files.length) return;
    sendPicture(chooser.files[0]).then(() => {
      chooser.value = "";
    });
  });

  offer();
})();
