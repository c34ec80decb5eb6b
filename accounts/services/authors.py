"""Becoming an author: an application or an invitation, then the agreement."""

from django.db import transaction
from django.utils import timezone

from accounts.errors import AlreadyDecided
from accounts.models import AuthorApplication, PolicyVersion, Role, User
from accounts.services import mails
from accounts.services.policies import in_force
from accounts.services.roles import grant_role

State = AuthorApplication.State
OPEN = (State.ASKED, State.ACCEPTED)


def latest_of(member: User) -> AuthorApplication | None:
    """The application under way, or else how the last one ended."""
    return member.author_applications.order_by("-asked_at", "-pk").first()


def may_apply(member: User) -> bool:
    """Whoever is under way waits for the answer; whoever is an author needs none."""
    return (
        not member.is_mentor
        and not member.author_applications.filter(state__in=OPEN).exists()
    )


@transaction.atomic
def apply(*, member: User, kind: str, sample: str, why: str) -> AuthorApplication:
    """Ask to become an author; with one under way already, that one is it."""
    User.objects.select_for_update().get(pk=member.pk)
    under_way = member.author_applications.filter(state__in=OPEN).first()
    return under_way or member.author_applications.create(
        kind=kind, sample=sample, why=why
    )


@transaction.atomic
def invite(*, member: User, kind: str, reason: str, by: User) -> AuthorApplication:
    """Accept somebody who did not ask, or who is waiting for an answer."""
    User.objects.select_for_update().get(pk=member.pk)
    under_way = member.author_applications.filter(state__in=OPEN).first()
    if under_way is None:
        under_way = member.author_applications.create(
            kind=kind, is_invitation=True, reason=reason
        )
    elif under_way.state == State.ACCEPTED:
        return under_way
    return _decide(under_way, State.ACCEPTED, reason, by)


@transaction.atomic
def accept(*, application: AuthorApplication, reason: str, by: User) -> None:
    """Raises AlreadyDecided when it waits no longer."""
    _decide(_get_waiting(application), State.ACCEPTED, reason, by)


@transaction.atomic
def decline(*, application: AuthorApplication, reason: str, by: User) -> None:
    """Raises AlreadyDecided when it waits no longer."""
    _decide(_get_waiting(application), State.DECLINED, reason, by)


def _get_waiting(application: AuthorApplication) -> AuthorApplication:
    locked = AuthorApplication.objects.select_for_update().get(pk=application.pk)
    if locked.state != State.ASKED:
        raise AlreadyDecided
    return locked


def _decide(
    application: AuthorApplication, state: str, reason: str, by: User
) -> AuthorApplication:
    application.state, application.reason = state, reason
    application.decided_at, application.decided_by = timezone.now(), by
    application.save()
    mails.send(
        key=f"author:{application.pk}:{state}",
        member=application.member,
        template="author_decided",
        is_accepted=state == State.ACCEPTED,
        is_invitation=application.is_invitation,
        reason=reason,
    )
    return application


@transaction.atomic
def agree(*, application: AuthorApplication, version: int) -> None:
    """Agree to the text as it was read; from now on the member writes courses.

    Raises AlreadyDecided when the application is not accepted, or another text
    came into force while this one was read.
    """
    locked = AuthorApplication.objects.select_for_update().get(pk=application.pk)
    if locked.state == State.AGREED:
        return
    if locked.state != State.ACCEPTED or version != agreement_version():
        raise AlreadyDecided
    locked.state, locked.agreed_at = State.AGREED, timezone.now()
    locked.agreed_version = version
    locked.save()
    grant_role(
        member=locked.member,
        role=Role.MENTOR,
        by=locked.decided_by,
        reason=f"Author: {locked.kind}",
    )


@transaction.atomic
def step_back(application: AuthorApplication) -> None:
    """The member does not want to any more, before they became an author."""
    application.member.author_applications.filter(
        pk=application.pk, state__in=OPEN
    ).delete()


def agreement(language: str) -> PolicyVersion | None:
    return in_force(PolicyVersion.Kind.AUTHOR, language)


def agreement_version() -> int:
    text = agreement("")
    return text.version if text else 0
