"""Beginning an item and its outline: what the studio's forms do."""

from collections.abc import Sequence
from functools import partial
from secrets import token_hex
from typing import Any, TypeVar

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from accounts.models import Space, User
from accounts.services.members import hold_members
from content.errors import LessonInUse, NotAllowedNow, TooManyDrafts
from content.models import (
    Attempt,
    CoAuthor,
    Event,
    HandedIn,
    Item,
    ItemFile,
    Lesson,
    LessonProgress,
    Section,
    Upload,
)
from content.models.items import ItemQuerySet
from content.services import durations, room, uploads
from content.services.items import drop_cover
from content.services.questions import makers_of
from content.services.reuse import next_place, pass_on
from content.services.tags import set_tags

MOST_DRAFTS = 50
Row = TypeVar("Row", Section, Lesson, CoAuthor, ItemFile)


def hold_item(item: Item) -> Item:
    """The item's row is the lock for its outline, its authors and its way."""
    return Item.objects.select_for_update(of=("self",)).get(pk=item.pk)


def written_by(member: User) -> ItemQuerySet:
    """What the member writes, alone or with others."""
    beside = CoAuthor.objects.filter(member=member).values("item")
    return Item.objects.filter(Q(author=member) | Q(pk__in=beside))


@transaction.atomic
def begin(
    *,
    kind: str,
    title: str,
    author: User,
    space: Space | None = None,
    tag: str = "",
) -> Item:
    """A new draft. Its address is made of the title, and stays when that changes.

    Raises TooManyDrafts.
    """
    hold_members(author.pk)  # counts one after the other
    if author.items.filter(state=Item.State.DRAFT).count() >= MOST_DRAFTS:
        raise TooManyDrafts
    language = author.language or ""
    item = Item.objects.create(
        kind=kind,
        title=title,
        slug=_free_slug(title),
        author=author,
        space=space,
        language=language,
    )
    if tag:
        set_tags(item=item, names=[tag])
    return item


def _free_slug(title: str) -> str:
    slug = slugify(title, allow_unicode=True)[:60].strip("-")
    if slug and not Item.objects.filter(slug=slug).exists():
        return slug
    return f"{slug or 'item'}-{token_hex(4)}"


@transaction.atomic
def discard(*, item: Item) -> None:
    """Throw a draft away that nobody but its authors and editors has seen, with all
    that was ever written in it. Raises NotAllowedNow."""
    item = hold_item(item)
    if item.state != Item.State.DRAFT or item.publications.exists():
        raise NotAllowedNow
    if Event.objects.filter(cohort__course=item).exists():
        raise NotAllowedNow
    lessons = Lesson.objects.filter(section__item=item)
    drop_cover(item=item)
    LessonProgress.objects.filter(lesson__in=lessons).delete()
    item.enrolments.all().delete()  # of authors who tried it
    item.delete()


# The outline of a course ----------------------------------------------------------


@transaction.atomic
def add_section(*, course: Item, title: str) -> Section:
    course = hold_item(course)
    return course.sections.create(title=title, position=next_place(course.sections))


def rename_section(*, section: Section, title: str) -> None:
    section.title = title
    section.save(update_fields=["title"])


@transaction.atomic
def remove_section(*, section: Section) -> None:
    """With the lessons in it. Raises LessonInUse."""
    course = hold_item(section.item)
    _check_unused(course, Lesson.objects.filter(section=section))
    section.delete()


@transaction.atomic
def add_lesson(*, section: Section, title: str) -> Lesson:
    hold_item(section.item)
    return section.lessons.create(title=title, position=next_place(section.lessons))


@transaction.atomic
def remove_lesson(*, lesson: Lesson) -> None:
    """Raises LessonInUse."""
    course = hold_item(lesson.section.item)
    _check_unused(course, Lesson.objects.filter(pk=lesson.pk))
    lesson.delete()


def _check_unused(course: Item, lessons: QuerySet[Lesson]) -> None:
    """Neither learnt from nor taken into another course. Authors who try their own
    lessons do not count."""
    authors = [*course.co_authors.values_list("member", flat=True), course.author_id]
    learnt = LessonProgress.objects.filter(lesson__in=lessons)
    own = [pk for pk in authors if pk]
    tried = Attempt.objects.filter(quiz__lesson__in=lessons)
    tried = tried.exclude(member__in=makers_of(course))
    worked = HandedIn.objects.filter(assignment__lesson__in=lessons)
    learnt = learnt.exclude(member__in=own)
    copies = Lesson.objects.filter(shared_from__in=lessons)
    if any(used.exists() for used in (learnt, tried, worked, copies)):
        raise LessonInUse


