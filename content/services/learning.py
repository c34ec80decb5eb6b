"""All that one member learns, on one page."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from content.models import Enrolment, Item, Lesson, LessonProgress

MOST = 200  # courses on the page


@dataclass(frozen=True)
class Learnt:
    """A course, and how far its learner is."""

    course: Item
    enrolment: Enrolment
    done: int
    total: int


def courses_of(member: User) -> list[Learnt]:
    """The courses that the member began and can still see, latest first."""
    mine = LessonProgress.objects.filter(member=member, done_at__isnull=False)
    of_course = {"section__item": OuterRef("item")}
    lessons = Lesson.objects.filter(**of_course)
    enrolments = (
        Enrolment.objects.filter(member=member, item__kind=Item.Kind.COURSE)
        .filter(item__in=Item.objects.readable_by(member))
        .select_related("item")
        .annotate(
            total=_how_many(lessons), done=_how_many(lessons.filter(progress__in=mine))
        )
        .order_by("-last_at")
    )
    return [
        Learnt(course=it.item, enrolment=it, done=it.done, total=it.total)
        for it in enrolments[:MOST]
    ]


def _how_many(lessons: QuerySet[Lesson]) -> Coalesce:
    counted = lessons.order_by().values("section__item").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)
