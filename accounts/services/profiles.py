import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import Expert, Role, Title, User
from accounts.services import experts, messages
from accounts.services.blocks import has_blocked
from accounts.services.follows import is_following
from accounts.services.roles import time_served
from accounts.services.titles import borne_by
from accounts.signals import look_changed

FIELDS = [
    *("name", "username", "about", "language", "time_zone", "avatar"),
    "messages_from",
]


@transaction.atomic
def save_profile(
    *, member: User, picture: ContentFile | None, remove_picture: bool
) -> User:
    """Save the edited fields of `member` and, where given, the new picture.

    The old picture's file goes after commit, so a failed save loses nothing.
    """
    known = User.objects.select_for_update().get(pk=member.pk)
    if (member.name, member.username) != (known.name, known.username):
        experts.look_again(member)
    old, look = known.avatar, _look_of(known)
    if picture:
        member.avatar = picture
    elif remove_picture:
        member.avatar = ""
    member.save(update_fields=FIELDS)
    if old and old.name != member.avatar.name:
        transaction.on_commit(lambda: old.storage.delete(old.name))
    if _look_of(member) != look:
        _tell_look_changed(member)
    return member


def _tell_look_changed(member: User) -> None:
    transaction.on_commit(partial(look_changed.send_robust, User, member_id=member.pk))


def _look_of(member: User) -> tuple[str, str, str]:
    return member.name, member.username, member.avatar.name or ""


PARTS = ("text", "picture")  # what others may have to take off a page
KEPT = "cleared"  # nothing below it is served


@transaction.atomic
def clear_page(*, member: User, parts: Collection[str]) -> dict[str, str]:
    """Take the text or the picture off a member's page; what `restore_page` needs. The
    picture is kept where nobody can fetch it, until it is forgotten."""
    member = User.objects.select_for_update().get(pk=member.pk)
    before = {}
    if "text" in parts and member.about:
        before["about"], member.about = member.about, ""
    if "picture" in parts and member.avatar:
        old = member.avatar
        with old.storage.open(old.name) as picture:
            name = f"{KEPT}/{PurePath(old.name).name}"
            before["picture"] = default_storage.save(name, picture)
        member.avatar = ""
        transaction.on_commit(lambda: old.storage.delete(old.name))
        _tell_look_changed(member)
    member.save(update_fields=["about", "avatar"])
    return before


@transaction.atomic
def restore_page(*, member: User, before: dict[str, str]) -> None:
    """What the member has put in its place meanwhile stays."""
    member = User.objects.select_for_update().get(pk=member.pk)
    if member.erased_at:
        return
    member.about = member.about or before.get("about", "")
    kept = before.get("picture", "")
    if kept and not member.avatar and default_storage.exists(kept):
        with default_storage.open(kept) as picture:
            member.avatar.save(PurePath(kept).name, picture, save=False)
        _tell_look_changed(member)
    member.save(update_fields=["about", "avatar"])
    forget_picture(kept)


def forget_picture(name: str) -> None:
    """Of a page that was cleared: for good, once this is committed."""
    if name.startswith(f"{KEPT}/"):
        transaction.on_commit(lambda: default_storage.delete(name))


@transaction.atomic
def follow_address(member: User) -> None:
    """Sign in by the address on the member's row, and by no other any more.

    For when an operator wrote it there: nobody has proved yet that it is theirs.
    """
    EmailAddress.objects.filter(user=member).delete()
    if member.email:
        EmailAddress.objects.create(user=member, email=member.email, primary=True)


@dataclass(frozen=True)
class Profile:
    """What a person's page says beside their own row, to one reader."""

    expert: Expert | None
    followers: int
    is_followed: bool
    may_write: bool
    is_blocked: bool
    served: dt.timedelta
    titles: list[Title]

    @property
    def months_served(self) -> int:
        return round(self.served.days / 30.4)


def profile_of(person: User, reader: User) -> Profile:
    """An expert's field and proofs are told only while they are verified."""
    verified = Expert.objects.verified().filter(member=person)
    return Profile(
        expert=verified.prefetch_related("fields", "credentials").first(),
        followers=person.followers.filter(follower__erased_at=None).count(),
        is_followed=is_following(reader, person),
        may_write=reader.is_authenticated and messages.may_write(reader, person),
        is_blocked=has_blocked(reader, person),
        served=time_served(person, Role.VOLUNTEER),
        titles=borne_by(person),
    )
