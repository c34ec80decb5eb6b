// Audio and video: go on where one stopped, at one's own speed.
(() => {
  const TELL_EVERY_MS = 15000;
  const MEND_EVERY_MS = 60000;
  const WANDER_EVERY_MS = 40000;
  const PLACES = 4;
  const JUMP_S = 10;

  // Time is booked by the server's clock: `begins` says that none has passed yet.
  const tell = (player, media, begins) => {
    const url = player.dataset.progressUrl;
    if (!url || !media.duration) return;
    const body = new FormData();
    body.set("position", Math.floor(media.currentTime));
    if (begins) body.set("begins", "1");
    body.set("csrfmiddlewaretoken", player.dataset.token);
    fetch(url, { method: "POST", body, keepalive: true }).catch(() => {});
  };

  const toggleCaptions = (media) => {
    const [track] = media.textTracks;
    if (track) track.mode = track.mode === "showing" ? "hidden" : "showing";
  };

  const changeSpeed = (select, by) => {
    const place = select.selectedIndex + by;
    if (!select.options[place]) return;
    select.selectedIndex = place;
    select.dispatchEvent(new Event("change"));
  };

  const KEYS = {
    k: (media) => (media.paused ? media.play() : media.pause()),
    j: (media) => { media.currentTime -= JUMP_S; },
    l: (media) => { media.currentTime += JUMP_S; },
    m: (media) => { media.muted = !media.muted; },
    c: toggleCaptions,
    "<": (media, select) => changeSpeed(select, -1),
    ">": (media, select) => changeSpeed(select, 1),
  };

  // Only while the keyboard is in the player: elsewhere the same keys mean letters.
  const listen = (player, media, select) => {
    player.addEventListener("keydown", (event) => {
      const act = KEYS[event.key.toLowerCase()];
      const isCombined = event.ctrlKey || event.metaKey || event.altKey;
      if (!act || isCombined || event.target === select) return;
      event.preventDefault();
      act(media, select);
    });
    player.querySelector(".player__keys").hidden = false;
  };

  // A hit of the search leads to the second where it is said.
  const asked = (player) => {
    const found = location.hash.match(/^#(t\d*)-(\d+)$/);
    if (!found || found[1] !== player.dataset.anchor) return null;
    const cue = document.getElementById(location.hash.slice(1));
    if (cue) {
      cue.closest("details").open = true;
      cue.scrollIntoView({ block: "center" });
    }
    return Number(found[2]);
  };

  const goOn = (player, media) => {
    const second = asked(player) ?? (Number(player.dataset.position) || 0);
    const jump = () => {
      const isNearEnd = media.duration - second < 10;
      if (second && !isNearEnd) media.currentTime = second;
    };
    if (media.readyState > 0) jump();
    else media.addEventListener("loadedmetadata", jump, { once: true });
  };

  const report = (player, media) => {
    let toldAt = 0;
    const now = (begins) => {
      toldAt = Date.now();
      tell(player, media, begins);
    };
    media.addEventListener("play", () => now(true));
    media.addEventListener("pause", () => now(false));
    media.addEventListener("timeupdate", () => {
      if (!media.paused && Date.now() - toldAt >= TELL_EVERY_MS) now(false);
    });
    addEventListener("pagehide", () => { if (!media.paused) now(false); });
  };

  // An address of a store ends after a while: ours, asked anew, leads to another.
  const mend = (media) => {
    let mendedAt = 0;
    media.addEventListener("error", () => {
      const second = media.currentTime;
      if (!second || Date.now() - mendedAt < MEND_EVERY_MS) return;
      mendedAt = Date.now();
      const wasPlaying = !media.paused;
      media.addEventListener("loadedmetadata", () => {
        media.currentTime = second;
        if (wasPlaying) media.play();
      }, { once: true });
      media.load();
    });
  };

  // The transcript and the chapters, which without scripts lead into the file itself.
  const lead = (player, media) => {
    const near = player.closest("[data-playing]") || player;
    for (const link of near.querySelectorAll("[data-second]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        media.currentTime = Number(link.dataset.second);
        media.play();
      });
    }
  };

  const keepSpeed = (media, select) => {
    select.value = localStorage.getItem("speed") || "1";
    const apply = () => {
      media.playbackRate = Number(select.value) || 1;
      localStorage.setItem("speed", select.value);
    };
    select.addEventListener("change", apply);
    media.addEventListener("play", apply);
  };

  // In a full screen of its own a film would leave its code behind: both go together.
  const fill = (player, media) => {
    const button = player.querySelector(".player__full");
    if (!button || !document.fullscreenEnabled || !media.controlsList) return;
    media.controlsList.add("nofullscreen");
    button.hidden = false;
    button.addEventListener("click", () => media.parentElement.requestFullscreen());
  };

  // The code wanders, or one strip would cover it all the time.
  const wander = (mark) => {
    if (!mark || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const wandering = setInterval(() => {
      if (!mark.isConnected) clearInterval(wandering); // its page was swapped out
      mark.dataset.place = (Number(mark.dataset.place) + 1) % PLACES;
    }, WANDER_EVERY_MS);
  };

  const begin = (player) => {
    if (player.dataset.ready) return;
    player.dataset.ready = "1";
    const media = player.querySelector("video, audio");
    const speed = player.querySelector(".player__speed");
    const select = speed.querySelector("select");
    speed.hidden = false;
    goOn(player, media);
    report(player, media);
    mend(media);
    lead(player, media);
    fill(player, media);
    wander(player.querySelector(".player__mark"));
    keepSpeed(media, select);
    listen(player, media, select);
  };

  const all = () => document.querySelectorAll(".player").forEach(begin);
  all();
  document.addEventListener("htmx:load", all);
})();
