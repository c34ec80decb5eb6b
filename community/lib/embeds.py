"""Players of other sites that a text may show, by the address of the film.

Nothing is asked of those sites until a reader presses play: a page holds a link, and
the script beside it makes the player. The policy of the pages names the same hosts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

# The pages of a film, and the player that shows it.
_PLAYERS: tuple[tuple[str, str], ...] = (
    (
        r"https://www\.bilibili\.com/video/(BV[0-9A-Za-z]{10})/?(?:\?[^\s]*)?",
        "https://player.bilibili.com/player.html?autoplay=0&bvid={}",
    ),
    (
        r"https://(?:www\.youtube\.com/watch\?v=|youtu\.be/)([0-9A-Za-z_-]{11})",
        "https://www.youtube-nocookie.com/embed/{}",
    ),
    (
        r"https://vimeo\.com/([0-9]{6,12})",
        "https://player.vimeo.com/video/{}?dnt=1",
    ),
    (
        r"https://v\.qq\.com/x/page/([0-9A-Za-z]{11})\.html",
        "https://v.qq.com/txp/iframe/player.html?vid={}",
    ),
    (
        r"https://v\.youku\.com/v_show/id_([0-9A-Za-z=]{8,24})\.html",
        "https://player.youku.com/embed/{}",
    ),
)
_PAGES = tuple((re.compile(page), player) for page, player in _PLAYERS)
HOSTS = sorted({"/".join(player.split("/")[:3]) for _, player in _PLAYERS})


def player_of(address: str) -> str | None:
    """The address of the player; None for what is no film of a site on the list."""
    for page, player in _PAGES:
        if found := page.fullmatch(address):
            return player.format(found[1])
    return None


def is_player(address: str) -> bool:
    """Whether it is one that `player_of` gives, and nothing else."""
    return any(
        re.fullmatch(re.escape(player).replace(r"\{\}", "[0-9A-Za-z_=-]+"), address)
        for _, player in _PLAYERS
    )


# What runs now ------------------------------------------------------------------

_STREAMS: tuple[tuple[str, str], ...] = (
    (
        r"https://www\.youtube\.com/live/([0-9A-Za-z_-]{11})(?:\?[^\s]*)?",
        "https://www.youtube-nocookie.com/embed/{}",
    ),
    (
        r"https://live\.bilibili\.com/([0-9]{1,12})/?(?:\?[^\s]*)?",
        "https://www.bilibili.com/blackboard/live/live-activity-player.html?cid={}",
    ),
    (r"https://vimeo\.com/event/([0-9]{1,12})", "https://vimeo.com/event/{}/embed"),
    (r"https://meet\.jit\.si/([0-9A-Za-z_-]{1,120})", "https://meet.jit.si/{}"),
)
_ROOM = re.compile(r"/[0-9A-Za-z_-]{1,120}")
_FILM = re.compile(r"(/[0-9A-Za-z_.-]+)+\.(m3u8|mp4|webm)")


@dataclass(frozen=True)
class Stream:
    """Where something runs, and whether a page shows it: in a frame, as a film, or
    as a link to where it is."""

    how: Literal["frame", "film", "link"]
    address: str

    @property
    def origin(self) -> str:
        return "/".join(self.address.split("/")[:3])

    @property
    def is_playlist(self) -> bool:
        """HLS, which not every browser plays."""
        return self.how == "film" and self.address.endswith(".m3u8")


def stream_of(address: str, own_hosts: Iterable[str] = ()) -> Stream | None:
    """What to show for the address of a meeting or a stream.

    A frame only for the sites on the list; on `own_hosts`, servers of one's own, a
    film or a stream is played and anything else is a room of Jitsi. Whatever is not
    known is a link, as meetings are that open in a program of their own (Tencent
    Meeting, Zoom).
    """
    if not address.startswith("https://"):
        return None
    for page, player in _STREAMS:
        if found := re.fullmatch(page, address):
            return Stream("frame", player.format(found[1]))
    if player_address := player_of(address):
        return Stream("frame", player_address)
    host, _, path = address.removeprefix("https://").partition("/")
    if host in own_hosts and _FILM.fullmatch(f"/{path}"):
        return Stream("film", address)
    if host in own_hosts and _ROOM.fullmatch(f"/{path}"):
        return Stream("frame", address)
    return Stream("link", address)
