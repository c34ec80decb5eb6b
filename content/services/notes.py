"""What learners write down beside lessons, each for themselves."""

from django.utils import timezone

from accounts.models import User
from content.models import Item, Lesson, LessonNote


def save_note(*, member: User, lesson: Lesson, text: str) -> None:
    """The one note of this member on this lesson; an empty one is taken away."""
    if not text:
        LessonNote.objects.filter(member=member, lesson=lesson).delete()
        return
    LessonNote.objects.update_or_create(
        member=member,
        lesson=lesson,
        defaults={"text": text, "saved_at": timezone.now()},
    )


def notes_on(course: Item, member: User) -> list[LessonNote]:
    """The member's notes in the order of the lessons."""
    notes = LessonNote.objects.filter(member=member, lesson__section__item=course)
    section, lesson = "lesson__section__", "lesson__"
    return list(
        notes.select_related("lesson").order_by(
            *(f"{section}position", f"{section}id", f"{lesson}position", "lesson_id")
        )
    )
