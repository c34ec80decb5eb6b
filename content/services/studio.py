"""What the courses a mentor writes, alone or with others, did, and what waits: a query
each."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import User, Verb
from content.models import Cohort, Item, Topic
from content.services.cohorts import guided_by
from content.services.writing import written_by

REACH_DAYS = 28
MOST_COURSES = 100
LATEST = (F("published_at").desc(nulls_first=True), F("pk").desc())
MOST_QUESTIONS = 20


@dataclass(frozen=True)
class CourseRow:
    """A course and its figures; `reach` counts members who opened it or a lesson."""

    course: Item
    learners: int
    completed: int
    reach: int


@dataclass(frozen=True)
class Studio:
    courses: list[CourseRow]
    questions: list[Topic]
    written: QuerySet[Item]
    cohorts: list[Cohort]

    @property
    def learners(self) -> int:
        return sum(row.learners for row in self.courses)

    @property
    def completed(self) -> int:
        return sum(row.completed for row in self.courses)


def studio_of(author: User) -> Studio:
    return Studio(
        courses=_courses(author),
        questions=_questions(author),
        written=_written(author),
        cohorts=list(guided_by(author)),
    )


def _written(author: User) -> QuerySet[Item]:
    """Alone or with others: what is not out yet first, then the latest."""
    items = written_by(author).exclude(kind=Item.Kind.MATERIAL)
    return items.order_by(*LATEST)


def _courses(author: User) -> list[CourseRow]:
    """The ones being written first, then the latest published."""
    courses = written_by(author).courses()
    counted = courses.annotate(
        learners=Count("enrolments"),
        completed=Count("enrolments", filter=Q(enrolments__done_at__isnull=False)),
    ).order_by("-published_at", "-pk")[:MOST_COURSES]
    reach = reach_of(author, since=timezone.now() - dt.timedelta(days=REACH_DAYS))
    return [
        CourseRow(
            course=course,
            learners=course.learners,
            completed=course.completed,
            reach=reach.get(course.pk, 0),
        )
        for course in counted
    ]


# The log has no index but the time: one pass over the window for all courses at once.
REACH = """
WITH written AS (
    SELECT id FROM content_item WHERE author_id = %(author)s
     UNION
    SELECT item_id FROM content_coauthor WHERE member_id = %(author)s
), opened AS (
    SELECT 'item' AS kind, id AS object_id, id AS item_id FROM written
     UNION ALL
    SELECT 'lesson', lesson.id, section.item_id
      FROM content_lesson AS lesson
      JOIN content_section AS section ON section.id = lesson.section_id
      JOIN written ON written.id = section.item_id
)
SELECT opened.item_id, count(DISTINCT activity.member_id)
  FROM accounts_activity AS activity
  JOIN opened ON opened.kind = activity.object_kind
             AND opened.object_id = activity.object_id
 WHERE activity.at >= %(since)s AND activity.verb = %(viewed)s
   AND activity.member_id <> %(author)s
 GROUP BY opened.item_id
"""


def reach_of(author: User, *, since: dt.datetime) -> dict[int, int]:
    """{course: how many different members opened it or one of its lessons}."""
    with connection.cursor() as cursor:
        cursor.execute(
            REACH, {"author": author.pk, "since": since, "viewed": Verb.VIEWED.value}
        )
        return dict(cursor.fetchall())


def _questions(author: User) -> list[Topic]:
    """Nobody has answered them; the one that waits longest first."""
    waiting = Topic.objects.filter(
        item__in=written_by(author),
        kind=Topic.Kind.QUESTION,
        reply_count=0,
        hidden_at=None,
        closed_at=None,
    ).exclude(author=author)
    return list(
        waiting.select_related("author", "item").order_by("created_at")[:MOST_QUESTIONS]
    )
