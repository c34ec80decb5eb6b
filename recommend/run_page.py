"""A run's numbers as the admin shows them."""

from typing import Any

from django.utils.translation import gettext as _

from recommend.models import RecommendRun
from recommend.weights import HALF_LIFE_DAYS, WEIGHTS


def about(run: RecommendRun) -> dict[str, Any]:
    """What templates/recommend/run.html needs."""
    quality = run.quality
    judged = []
    if "filter" in quality:
        names = {"filter": _("Each member's own list"), "popularity": _("Popularity")}
        judged = [{"name": names[key], **quality[key]} for key in names]
    return {
        "judged": judged,
        "tested": quality.get("tested", 0),
        "at": quality.get("at"),
        "held_out_days": quality.get("days"),
        "why": _(run.why) if run.why else "",
        "weights": list(WEIGHTS.items()),
        "half_life": HALF_LIFE_DAYS,
    }
