// A quiz that is taken: what is not saved is saved again, and a timed one says how
// much time is left and hands itself in at the end. Without it the page still works;
// the server's clock decides.
(() => {
  const form = document.querySelector("form[data-quiz]");
  if (!form) return;
  const AGAIN_MS = 10_000;
  const status = document.getElementById("answers-saved");
  let isUnsaved = false;
  let isSent = false;

  const saveAgain = () => {
    if (isUnsaved && !isSent) form.dispatchEvent(new Event("change"));
  };
  const note = () => {
    isUnsaved = true;
    status.textContent = form.dataset.unsaved;
    setTimeout(saveAgain, AGAIN_MS);
  };
  form.addEventListener("htmx:sendError", note);
  form.addEventListener("htmx:responseError", note);
  form.addEventListener("htmx:beforeSwap", (event) => {
    // Sent on to sign in again: nothing was saved.
    const answered = new URL(event.detail.xhr.responseURL).pathname;
    isUnsaved = answered !== location.pathname;
    if (!isUnsaved) return;
    event.detail.shouldSwap = false;
    note();
  });
  addEventListener("online", saveAgain);
  addEventListener("beforeunload", (event) => {
    if (isUnsaved && !isSent) event.preventDefault();
  });
  // What is handed in holds all: nothing is saved behind it any more.
  form.addEventListener("submit", () => { isSent = true; });
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (isSent) event.preventDefault();
  });
  addEventListener("pageshow", () => { isSent = false; });

  const clock = document.querySelector("[data-seconds-left]");
  if (!clock) return;
  // Counted from here, as the clock of this machine may be wrong.
  const end = Date.now() + 1000 * Number(clock.dataset.secondsLeft);
  const shown = clock.querySelector("[data-left]");
  const said = clock.querySelector("[data-said]");
  const SAID_AT = [[300, "fiveMinutes"], [60, "oneMinute"]]; // seconds
  let before = Number(clock.dataset.secondsLeft);

  const written = (seconds) => {
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    if (!parts[0]) parts.shift();
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
  };
  const handIn = () => {
    if (isSent) return;
    if (!navigator.onLine) {
      said.textContent = form.dataset.unsaved;
      addEventListener("online", handIn, { once: true });
      return;
    }
    form.requestSubmit();
  };
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    shown.textContent = written(left);
    for (const [at, name] of SAID_AT) {
      if (left <= at && before > at) said.textContent = clock.dataset[name];
    }
    before = left;
    if (left) return;
    clearInterval(ticking);
    said.textContent = clock.dataset.over;
    handIn();
  };
  const ticking = setInterval(tick, 1000);
  tick();
})();
