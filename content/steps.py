"""This app's part of the night."""

import datetime as dt

from community.lib.dates import site_day
from community.lib.steps import Step
from content.services import (
    post_files,
    quality,
    rendering,
    room,
    search_index,
    searches,
    surveys,
    uploads,
)


def rate_items(as_of: dt.date) -> dict[str, int]:
    return {
        "items": quality.update_all(),
        "levels reached": quality.tell_reached(),
        "levels lost": quality.tell_lost(),
    }


def sweep_search(as_of: dt.date) -> dict[str, int]:
    return {
        "mended": search_index.sweep(),
        "words": search_index.count_words(),
        "forgotten": searches.forget(site_day()),
    }


def render_old(as_of: dt.date) -> dict[str, int]:
    return {"changed": rendering.render_old()}


def tidy_uploads(as_of: dt.date) -> dict[str, int]:
    return {
        "lapsed": uploads.drop_lapsed(),
        "strays": uploads.drop_strays(),
        "not posted": post_files.drop_unused(),
        "measured": room.measure(),
    }


def ask_members(as_of: dt.date) -> dict[str, int]:
    return {"occasions": surveys.ask_after_recent(), "drawn": surveys.draw(as_of)}


STEPS = [
    Step("quality", rate_items, "Counts the library's takers and weighs its stars."),
    Step("rendering", render_old, "Renders anew what an older version rendered."),
    Step("search", sweep_search, "Mends what search has missed, counts its words."),
    Step("uploads", tidy_uploads, "Removes what came in part, measures drafts' files."),
    Step("surveys", ask_members, "Draws by lot who is asked how satisfied they are."),
]
