// Comforts of the talk; without it all of them still work, with a page in between.
(() => {
  // Into the text -----------------------------------------------------------------
  const areaOf = (form) => form?.querySelector("textarea[name=body]");
  const insert = (area, text) => {
    const before = area.value.slice(0, area.selectionStart);
    const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    area.setRangeText(gap + text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  };

  // Quotes: of what is selected in a post, or of all of it, beside what is typed ------
  const selectedIn = (post) => {
    const chosen = getSelection();
    const body = post.querySelector(".post__body");
    if (!body || chosen.isCollapsed || !body.contains(chosen.anchorNode) || !body.contains(chosen.focusNode)) return "";
    return chosen.toString().trim();
  };
  const head = (post) => {
    const name = post.querySelector(".post__author").textContent.replace(/[\\[\]`*_<&!@]/g, "\\$&");
    const page = new URLSearchParams(location.search).get("page");
    return `> [${name}](${location.pathname}${page ? `?page=${page}` : ""}#${post.id}):\n>\n`;
  };
  const quoted = (text) => text.split("\n").map((line) => `> ${line}\n`).join("") + "\n";
  const answer = (form, post) => {
    if (form.elements.reply_to) return;
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: "reply_to", value: post.id.replace("post-", "") });
    form.append(input);
  };
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-quote]");
    const form = document.getElementById("reply");
    const area = areaOf(form);
    if (!link || !area || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const post = link.closest(".post");
    const words = selectedIn(post);
    try {
      let text = words && head(post) + quoted(words);
      if (!text) {
        const asked = await fetch(`/posts/${link.dataset.quote}/quote/?as=text`, { headers: { "X-While-Typing": "1" } });
        if (!asked.ok || asked.redirected) throw new Error(asked.status);
        text = await asked.text();
      }
      answer(form, post);
      insert(area, text);
    } catch {
      // The page does it. What was typed is kept by js/drafts.js and offered there.
      location.href = link.href;
    }
  });

  document.addEventListener("click", (event) => {
    const panel = event.target.closest("[data-close-more]")?.closest(".post__more");
    if (!panel) return;
    panel.replaceChildren();
    panel.closest(".post__actions").querySelector(`[hx-target="#${panel.id}"]`)?.focus();
  });

  // Who may be meant: buttons below the text, which Tab reaches from it ---------------
  const BEGUN = /(?:^|[^A-Za-z0-9_@./+-])@([\p{L}\p{N}_.+-]{1,40})$/u;
  const THINKING_MS = 250;
  let thinking = 0;
  const begun = (area) => area.value.slice(0, area.selectionStart).match(BEGUN)?.[1];
  const suggest = (area, box, people) => {
    box.replaceChildren(...people.map(({ handle, name }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "button button--small", textContent: name === handle ? `@${handle}` : `${name} @${handle}` });
      button.addEventListener("click", () => {
        const typed = begun(area) ?? "";
        area.setRangeText(`${handle} `, area.selectionStart - typed.length, area.selectionStart, "end");
        area.dispatchEvent(new Event("input", { bubbles: true }));
        area.focus();
      });
      return button;
    }));
    box.hidden = !people.length;
  };
  document.addEventListener("input", (event) => {
    const area = event.target;
    const box = area.closest?.("form")?.querySelector("[data-people]");
    if (!box || area !== areaOf(area.form)) return;
    clearTimeout(thinking);
    const typed = begun(area);
    if (!typed) return suggest(area, box, []);
    thinking = setTimeout(async () => {
      try {
        const asked = await fetch(`${box.dataset.people}?q=${encodeURIComponent(typed)}`, { headers: { "X-While-Typing": "1" } });
        if (asked.ok && begun(area) === typed) suggest(area, box, (await asked.json()).people);
      } catch {
        // A comfort less: the handle can be typed.
      }
    }, THINKING_MS);
  });

  // Pictures and files: pasted, dropped or chosen ------------------------------------
  const send = async (form, file) => {
    const area = areaOf(form);
    const status = form.querySelector("[data-file-status]");
    const say = (text) => {
      status.textContent = text ?? "";
    };
    say(status.dataset.saidSending);
    const body = new FormData();
    body.set("file", file, file.name || "pasted.png");
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answered = await fetch(form.dataset.files, { method: "POST", body, headers: { "X-While-Typing": "1" } });
      if (answered.redirected || [401, 403].includes(answered.status)) return say(status.dataset.saidEnded);
      const made = await answered.json();
      if (!answered.ok) return say(made.error);
      insert(area, `${made.markdown}\n`);
      return say("");
    } catch {
      return say(status.dataset.saidLocal);
    }
  };
  const formOf = (target) => target.closest?.("form[data-files]");
  for (const name of ["paste", "drop"]) {
    document.addEventListener(name, (event) => {
      const form = formOf(event.target);
      const brought = event.clipboardData ?? event.dataTransfer;
      const files = [...(brought?.files ?? [])];
      if (!form || event.target !== areaOf(form) || !files.length) return;
      if (brought.types.includes("text/plain")) return; // words with a picture of them
      event.preventDefault();
      files.reduce((before, file) => before.then(() => send(form, file)), Promise.resolve());
    });
  }
  document.addEventListener("change", async (event) => {
    const form = formOf(event.target);
    if (!form || event.target.type !== "file" || !event.target.files.length) return;
    const [file] = event.target.files;
    event.target.value = ""; // what stands in the text is not sent as well
    await send(form, file);
  });

  // What is new, asked for while somebody looks --------------------------------------
  const EVERY_MS = 20_000;
  let isOver = false; // signed out, or the topic is gone
  let asked = Date.now();
  const poll = () => {
    const news = document.getElementById("news");
    if (!news || isOver || document.hidden || Date.now() - asked < EVERY_MS - 1000) return;
    asked = Date.now();
    htmx.trigger(news, "poll");
  };
  setInterval(poll, EVERY_MS);
  document.addEventListener("visibilitychange", poll);
  // Nobody pressed anything: a lost line is no news, and the next time may be better.
  for (const name of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      if (event.target.id !== "news") return;
      event.stopPropagation();
      if ([401, 403, 404].includes(event.detail.xhr?.status)) isOver = true;
    }, true);
  }
})();
