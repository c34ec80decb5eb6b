// Audio and video: go on where one stopped, at one's own speed.
(() => {
  const REPORT_EVERY_S = 15;

  const report = (player, media) => {
    const url = player.dataset.progressUrl;
    if (!url || !media.duration) return;
    const body = new FormData();
    body.set("position", Math.floor(media.currentTime));
    body.set("duration", Math.floor(media.duration));
    body.set("csrfmiddlewaretoken", player.dataset.token);
    fetch(url, { method: "POST", body, keepalive: true }).catch(() => {});
  };

  const JUMP_S = 10;

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

  const begin = (player) => {
    if (player.dataset.ready) return;
    player.dataset.ready = "1";
    const media = player.querySelector("video, audio");
    const speed = player.querySelector(".player__speed");
    // A hit of the search leads to the second where it is said.
    const asked = /^#t-(\d+)$/.exec(location.hash);
    let reported = Number(asked ? asked[1] : player.dataset.position) || 0;
    const cue = asked && document.getElementById(location.hash.slice(1));
    if (cue) {
      cue.closest("details").open = true;
      cue.scrollIntoView({ block: "center" });
    }

    media.addEventListener("loadedmetadata", () => {
      const nearEnd = media.duration - reported < 10;
      if (reported && !nearEnd) media.currentTime = reported;
    }, { once: true });
    media.addEventListener("timeupdate", () => {
      if (Math.abs(media.currentTime - reported) < REPORT_EVERY_S) return;
      reported = media.currentTime;
      report(player, media);
    });
    for (const name of ["pause", "ended"]) {
      media.addEventListener(name, () => report(player, media));
    }
    for (const link of document.querySelectorAll("[data-second]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        media.currentTime = Number(link.dataset.second);
        media.play();
      });
    }
    if (!speed) return;
    speed.hidden = false;
    const select = speed.querySelector("select");
    select.value = localStorage.getItem("speed") || "1";
    const apply = () => {
      media.playbackRate = Number(select.value) || 1;
      localStorage.setItem("speed", select.value);
    };
    select.addEventListener("change", apply);
    media.addEventListener("play", apply);
    listen(player, media, select);
  };

  const all = () => document.querySelectorAll(".player").forEach(begin);
  all();
  document.addEventListener("htmx:load", all);
})();
