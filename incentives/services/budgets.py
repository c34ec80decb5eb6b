"""What may be given out, in the ledger: paid from an account that never goes below
zero. Whoever pays out of a budget takes from `kind_of(budget, at)`."""

import datetime as dt
import statistics
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Entry, User
from accounts.services import audit, ledger
from accounts.services.held import HOUSE
from accounts.services.ledger import POINTS, SHARDS, Line
from community.lib.dates import site_day, site_zone, start_of
from incentives.models import Budget, BudgetPeriod

FUNDED = "budget"
# What money budgets are made of: what the house has decided to give, negative.
GIVEN = "budgets given"
# Below this a shard would be empty too soon to be worth having.
WORTH_A_SHARD = 100
# A forecast looks back so long, and wants at least so many days.
LOOKS_BACK, FEWEST_DAYS = 28, 7


def kind_of(budget: Budget, at: dt.datetime | None = None) -> str:
    """The ledger account of the period that `at` lies in; filled when first asked."""
    at = at or timezone.now()
    kind = _name(budget, at)
    if not BudgetPeriod.objects.filter(kind=kind).exists():
        _period(budget, at)
    return kind


def left(budget: Budget, at: dt.datetime | None = None) -> int:
    kind = _name(budget, at or timezone.now())
    if not BudgetPeriod.objects.filter(kind=kind).exists():
        return budget.amount
    return ledger.house_balance(kind=kind, unit=budget.unit)


@transaction.atomic
def fund(budget: Budget, by: User | None = None) -> None:
    """Bring this period to the budget's amount, after it was made or changed.

    Lowered, it gives back what is still there: what is given out stays given.
    """
    _fill(budget, _period(budget, timezone.now()))
    if by:
        audit.record(
            act="funded",
            actor=by,
            target=budget,
            amount=budget.amount,
            unit=budget.unit,
        )


def _period(budget: Budget, at: dt.datetime) -> BudgetPeriod:
    with transaction.atomic():
        period, made = BudgetPeriod.objects.get_or_create(
            kind=_name(budget, at),
            defaults={"budget": budget, "starts_on": _first_day(budget, at)},
        )
        if made:
            _fill(budget, period)
    return period


def _name(budget: Budget, at: dt.datetime) -> str:
    first = _first_day(budget, at)
    label = {
        Budget.Every.NONE: "all",
        Budget.Every.WEEK: f"{first:%G-W%V}",
        Budget.Every.MONTH: f"{first:%Y-%m}",
    }[Budget.Every(budget.every)]
    return f"budget:{budget.pk}:{label}"


def _first_day(budget: Budget, at: dt.datetime) -> dt.date:
    day = site_day(at)
    if budget.every == Budget.Every.WEEK:
        return day - dt.timedelta(days=day.weekday())
    if budget.every == Budget.Every.MONTH:
        return day.replace(day=1)
    return site_day(budget.created_at)


def _fill(budget: Budget, period: BudgetPeriod) -> None:
    period = BudgetPeriod.objects.select_for_update().get(pk=period.pk)
    more = budget.amount - period.funded
    if more < 0:
        more = -min(-more, ledger.house_balance(kind=period.kind, unit=budget.unit))
    if more == 0:
        return
    period.funded += more
    period.revision += 1
    period.save()
    giver = HOUSE if budget.unit == POINTS else GIVEN
    ledger.post(
        key=f"{period.kind}:{period.revision}",
        unit=budget.unit,
        cause=FUNDED,
        lines=[*_spread(period.kind, more), Line(giver, -more)],
    )


def _spread(kind: str, amount: int) -> list[Line]:
    """A large sum over all shards, so that many draw from it at once."""
    if amount < SHARDS * WORTH_A_SHARD:
        return [Line(kind, amount, shard=0 if amount > 0 else None)]
    each, rest = divmod(amount, SHARDS)
    return [Line(kind, each + (shard < rest), shard=shard) for shard in range(SHARDS)]


def spent_by_day(budget: Budget, since: dt.date | None = None) -> dict[dt.date, int]:
    """{day: what was paid out of it, less what came back}, without idle days."""
    spent = Entry.objects.filter(
        account__member=None,
        account__kind__startswith=f"budget:{budget.pk}:",
        account__unit=budget.unit,
    ).exclude(transfer__cause=FUNDED)
    if since:
        spent = spent.filter(transfer__at__gte=start_of(since))
    days = spent.annotate(day=TruncDate("transfer__at", tzinfo=site_zone()))
    rows = days.values("day").annotate(amount=-Sum("amount")).order_by("day")
    return {row["day"]: row["amount"] for row in rows if row["amount"]}


@dataclass(frozen=True)
class Forecast:
    """When what is left will be gone at the pace of the last weeks.

    `day` is None while there is too little to go by, or nothing is being spent;
    `latest` is None when it may as well last for ever.
    """

    left: int
    days_seen: int
    per_day: float = 0
    day: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None


def forecast(budget: Budget, now: dt.datetime | None = None) -> Forecast:
    """The mean of the last whole days, give or take two standard errors of it."""
    now = now or timezone.now()
    today = site_day(now)
    first = max(today - dt.timedelta(days=LOOKS_BACK), site_day(budget.created_at))
    seen, rest = (today - first).days, left(budget, now)
    if seen < FEWEST_DAYS:
        return Forecast(rest, seen)
    spent = spent_by_day(budget, first)
    days = [spent.get(first + dt.timedelta(days=n), 0) for n in range(seen)]
    pace = statistics.fmean(days)
    if pace <= 0:
        return Forecast(rest, seen)
    margin = 2 * statistics.stdev(days) / seen**0.5
    return Forecast(
        left=rest,
        days_seen=seen,
        per_day=pace,
        day=_gone(today, rest, pace),
        earliest=_gone(today, rest, pace + margin),
        latest=_gone(today, rest, pace - margin),
    )


def _gone(today: dt.date, rest: int, pace: float) -> dt.date | None:
    """None: later than anybody plans."""
    if pace <= 0 or rest / pace > 36_500:
        return None
    return today + dt.timedelta(days=int(rest / pace))
