"""Pictures and files in posts: judged by their content, bounded, swept when unused."""

import datetime as dt
import hashlib
import re
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.members import hold_members
from community.lib import pictures
from community.lib.markdown import escaped
from community.lib.uploads import MB, NotAccepted, accept
from content.errors import NoRoom
from content.models import Post, PostFile

MOST_BYTES = 20 * MB  # of one file
MOST_A_DAY = 50  # files of one member
MOST_BYTES_A_DAY = 100 * MB
# Without a post: drafts are kept as long, and what is held back waits for somebody.
KEPT = dt.timedelta(days=30)
PICTURES = {".png", ".jpg", ".webp"}
_LINK = re.compile(r"/media/posts/([0-9a-f-]{36})/", re.ASCII)


@transaction.atomic
def add_file(
    *, upload: UploadedFile, by: User, form_key: UUID | None = None
) -> PostFile:
    """Take in what `by` wants to put into a post.

    The same content sent again with the same form is the file already there. Raises
    NotAccepted, NotAPicture and NoRoom.
    """
    name = PurePath(upload.name or "").name[-100:] or "file"
    key = uuid5(form_key, f"{by.pk} {_digest(upload)}") if form_key else uuid4()
    made, suffix = _judged(upload)
    hold_members(by.pk)
    sent = PostFile.objects.filter(key=key, member=by).first()
    if sent:
        return sent
    _check_room(by, made.size)
    file = PostFile.objects.create(
        key=key, member=by, name=name, suffix=suffix, size=made.size
    )
    default_storage.save(file.path, made)
    return file


def _judged(upload: UploadedFile) -> tuple[Any, str]:
    """What will be stored, and its suffix: pictures are made anew."""
    if (upload.size or 0) > MOST_BYTES:
        raise NotAccepted(
            _("This file is larger than %(size)s MB.") % {"size": MOST_BYTES // MB}
        )
    suffix = PurePath(accept(upload, "attachment").name or "").suffix
    if suffix not in PICTURES:
        return upload, suffix
    made, _width, _height = pictures.for_text(upload)
    return made, ".webp"


def _digest(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _check_room(member: User, size: int) -> None:
    """The member is held. Raises NoRoom."""
    day_ago = timezone.now() - dt.timedelta(days=1)
    today = member.post_files.filter(created_at__gt=day_ago)
    taken = today.aggregate(taken=Sum("size"))["taken"] or 0
    if today.count() >= MOST_A_DAY or taken + size > MOST_BYTES_A_DAY:
        raise NoRoom(
            _("You can put %(count)s files and %(size)s MB a day into posts.")
            % {"count": MOST_A_DAY, "size": MOST_BYTES_A_DAY // MB}
        )


def markdown_of(file: PostFile) -> str:
    said = escaped(file.name)
    mark = "!" if file.is_picture else ""
    return f"{mark}[{said}]({file.get_absolute_url()})"


def attach(post: Post) -> None:
    """The author's new files that its text links to are the post's from now on. They
    stay so when an edit takes the link out: its earlier text has it still."""
    keys = _LINK.findall(post.body)
    if keys:
        PostFile.objects.filter(
            key__in=[key for key in keys if _is_key(key)],
            member=post.author,
            post=None,
        ).update(post=post)


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def drop_unused() -> int:
    """What was never posted; its bytes go after commit (see receivers.py)."""
    before = timezone.now() - KEPT
    old = PostFile.objects.filter(post=None, created_at__lt=before)
    return sum(_drop(pk, before) for pk in list(old.values_list("pk", flat=True)))


@transaction.atomic
def _drop(pk: int, before: dt.datetime) -> int:
    rows = PostFile.objects.select_for_update().filter(pk=pk, post=None)
    file = rows.filter(created_at__lt=before).first()
    if file is None:
        return 0
    file.delete()
    return 1
