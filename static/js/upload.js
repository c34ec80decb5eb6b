// A chosen file is sent in pieces while the form is filled in, and the form then names
// it instead of carrying it. A line that breaks costs one piece: the server is asked
// how much it has, and the rest follows. The words are those of tus 1.0.
(() => {
  const FIRST = 256 * 1024;
  const LEAST = 64 * 1024;
  const MOST = 8 * 1024 * 1024; // what the server takes at once
  const QUICK_MS = 2000;
  const SLOW_MS = 8000;
  const STALLED_MS = 60_000;
  const LONGEST_WAIT_MS = 30_000;

  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const base64 = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

  const begin = (form) => {
    const box = form.querySelector("[data-upload]");
    const chooser = form.querySelector("input[type=file]");
    const named = form.elements.upload; // the file that has come before the form
    const part = (what) => box.querySelector(`[data-upload-${what}]`);
    const progress = part("progress").querySelector("progress");
    const token = form.elements.csrfmiddlewaretoken.value;
    let sending = null; // the upload at work; only it may touch the page
    let held = null; // the button that was pressed before the file was here

    chooser.after(box);
    box.hidden = false;

    // On the page -----------------------------------------------------------------
    const say = (what, more = "") => {
      const also = held && what !== "saidDone" ? box.dataset.saidHeld : "";
      const text = what ? `${box.dataset[what]} ${more} ${also}`.trim() : "";
      // Put there again, it would be read out again.
      if (part("status").textContent !== text) part("status").textContent = text;
    };
    const show = (upload) => {
      const share = upload.size ? upload.offset / upload.size : 0;
      progress.value = share;
      part("name").textContent = upload.file.name;
      part("share").textContent = `${Math.floor(100 * share)} %`;
      part("progress").hidden = false;
      part("buttons").hidden = false;
      part("pause").hidden = upload.state !== "sending";
      part("go").hidden = upload.state !== "paused";
    };
    const complain = (error) => {
      part("error").textContent = error;
      chooser.setAttribute("aria-invalid", "true");
      chooser.setAttribute("aria-describedby", "upload-error");
    };
    const clear = () => {
      part("error").textContent = "";
      chooser.removeAttribute("aria-invalid");
      part("progress").hidden = part("buttons").hidden = true;
      say("");
    };

    // To the server ---------------------------------------------------------------
    const ask = async (upload, method, address, headers, body) => {
      const stalled = setTimeout(() => upload.request?.abort(), STALLED_MS);
      upload.request = new AbortController();
      try {
        return await fetch(address, {
          method,
          body,
          headers: { "X-CSRFToken": token, "Tus-Resumable": "1.0.0", ...headers },
          redirect: "manual", // to where one signs in
          signal: upload.request.signal,
        });
      } catch {
        return null; // no line
      } finally {
        clearTimeout(stalled);
      }
    };
    const announce = (upload) => {
      const { file } = upload;
      const told = { name: file.name, kind: form.elements.kind.value, modified: String(file.lastModified) };
      const metadata = Object.entries(told).map(([key, value]) => `${key} ${base64(value)}`);
      return ask(upload, "POST", form.dataset.uploadTo, {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Length": String(file.size),
        "Upload-Metadata": metadata.join(","),
      });
    };
    const send = async (upload) => {
      const began = Date.now();
      const piece = upload.file.slice(upload.offset, upload.offset + upload.piece);
      const answer = await ask(upload, "PATCH", upload.address, {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": String(upload.offset),
      }, piece);
      const took = Date.now() - began;
      if (answer?.ok && took < QUICK_MS) upload.piece = Math.min(2 * upload.piece, MOST);
      if (!answer?.ok || took > SLOW_MS) upload.piece = Math.max(upload.piece / 2, LEAST);
      return answer;
    };
    const next = (upload) => {
      if (!upload.address) return announce(upload);
      // After a break only the server knows what has come.
      if (upload.isUnsure) return ask(upload, "HEAD", upload.address);
      return send(upload);
    };

    // What the answer means: whether to go on at once, later, or not at all -----------
    const isSent = (upload, answer) => {
      const offset = Number(answer.headers.get("Upload-Offset"));
      const quarter = Math.floor((4 * offset) / upload.size); // more often would disturb
      if (answer.status === 201) {
        upload.address = answer.headers.get("Location");
        part(`row="${upload.address.split("/").at(-2)}"`)?.remove();
        say(offset ? "saidGoesOn" : "saidSending");
      } else if (upload.isWaiting || quarter > upload.quarter) {
        say("saidSending", quarter ? `${25 * quarter} %` : "");
      }
      upload.quarter = quarter;
      upload.offset = offset;
      upload.isUnsure = upload.isWaiting = false;
      upload.breaks = 0;
      show(upload);
      return offset === upload.size;
    };
    const stop = (upload, state, what) => {
      upload.state = state;
      held = null;
      show(upload);
      say(what);
    };
    const refuse = async (upload, answer) => {
      const told = await answer.json().catch(() => ({}));
      stop(upload, "refused", "");
      clear();
      complain(told.error ?? box.dataset.saidEnded);
    };
    const waitForLine = async (upload) => {
      upload.isUnsure = upload.isWaiting = true;
      say("saidWaiting");
      const longest = Math.min(1000 * 2 ** upload.breaks++, LONGEST_WAIT_MS);
      const over = new AbortController();
      const { signal } = over;
      const line = new Promise((done) => addEventListener("online", done, { signal }));
      await Promise.race([wait(longest), line]);
      over.abort();
    };

    const run = async (upload) => {
      upload.state = "sending";
      upload.run = {};
      const { run: own } = upload;
      const isOn = () => sending === upload && upload.run === own && upload.state === "sending";
      while (isOn()) {
        const answer = await next(upload);
        if (!isOn()) return;
        const status = answer?.status;
        if (answer?.ok) {
          if (isSent(upload, answer)) return finish(upload);
        } else if (status === 409) {
          upload.isUnsure = true; // another tab was quicker
        } else if (status === 404) {
          return stop(upload, "ended", "saidEnded");
        } else if (status === 401 || status === 403 || answer?.type === "opaqueredirect") {
          return stop(upload, "paused", "saidRefused");
        } else if (status === 400 || status === 415 || status === 422) {
          return refuse(upload, answer);
        } else {
          await waitForLine(upload);
        }
      }
    };
    const finish = (upload) => {
      upload.state = "done";
      named.value = upload.address.split("/").at(-2);
      chooser.required = false;
      show(upload);
      say("saidDone");
      if (held) submit();
    };

    // By the reader ---------------------------------------------------------------
    const submit = () => {
      const button = held;
      held = null;
      form.requestSubmit(button);
    };
    const start = () => {
      sending?.request?.abort();
      sending = held = null;
      named.value = "";
      clear();
      const [file] = chooser.files;
      if (!file) return;
      sending = { file, size: file.size, offset: 0, quarter: 0, piece: FIRST, breaks: 0, state: "sending" };
      show(sending);
      say("saidSending");
      run(sending);
    };
    const pause = () => {
      stop(sending, "paused", "saidPaused");
      sending.request?.abort();
      part("go").focus();
    };
    const goOn = () => {
      sending.isUnsure = Boolean(sending.address);
      sending.isWaiting = true;
      run(sending);
      show(sending);
      part("pause").focus();
    };
    const remove = (address) => fetch(address, {
      method: "DELETE",
      headers: { "X-CSRFToken": token },
      redirect: "manual",
    }).catch(() => {}); // what stays ends by itself
    const end = () => {
      const { address } = sending;
      chooser.value = "";
      start();
      if (address) remove(address);
      chooser.focus();
    };

    chooser.addEventListener("change", start);
    form.elements.kind.addEventListener("change", () => {
      // It was refused as what the form said before.
      if (sending?.state === "refused") start();
    });
    part("pause").addEventListener("click", pause);
    part("go").addEventListener("click", goOn);
    part("end").addEventListener("click", end);
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-upload-drop]");
      if (!button) return;
      remove(button.dataset.uploadDrop);
      button.closest("li").remove();
      chooser.focus();
    });
    form.addEventListener("submit", (event) => {
      if (!sending || sending.state === "done") {
        chooser.disabled = Boolean(sending); // what is named is not sent as well
        return;
      }
      event.preventDefault();
      form.removeAttribute("data-busy");
      if (sending.state === "refused" || sending.state === "ended") {
        complain(part("error").textContent || box.dataset.saidChosen);
        chooser.focus();
        return;
      }
      held = event.submitter;
      if (sending.state === "paused") goOn();
      say("saidSending");
    });
    addEventListener("pageshow", () => {
      chooser.disabled = false;
    });
    // A browser that fills in what stood here before the page was loaded anew.
    named.value = named.defaultValue;
    if (named.value) {
      // The form was refused for something else.
      chooser.required = false;
      part(`row="${named.value}"`)?.remove();
      say("saidDone");
    }
  };

  document.querySelectorAll("form[data-upload-to]").forEach(begin);
})();
