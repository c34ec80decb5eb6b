from django.utils.formats import date_format
from django.utils.translation import gettext as _

from community.lib.charts import Chart, Point
from incentives.services.trials import Trial


def chart_of(trial: Trial) -> Chart | None:
    """Points a day, where a trial gave any."""
    if not trial.by_day:
        return None
    return Chart(
        title=_("Points a day"),
        points=[
            Point(date_format(day, "MONTH_DAY_FORMAT"), points)
            for day, points in trial.by_day
        ],
        axis=_("day"),
        unit=_("points"),
        kind="bars",
    )
