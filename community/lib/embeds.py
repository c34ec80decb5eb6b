"""Players of other sites that a text may show, by the address of the film.

Nothing is asked of those sites until a reader presses play: a page holds a link, and
the script beside it makes the player. The policy of the pages names the same hosts.
"""

import re

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
