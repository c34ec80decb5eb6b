"""The editorial desk: what waits for review, what goes out when, what grows old."""

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Field, User, Verb
from content.models import EditorialStep, Item, OutdatedFlag, Revision
from content.services.tags import slug_meant

VIEW_DAYS = 28
MOST_ROWS = 200
# After these steps somebody has read it as it was then.
LOOKED = [EditorialStep.Act.ACCEPTED, EditorialStep.Act.CHECKED]


def queue(*, show: str = "", editor: User | None = None) -> QuerySet[Item]:
    """What waits for an editor, whoever waits longest first: all of it, what nobody
    has taken ("free"), or what this editor looks at ("mine")."""
    handed_in = EditorialStep.objects.filter(
        item=OuterRef("pk"), act=EditorialStep.Act.SUBMITTED
    ).order_by("-at")
    waiting = Item.objects.filter(
        state__in=[Item.State.SUBMITTED, Item.State.IN_REVIEW]
    )
    if show == "free":
        waiting = waiting.filter(reviewer=None)
    if show == "mine":
        waiting = waiting.filter(reviewer=editor)
    since = Coalesce(Subquery(handed_in.values("at")[:1]), "created_at")
    found = waiting.select_related("author", "reviewer").annotate(waits_since=since)
    return found.order_by("waits_since", "pk")


def remarks_after_review() -> QuerySet[EditorialStep]:
    """What was said lately of items that are live: nobody else would see it."""
    since = timezone.now() - dt.timedelta(days=VIEW_DAYS)
    return (
        EditorialStep.objects.filter(
            act=EditorialStep.Act.COMMENTED, item__state=Item.State.LIVE, at__gt=since
        )
        .select_related("item", "member")
        .order_by("-at")[:20]
    )


def changed_after_review() -> QuerySet[Item]:
    """Live items whose authors wrote on after an editor had looked: to look again."""
    looked = EditorialStep.objects.filter(item=OuterRef("pk"), act__in=LOOKED)
    saved = Revision.objects.filter(
        Q(item=OuterRef("pk")) | Q(lesson__section__item=OuterRef("pk")),
        author__isnull=False,
        created_at__gt=OuterRef("looked_at"),
    )
    known = EditorialStep.objects.filter(act__in=LOOKED).values("item")
    items = Item.objects.filter(state=Item.State.LIVE, pk__in=known).annotate(
        looked_at=Subquery(looked.order_by("-at").values("at")[:1]),
        changed_at=Subquery(saved.order_by("-created_at").values("created_at")[:1]),
    )
    found = items.filter(changed_at__isnull=False).select_related("author")
    return found.order_by("-changed_at")[:MOST_ROWS]


# The calendar ---------------------------------------------------------------------


@dataclass
class Day:
    date: dt.date
    out: list[Item] = field(default_factory=list)
    due: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Week:
    days: list[Day]

    @property
    def is_empty(self) -> bool:
        """Nothing goes out in it: a gap to be filled."""
        return not any(day.out for day in self.days)


