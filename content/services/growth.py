"""How a person has grown here: skills, contributions, courses.

What somebody learned is told to themselves and to those who guide them; what they gave
to others is told as far as the reader may read it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from taggit.models import TaggedItem

from accounts.models import Title, User
from accounts.services.titles import borne_by
from community.lib.charts import Chart, Point
from community.lib.dates import site_day
from content.models import AcceptedAnswer, Enrolment, Item, Post, Topic
from content.services.writing import written_by

MONTHS = 12
MOST_SKILLS = 12
MOST_COURSES = 50


@dataclass(frozen=True)
class Skill:
    name: str
    slug: str
    taught: int
    learned: int


@dataclass(frozen=True)
class Growth:
    titles: list[Title]
    skills: list[Skill]
    topics: int
    replies: int
    accepted: int
    thanks: int
    published: int
    welcomed: int
    months: Chart
    courses: list[Enrolment]


def growth_of(person: User, reader: User, *, with_learning: bool) -> Growth:
    """A constant number of queries, whatever the person has done."""
    posts = Post.objects.filter(
        author=person, hidden_at=None, topic__in=Topic.objects.visible_to(reader)
    )
    marks = AcceptedAnswer.objects.filter(post=OuterRef("pk"))
    counts = posts.aggregate(
        topics=Count("pk", filter=Q(number=1)),
        replies=Count("pk", filter=Q(number__gt=1)),
        accepted=Count("pk", filter=Exists(marks)),
        thanks=Sum("like_count", default=0),
    )
    readable = Item.objects.readable_by(reader).listed()
    published = readable.filter(pk__in=written_by(person).values("pk"))
    published_ids = list(published.values_list("pk", flat=True))
    courses = _courses(person) if with_learning else []
    return Growth(
        titles=borne_by(person),
        skills=_skills(published_ids, [it.item_id for it in courses if it.done_at]),
        published=len(published_ids),
        welcomed=person.greetings.exclude(done_at=None).count(),
        months=_months(posts),
        courses=courses,
        **counts,
    )


def _courses(person: User) -> list[Enrolment]:
    begun = person.enrolments.select_related("item").order_by("-started_at", "-pk")
    return list(begun[:MOST_COURSES])


def _skills(taught: Iterable[int], learned: Iterable[int]) -> list[Skill]:
    """Subjects by how often they were taught here, then by how often learned."""
    taught, learned = Counter(taught), Counter(learned)
    pairs = TaggedItem.objects.filter(
        content_type=ContentType.objects.get_for_model(Item),
        object_id__in=[*taught, *learned],
    ).values_list("tag__name", "tag__slug", "object_id")
    gave: Counter[tuple[str, str]] = Counter()
    got: Counter[tuple[str, str]] = Counter()
    for name, slug, item in pairs:
        gave[name, slug] += taught[item]
        got[name, slug] += learned[item]
    skills = [Skill(*tag, gave[tag], got[tag]) for tag in gave]
    skills.sort(key=lambda it: (-it.taught, -it.learned, it.name))
    return skills[:MOST_SKILLS]


def _months(posts: QuerySet[Post]) -> Chart:
    this = site_day().replace(day=1)
    first = this - relativedelta(months=MONTHS - 1)
    counted = (
        posts.annotate(month=TruncMonth("created_at"))
        .filter(created_at__date__gte=first)
        .values_list("month")
        .annotate(number=Count("pk"))
    )
    numbers = {(it.year, it.month): number for it, number in counted}
    months = [first + relativedelta(months=number) for number in range(MONTHS)]
    return Chart(
        title=_("Posts in the last twelve months"),
        points=[_point(month, numbers) for month in months],
        axis=_("Month"),
        unit=_("posts"),
        kind="bar",
    )


def _point(month: dt.date, numbers: dict[tuple[int, int], int]) -> Point:
    number = numbers.get((month.year, month.month), 0)
    return Point(date_format(month, "YEAR_MONTH_FORMAT"), number)
