"""Keeping what the night counted for a report."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from analytics.models import Figures


def keep(report: str, as_of: dt.date, count: Callable[[dt.date], Any]) -> Any:
    """Count and keep it for the page. An older day replaces no newer: it gives None."""
    if Figures.objects.filter(report=report, as_of__gt=as_of).exists():
        return None
    figures = count(as_of)
    Figures.objects.update_or_create(
        report=report,
        defaults={"as_of": as_of, "made_at": timezone.now(), "figures": figures},
    )
    return figures
