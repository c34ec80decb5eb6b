"""One lesson in several courses: written once, learnt and counted in each.

A copy has its own place, title and preview mark; what it says and plays is always what
the original says and plays. Quizzes and assignments belong to each course alone.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Manager, Max, Q, QuerySet

from accounts.models import User
from content.models import Captions, Item, Lesson, Picture, Section
from content.services.library import co_written

SHARED = ("kind", "minutes", "body", "body_html", "media", "chapters")


def lessons_to_take(course: Item, by: User) -> QuerySet[Lesson]:
    """Originals in the published courses of the same author that this person writes,
    too. Who writes beside somebody takes nothing of theirs into a course of their own:
    there it would open to others, and stay when they leave."""
    courses = Item.objects.live().courses().exclude(pk=course.pk)
    if not by.is_operator:
        courses = courses.filter(
            Q(author=by) | Q(pk__in=co_written(by)), author=course.author_id
        )
    lessons = Lesson.objects.filter(section__item__in=courses, shared_from=None)
    return lessons.select_related("section__item").order_by(
        *("section__item__title", "section__item_id"),
        *("section__position", "section_id", "position", "pk"),
    )


def next_place(rows: Manager[Any]) -> int:
    """The position behind all of them; there may be gaps where some were taken out."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


@transaction.atomic
def take(*, section: Section, lessons: Sequence[Lesson]) -> None:
    """Put a copy of each at the end of the section."""
    Item.objects.select_for_update().get(pk=section.item_id)
    # Held, or what is saved meanwhile would not reach the copies.
    held = Lesson.objects.select_for_update().in_bulk([it.pk for it in lessons])
    place = next_place(section.lessons)
    for position, original in enumerate((held[it.pk] for it in lessons), start=place):
        copy = Lesson(
            section=section,
            title=original.title,
            position=position,
            shared_from=original,
        )
        _say_the_same(copy, original)


def pass_on(original: Lesson) -> None:
    """Say in every copy what the original says now."""
    original = Lesson.objects.get(pk=original.pk)  # as it is now
    for copy in original.copies.select_for_update():
        _say_the_same(copy, original)


def _say_the_same(copy: Lesson, original: Lesson) -> None:
    for name in SHARED:
        setattr(copy, name, getattr(original, name))
    copy.save()
    copy.captions.all().delete()
    for it in original.captions.all():
        Captions.objects.create(
            lesson=copy,
            language=it.language,
            cues=it.cues,
            vtt=it.vtt,
            text=it.text,
        )


def copies_with(picture: Picture) -> QuerySet[Lesson]:
    """The copies, in other courses, in whose text a picture stands."""
    copies = Lesson.objects.filter(
        shared_from__section__item=picture.item_id,
        body_html__contains=picture.get_absolute_url(),
    )
    return copies.select_related("section__item__space")
