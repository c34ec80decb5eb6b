"""This app's part of the night."""

import datetime as dt

from community.lib.steps import Step
from content.services import quality


def rate_items(as_of: dt.date) -> dict[str, int]:
    return {"items": quality.update_all()}


STEPS = [
    Step("quality", rate_items, "Counts the library's takers and weighs its stars."),
]
