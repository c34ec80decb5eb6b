// Small comforts of every page; without it all of them still work.
(() => {
  const BUSY_AT_MOST = 10_000;

  // A form is sent once, however often its button is pressed.
  const release = (form) => form?.removeAttribute("data-busy");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.hasAttribute("data-busy")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.setAttribute("data-busy", "");
    setTimeout(() => release(form), BUSY_AT_MOST);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    release(event.detail.requestConfig.elt.closest("form"));
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-busy]").forEach(release);
  });

  // What is destructive asks once. Without this the server asks, on a page of its own:
  // it is told that nobody need be asked again.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (!question) return;
    if (!confirm(question)) {
      event.preventDefault();
      release(event.target);
      return;
    }
    const sure = document.createElement("input");
    Object.assign(sure, { type: "hidden", name: "sure", value: "1" });
    event.target.append(sure);
    setTimeout(() => sure.remove());
  });

  // The key "/" leads to the search box, here or on its own page.
  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || writes || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const box = document.querySelector('[role="search"] input[type="search"]');
    if (box) box.focus();
    else document.querySelector("[data-search]")?.click();
  });

  // An open menu closes on Escape and on a click elsewhere.
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    openMenus().forEach((menu) => menu.contains(event.target) || (menu.open = false));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    openMenus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // What only a script can do is offered where there is one.
  const offer = (root) => {
    const share = root.querySelector("[data-share]");
    if (share) share.hidden = !navigator.share;
    root.querySelectorAll("[data-copy]").forEach((button) => {
      button.hidden = !navigator.clipboard;
    });
  };
  offer(document);
  document.addEventListener("htmx:load", (event) => offer(event.detail.elt));
  document.addEventListener("click", async (event) => {
    const share = event.target.closest("[data-share]");
    if (share) {
      const { title, share: url } = share.dataset;
      // Whoever closes the sheet has changed their mind: that is no error.
      await navigator.share({ title, url }).catch(() => {});
    }
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    const field = document.getElementById(copy.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    copy.querySelector("span").textContent = copy.dataset.done;
  });

  // htmx asked and nobody answered: say so, and that nothing was lost.
  const tell = (name) => {
    const notice = document.getElementById(name)?.content.cloneNode(true);
    if (notice) document.getElementById("messages").replaceChildren(notice);
  };
  document.addEventListener("htmx:sendError", () => tell("notice-offline"));
  document.addEventListener("htmx:responseError", () => tell("notice-error"));

  // Filters apply themselves where htmx does not already do it.
  document.addEventListener("change", (event) => {
    event.target.closest("form[data-autosubmit]")?.requestSubmit();
  });
})();

// A film of another site is asked for when a reader presses play, and not before.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-player]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const player = document.createElement("iframe");
  player.src = link.dataset.player;
  player.title = link.textContent;
  player.allow = "fullscreen; picture-in-picture";
  player.referrerPolicy = "strict-origin-when-cross-origin";
  link.replaceWith(player);
});
