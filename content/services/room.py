"""How much may lie on our disk that no editor has let in."""

from typing import Any, TypeVar

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Model, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.members import hold_members
from community.lib.uploads import MB
from content.errors import NoRoom
from content.models import Item, ItemFile, Lesson, Picture, Upload

Row = TypeVar("Row", ItemFile, Picture)
MOST_UPLOADS = 10  # of one member on their way at a time
MOST_UPLOADS_BYTES = 8192 * MB  # two of the longest films


def claim(*, item: Item, size: int) -> None:
    """Within a transaction, before anything else in it is held. Raises NoRoom."""
    hold_members(item.author_id)
    check_drafts(item, size)


def check_drafts(item: Item, size: int) -> None:
    """Only what is not out is counted, and in its author's name: what is out an editor
    has seen. The author is held. Raises NoRoom."""
    author = item.author
    drafts = not_out().filter(author=author)
    if author is None or not drafts.filter(pk=item.pk).exists():
        return
    most = _most_of(author)
    if size + taken_by(drafts) > most * MB:
        raise NoRoom(
            _(
                "Files of what is not published yet may take %(size)s MB in all, and "
                "that is full. Remove some, or publish first."
            )
            % {"size": most}
        )


def _most_of(author: User) -> int:
    teaches = author.is_mentor or author.is_operator
    return settings.MENTOR_DRAFTS_MB if teaches else settings.MEMBER_DRAFTS_MB


def not_out() -> QuerySet[Item]:
    """Also what was withdrawn: else one line let in once would open the gate."""
    return Item.objects.exclude(state__in=(Item.State.LIVE, Item.State.ARCHIVED))


def taken_by(drafts: QuerySet[Item]) -> int:
    """Bytes, with those that are announced and still to come. Covers are left out:
    one an item, and made small."""
    on_the_way = Q(item__in=drafts) | Q(lesson__section__item__in=drafts)
    return (
        _sum(ItemFile.objects.filter(item__in=drafts))
        + _sum(Picture.objects.filter(item__in=drafts))
        + _sum(Upload.objects.filter(on_the_way))
        + _sum(
            # What was taken from another course lies there.
            Lesson.objects.filter(section__item__in=drafts, shared_from=None),
            "media_size",
        )
    )


def measure() -> int:
    """Count also what came by another way than a form, such as the desk, or before
    there were sizes; return how much of it there was."""
    drafts = not_out()
    lessons = Lesson.objects.filter(section__item__in=drafts, shared_from=None)
    media = lessons.filter(media_size=0).exclude(media="")
    return (
        sum(_measure(it, it.media.name, "media_size") for it in media)
        + sum(_measure(it, it.file.name) for it in _unmeasured(ItemFile, drafts))
        + sum(_measure(it, it.path) for it in _unmeasured(Picture, drafts))
    )


def _unmeasured(model: type[Row], drafts: QuerySet[Item]) -> QuerySet[Row]:
    return model._default_manager.filter(item__in=drafts, size=0)


def _measure(row: Model, path: str, field: str = "size") -> int:
    if not default_storage.exists(path):
        return 0
    # Whoever saves it meanwhile knows better.
    still = type(row)._default_manager.filter(pk=row.pk, **{field: 0})
    return still.update(**{field: default_storage.size(path)})


def check_uploads(member: User, size: int) -> None:
    """The member is held. Raises NoRoom."""
    uploads = Upload.objects.filter(member=member)
    if uploads.count() >= MOST_UPLOADS or size + _sum(uploads) > MOST_UPLOADS_BYTES:
        raise NoRoom(
            _(
                "You have too much on its way: %(count)s files and %(size)s MB at "
                "most. Finish or end some; what nobody goes on with ends by itself."
            )
            % {"count": MOST_UPLOADS, "size": MOST_UPLOADS_BYTES // MB}
        )


def _sum(rows: QuerySet[Any], field: str = "size") -> int:
    return rows.aggregate(taken=Sum(field))["taken"] or 0