@transaction.atomic
def move_section(*, section: Section, by: int) -> None:
    """One place up (-1) or down (1); at the end it stays where it is."""
    course = hold_item(section.item)
    numbered(moved(list(course.sections.all()), section, by))


@transaction.atomic
def move_lesson(*, lesson: Lesson, by: int) -> None:
    """One place up or down, beyond the end of its section into the next one."""
    course = hold_item(lesson.section.item)
    siblings = list(lesson.section.lessons.all())
    if lesson != siblings[0 if by < 0 else -1]:
        numbered(moved(siblings, lesson, by))
        return
    sections = list(course.sections.all())
    place = sections.index(lesson.section) + by
    if 0 <= place < len(sections):
        _put_into(lesson, sections[place], at_end=by < 0)


def _put_into(lesson: Lesson, section: Section, *, at_end: bool) -> None:
    others = list(section.lessons.all())
    lesson.section = section
    lesson.save(update_fields=["section"])
    numbered([*others, lesson] if at_end else [lesson, *others])


def moved(rows: list[Row], row: Row, by: int) -> list[Row]:
    old = rows.index(row)
    new = min(max(old + by, 0), len(rows) - 1)
    rows.insert(new, rows.pop(old))
    return rows


def numbered(rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        row.position = place
        row.save(update_fields=["position"])


# Its files ------------------------------------------------------------------------


def add_file(
    *,
    item: Item,
    kind: str,
    title: str,
    file: UploadedFile,
    upload: Upload | None = None,
) -> ItemFile:
    """`upload` when the file came before, in pieces. Raises NoRoom and UploadGone."""
    if upload:
        uploads.store(upload=upload)
    with transaction.atomic():
        if upload is None:
            room.claim(item=item, size=file.size or 0)
        item = hold_item(item)
        return item.files.create(
            kind=kind,
            title=title,
            file=uploads.take(upload=upload) if upload else file,
            size=file.size or 0,
            position=item.files.count(),
        )


@transaction.atomic
def move_file(*, file: ItemFile, by: int) -> None:
    item = hold_item(file.item)
    numbered(moved(list(item.files.all()), file, by))


@transaction.atomic
def remove_file(*, file: ItemFile) -> None:
    item = hold_item(file.item)
    file.delete()
    numbered(list(item.files.all()))


# What is not text -----------------------------------------------------------------


@transaction.atomic
def save_settings(
    *, item: Item, tags: Sequence[str] | None = None, **values: Any
) -> None:
    """Raises TooManyTags."""
    item = hold_item(item)
    for name, value in values.items():
        setattr(item, name, value)
    item.save(update_fields=list(values))
    if tags is not None:
        set_tags(item=item, names=tags)


def save_lesson_settings(
    *, lesson: Lesson, upload: Upload | None = None, **values: Any
) -> None:
    """A file that is replaced goes from the storage after commit. `upload` when the
    new one came before, in pieces. Raises NoRoom and UploadGone."""
    if upload:
        uploads.store(upload=upload)
    _save_lesson_settings(lesson, upload, values)


@transaction.atomic
def _save_lesson_settings(
    lesson: Lesson, upload: Upload | None, values: dict[str, Any]
) -> None:
    file = values.get("media")
    if isinstance(file, UploadedFile) and upload is None:
        room.claim(item=lesson.section.item, size=file.size or 0)
    lesson = Lesson.objects.select_for_update().get(pk=lesson.pk)
    values |= durations.of_new_recording(lesson=lesson, upload=upload, values=values)
    old = lesson.media.name
    if upload:
        values["media"] = uploads.take(upload=upload)
        values["media_size"] = upload.size
    for name, value in values.items():
        # A form says False for a file that is to be taken away.
        setattr(lesson, name, "" if name == "media" and value is False else value)
    lesson.save()
    pass_on(lesson)
    if old and old != lesson.media.name:
        transaction.on_commit(partial(default_storage.delete, old))