@dataclass(frozen=True)
class Month:
    first: dt.date
    weeks: list[Week]

    @property
    def before(self) -> dt.date:
        return (self.first - dt.timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> dt.date:
        return (self.first + dt.timedelta(days=31)).replace(day=1)


def month_of(first: dt.date) -> Month:
    """Whole weeks around a month: what goes or went out, what is to be checked."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    days = {date: Day(date) for week in weeks for date in week}
    start, end = min(days), max(days) + dt.timedelta(days=1)
    live = Item.objects.filter(state=Item.State.LIVE).select_related("author")
    live = live.exclude(kind=Item.Kind.MATERIAL)
    published = live.filter(
        published_at__gte=_midnight(start), published_at__lt=_midnight(end)
    )
    for item in published.order_by("published_at"):
        days[timezone.localdate(item.published_at)].out.append(item)
    due = live.filter(review_by__gte=start, review_by__lt=end)
    for item in due.order_by("title"):
        days[cast(dt.date, item.review_by)].due.append(item)
    return Month(first, [Week([days[date] for date in week]) for week in weeks])


@dataclass(frozen=True)
class Share:
    """How much of one field of knowledge there is; None: what has none."""

    field: Field | None
    out: int
    live: int


def balance_of(month: Month) -> list[Share]:
    """What goes or went out in the month, and all there is, by field: also those of
    which there is nothing."""
    out, live = _counted_as(month, "items__"), _live_now("items__")
    fields = Field.objects.annotate(
        out=Count("items", filter=out), live=Count("items", filter=live)
    )
    shares = [Share(field, field.out, field.live) for field in fields]
    others = Item.objects.filter(field=None).aggregate(
        out=Count("pk", filter=_counted_as(month)),
        live=Count("pk", filter=_live_now()),
    )
    return [*shares, Share(None, others["out"], others["live"])]


def _counted_as(month: Month, prefix: str = "") -> Q:
    start, end = _midnight(month.first), _midnight(month.after)
    return _named(prefix, published_at__gte=start, published_at__lt=end)


def _live_now(prefix: str = "") -> Q:
    return _named(prefix, published_at__lte=timezone.now())


def _named(prefix: str, **asked: Any) -> Q:
    asked["state"] = Item.State.LIVE
    listed = ~Q(**{f"{prefix}kind": Item.Kind.MATERIAL})
    return listed & Q(**{f"{prefix}{name}": value for name, value in asked.items()})


def _midnight(date: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(date, dt.time.min))


# What grows old -------------------------------------------------------------------


@dataclass(frozen=True)
class Ageing:
    """An item, how often it was opened lately, and since when nobody checked it."""

    item: Item
    views: int
    age_days: int
    flags: list[OutdatedFlag]


# One pass over the window of the log; a lesson that was opened is a view of its course.
# Each factor is one more than was counted, so that none of them wipes out the others.
AGEING = """
WITH views AS (
    SELECT coalesce(section.item_id, activity.object_id) AS item_id, count(*) AS number
      FROM accounts_activity AS activity
      LEFT JOIN content_lesson AS lesson
             ON activity.object_kind = 'lesson' AND lesson.id = activity.object_id
      LEFT JOIN content_section AS section ON section.id = lesson.section_id
     WHERE activity.at >= %(since)s AND activity.verb = %(viewed)s
       AND (activity.object_kind = 'item' OR section.item_id IS NOT NULL)
     GROUP BY 1
), flags AS (
    SELECT item_id, count(*) AS number FROM content_outdatedflag
     WHERE closed_at IS NULL GROUP BY 1
), ages AS (
    SELECT id, review_by, greatest(%(today)s - coalesce(
               checked_on, (published_at AT TIME ZONE %(zone)s)::date), 0) AS days
      FROM content_item
     WHERE state = 'live' AND published_at <= %(now)s AND kind <> 'material'
)
SELECT ages.id, coalesce(views.number, 0), ages.days
  FROM ages
  LEFT JOIN views ON views.item_id = ages.id
  LEFT JOIN flags ON flags.item_id = ages.id
 WHERE (%(all)s OR ages.review_by <= %(today)s OR flags.number > 0)
   AND (%(items)s::bigint[] IS NULL OR ages.id = ANY(%(items)s::bigint[]))
 ORDER BY (1 + coalesce(views.number, 0)) * (1 + ages.days / 30.0)
          * (1 + coalesce(flags.number, 0)) DESC, ages.id
"""


class AgeingList(Sequence[Ageing]):
    """All of them are weighed; only what is shown is fetched."""

    def __init__(self, weighed: list[tuple[int, int, int]]) -> None:
        self.weighed = weighed

    def __len__(self) -> int:
        return len(self.weighed)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return _filled(self.weighed[at])
        return _filled([self.weighed[at]])[0]


def ageing(*, only_due: bool = False, tag: str = "") -> AgeingList:
    """What to look at next: views × age × flags, the weightiest first."""
    now = timezone.now()
    tagged = Item.objects.filter(tags__slug=slug_meant(tag)) if tag else None
    with connection.cursor() as cursor:
        cursor.execute(
            AGEING,
            {
                "since": now - dt.timedelta(days=VIEW_DAYS),
                "viewed": Verb.VIEWED.value,
                "now": now,
                "today": timezone.localdate(),
                "zone": settings.TIME_ZONE,
                "all": not only_due,
                "items": None
                if tagged is None
                else [it.pk for it in tagged.only("pk")],
            },
        )
        return AgeingList(cursor.fetchall())


def _filled(weighed: list[tuple[int, int, int]]) -> list[Ageing]:
    numbers = [pk for pk, _views, _days in weighed]
    items = Item.objects.select_related("author").in_bulk(numbers)
    flags = _open_flags(numbers)
    return [Ageing(items[pk], views, days, flags[pk]) for pk, views, days in weighed]


def _open_flags(items: list[int]) -> dict[int, list[OutdatedFlag]]:
    flags: dict[int, list[OutdatedFlag]] = defaultdict(list)
    waiting = OutdatedFlag.objects.filter(closed_at=None, item__in=items)
    for flag in waiting.select_related("member").order_by("created_at"):
        flags[flag.item_id].append(flag)
    return flags
