"""What is made of an item's texts when they are saved, and its cover."""

import uuid
from dataclasses import dataclass
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User, Verb
from accounts.services.activity import record_activity
from community.lib import pictures
from community.lib.text import count_words
from content.models import CaseStudy, Enrolment, Item, ItemFile
from content.services.articles import render_article
from content.services.media import media_link

MORE = "<!--more-->"  # what stands before this line everybody may read


def render(item: Item) -> Item:
    """Fill in what is shown from what was written; the row is not saved."""
    preview, mark, rest = item.body.partition(MORE)
    text = preview + rest
    item.description_html = render_article(item.description)
    item.body_html = render_article(text)
    item.preview_html = render_article(preview) if mark else ""
    item.words = count_words(text)
    return item


def tell_case(case: CaseStudy) -> None:
    """Make the item's text of the parts of its case; the first is the preview."""
    item = case.item
    with translation.override(item.language or None):
        names = [_("Context"), _("Problem"), _("Method"), _("Result"), _("Lesson")]
    texts = [getattr(case, part) for part in CaseStudy.PARTS]
    parts = [f"## {name}\n\n{text}" for name, text in zip(names, texts, strict=True)]
    item.body = f"{parts[0]}\n\n{MORE}\n\n" + "\n\n".join(parts[1:])
    render(item).save()


@transaction.atomic
def mark_read(*, member: User, item: Item) -> None:
    """The member is through with it. Once, however often said."""
    taken, _is_new = Enrolment.objects.get_or_create(member=member, item=item)
    taken = Enrolment.objects.select_for_update().get(pk=taken.pk)
    if taken.done_at:
        return
    taken.done_at = taken.last_at = timezone.now()
    taken.save(update_fields=["done_at", "last_at"])
    record_activity(member=member, verb=Verb.ITEM_READ, target=item, space=item.space)


@dataclass(frozen=True)
class FileLink:
    """A file of an item, with the link by which one reader gets it for some hours."""

    title: str
    url: str


def attached_to(item: Item, reader: User) -> list[FileLink]:
    """What is to be taken along; what is played stands in players."""
    files = item.files.exclude(kind__in=ItemFile.PLAYED)
    return [FileLink(it.title, media_link(it, reader)) for it in files]


def co_authors_of(item: Item) -> list[User]:
    """Who wrote it beside its author, in the order of the byline."""
    found = User.objects.filter(co_written__item=item)
    return list(found.order_by("co_written__position", "co_written__pk"))


def has_read(member: User, item: Item) -> bool:
    taken = Enrolment.objects.filter(member=member.pk, item=item)
    return taken.exclude(done_at=None).exists()


@transaction.atomic
def set_cover(*, item: Item, made: dict[int, ContentFile]) -> None:
    """`made` by pictures.cover; the old cover's files go after commit."""
    drop_cover(item=item)
    item.cover = uuid.uuid4().hex
    for width, file in made.items():
        default_storage.save(item.cover_path(width), file)
    item.save(update_fields=["cover"])


@transaction.atomic
def drop_cover(*, item: Item) -> None:
    if not item.cover:
        return
    paths = [item.cover_path(width) for width in pictures.COVER_WIDTHS]
    for path in paths:
        transaction.on_commit(partial(default_storage.delete, path))
    item.cover = ""
    item.save(update_fields=["cover"])
