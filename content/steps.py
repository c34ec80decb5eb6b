"""This app's part of the night."""

import datetime as dt

from community.lib.dates import site_day
from community.lib.steps import Step
from content.services import quality, search_index, searches


def rate_items(as_of: dt.date) -> dict[str, int]:
    return {"items": quality.update_all(), "levels reached": quality.tell_reached()}


def sweep_search(as_of: dt.date) -> dict[str, int]:
    return {
        "mended": search_index.sweep(),
        "words": search_index.count_words(),
        "forgotten": searches.forget(site_day()),
    }


STEPS = [
    Step("quality", rate_items, "Counts the library's takers and weighs its stars."),
    Step("search", sweep_search, "Mends what search has missed, counts its words."),
]
