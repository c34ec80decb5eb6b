"""Expert profiles: written by the member, verified or refused by an operator."""

import datetime as dt

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from accounts.errors import AlreadyDecided
from accounts.models import Credential, Expert, Field, User
from accounts.services import mails

MOST_CREDENTIALS = 20


@transaction.atomic
def save_expert(*, member: User, headline: str, fields: list[Field]) -> Expert:
    """Write or change the profile; what was asked or verified is a draft again."""
    User.objects.select_for_update().get(pk=member.pk)
    expert, _ = Expert.objects.get_or_create(member=member)
    same = expert.headline == headline and set(expert.fields.all()) == set(fields)
    if same:
        return expert
    expert.headline = headline
    expert.save(update_fields=["headline"])
    expert.fields.set(fields)
    _back_to_draft(expert)
    return expert


@transaction.atomic
def add_credential(
    *, expert: Expert, what: str, issuer: str, year: int, document: File | None
) -> Credential:
    _back_to_draft(expert)
    return expert.credentials.create(
        what=what, issuer=issuer, year=year, document=document or ""
    )


@transaction.atomic
def remove_credential(credential: Credential) -> None:
    """With its document, once that is certain."""
    _back_to_draft(credential.expert)
    document = credential.document
    credential.delete()
    if document:
        transaction.on_commit(lambda: document.storage.delete(document.name))


def may_add_credential(expert: Expert) -> bool:
    return expert.credentials.count() < MOST_CREDENTIALS


def _back_to_draft(expert: Expert) -> None:
    expert.state = Expert.State.DRAFT
    expert.reason = ""
    expert.save(update_fields=["state", "reason"])


def is_verified(member: User) -> bool:
    return any(expert.is_verified for expert in Expert.objects.filter(member=member))


def look_again(member: User) -> None:
    """The mark was given to another name: it waits until somebody has looked."""
    expert = Expert.objects.select_for_update().filter(member=member).first()
    if expert and expert.is_verified:
        expert.state, expert.asked_at = Expert.State.ASKED, timezone.now()
        expert.save(update_fields=["state", "asked_at"])


@transaction.atomic
def ask(expert: Expert) -> bool:
    """Ask to be verified: what is there now, or again when the mark has lapsed.

    False when there is nothing to be looked at; asking twice is asking once.
    """
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    if not expert.credentials.exists():
        return False
    if expert.state == Expert.State.ASKED or expert.is_verified:
        return True
    expert.state = Expert.State.ASKED
    expert.asked_at = timezone.now()
    expert.save(update_fields=["state", "asked_at"])
    return True


@transaction.atomic
def verify(*, expert: Expert, until: dt.datetime, by: User) -> None:
    """The mark stands until then. Raises AlreadyDecided when nobody asks any more."""
    expert = _get_asked(expert)
    expert.state = Expert.State.VERIFIED
    expert.verified_until, expert.reason = until, ""
    _decide(expert, by)


@transaction.atomic
def refuse(*, expert: Expert, reason: str, by: User) -> None:
    """Raises AlreadyDecided when nobody asks any more."""
    expert = _get_asked(expert)
    expert.state, expert.reason = Expert.State.REFUSED, reason
    _decide(expert, by)


@transaction.atomic
def withdraw_mark(*, expert: Expert, reason: str, by: User) -> None:
    """Take a standing mark away. Raises AlreadyDecided when none stands."""
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    if not expert.is_verified:
        raise AlreadyDecided
    expert.state, expert.reason = Expert.State.REFUSED, reason
    _decide(expert, by)


def _get_asked(expert: Expert) -> Expert:
    expert = Expert.objects.select_for_update().get(pk=expert.pk)
    if expert.state != Expert.State.ASKED:
        raise AlreadyDecided
    return expert


def _decide(expert: Expert, by: User) -> None:
    expert.decided_at, expert.decided_by = timezone.now(), by
    expert.save()
    mails.send(
        key=f"expert:{expert.pk}:{expert.decided_at.isoformat()}",
        member=expert.member,
        template="expert_decided",
        is_verified=expert.state == Expert.State.VERIFIED,
        reason=expert.reason,
    )
