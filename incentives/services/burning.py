"""How a campaign uses what it has: day by day, and how long it will last."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from community.lib.charts import Chart, Point
from community.lib.dates import site_day, site_zone
from incentives.models import Award, Campaign, CampaignMember
from incentives.services.budgets import Forecast, forecast


@dataclass(frozen=True)
class Burning:
    given: int
    members: int
    forecast: Forecast | None


def burning(campaign: Campaign) -> dict[str, Any]:
    """What the page of the campaign shows below its terms."""
    days = _given_by_day(campaign)
    return {
        "campaign": campaign,
        "burning": _now(campaign, days),
        "chart": _chart(campaign, days) if days else None,
        "trial": campaign.hold_outs.first(),
    }


def _given_by_day(campaign: Campaign) -> Counter[dt.date]:
    found: Counter[dt.date] = Counter()
    awards = Award.objects.filter(
        family__in=campaign.rules.values("family"), undone_at=None, points__gt=0
    )
    gifts = CampaignMember.objects.filter(campaign=campaign, points__gt=0)
    for rows, moment in ((awards, "awarded_at"), (gifts, "at")):
        by_day = rows.order_by().values(day=TruncDate(moment, tzinfo=site_zone()))
        for row in by_day.annotate(total=Sum("points")):
            found[row["day"]] += row["total"]
    return found


def _now(campaign: Campaign, days: Counter[dt.date]) -> Burning:
    return Burning(
        given=days.total(),
        members=campaign.members.count(),
        forecast=forecast(campaign.budget) if campaign.budget else None,
    )


def _chart(campaign: Campaign, days: Counter[dt.date]) -> Chart:
    """What was given, added up from the start to today or to the end."""
    first = min([*days, site_day(campaign.started_at)])
    last = site_day(campaign.ended_at or timezone.now())
    dates = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    totals = accumulate(days[day] for day in dates)
    points = [
        Point(f"{day:%m-%d}", total) for day, total in zip(dates, totals, strict=True)
    ]
    return Chart(_("Points given so far"), points, axis=_("Day"), unit=_("points"))
