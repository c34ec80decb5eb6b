"""Coming in: into the community, and into its spaces."""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.errors import AlreadyDecided, NotNow, UnknownCode
from accounts.matching import match
from accounts.models import (
    Application,
    Community,
    Invitation,
    JoinMode,
    JoinQuestion,
    Notification,
    Origin,
    Role,
    Space,
    SpaceMember,
    User,
    Verb,
)
from accounts.services import community, consents, mails
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from accounts.services.roles import grant_role
from accounts.services.spaces import join_space

State = Application.State
OFFER_LASTS = dt.timedelta(days=3)


@transaction.atomic
def welcome(*, member: User, purposes: Sequence[str], invitation: str = "") -> None:
    """A new account: its consents, the first line, and being let in where all are.

    Where not all are, it waits as an applicant. Its invitation counts from when they
    first sign in, by an address that is theirs: before, it would use up a place.
    """
    for purpose in purposes:
        consents.give(member=member, purpose=purpose)
    record_activity(member=member, verb=Verb.SIGNED_UP)
    if Community.objects.filter(pk=1).exclude(join_mode=JoinMode.OPEN).exists():
        User.objects.filter(pk=member.pk).update(is_applicant=True)
        member.is_applicant = True
    else:
        grant_role(member=member, role=Role.MEMBER)
    kept = Invitation.objects.valid().filter(code=invitation.strip()).first()
    Origin.objects.filter(member=member).update(invitation=kept)


@transaction.atomic
def redeem_kept(user: User, **kwargs: Any) -> None:
    """Let somebody in, who signs in, by what they signed up with."""
    origin = Origin.objects.filter(member=user, invitation__isnull=False)
    for code in list(origin.values_list("invitation__code", flat=True)):
        origin.update(invitation=None)
        # If it is good no more, the page of an applicant says what else there is.
        with suppress(UnknownCode):
            redeem_invitation(code=code, member=user)


@transaction.atomic
def admit(*, member: User) -> None:
    """From now on a member; harmless to repeat."""
    grant_role(member=member, role=Role.MEMBER)
    User.objects.filter(pk=member.pk).update(is_applicant=False)
    member.is_applicant = False
    _settle(member, None)


def _settle(member: User, space: Space | None) -> None:
    """What somebody asked for who came in another way is answered by that."""
    asked = Application.objects.filter(member=member, space=space)
    asked.filter(state__in=Application.OPEN).update(
        state=State.ACCEPTED, decided_at=timezone.now(), offered_until=None
    )


# Applying ------------------------------------------------------------------------


def questions(space: Space | None) -> list[JoinQuestion]:
    return list(JoinQuestion.objects.filter(space=space))


def open_application(member: User, space: Space | None) -> Application | None:
    mine = Application.objects.filter(member=member, space=space)
    return mine.filter(state__in=Application.OPEN).first()


def latest_application(member: User, space: Space | None) -> Application | None:
    mine = Application.objects.filter(member=member, space=space)
    return mine.order_by("-created_at").first()


@transaction.atomic
def apply(
    *, member: User, space: Space | None, answers: list[list[str]]
) -> Application:
    """Ask to be let in; asking again while it waits changes only the answers."""
    hold_members(member.pk)
    score, reasons = _match(member, space, answers)
    if application := open_application(member, space):
        application.answers = answers
        application.match, application.match_reasons = score, reasons
        application.save(update_fields=["answers", "match", "match_reasons"])
        return application
    return Application.objects.create(
        member=member,
        space=space,
        answers=answers,
        match=score,
        match_reasons=reasons,
    )


def _match(
    member: User, space: Space | None, answers: list[list[str]]
) -> tuple[int | None, list[str]]:
    interests = set(member.interests.values_list("tag__name", flat=True))
    text = " ".join(answer for _question, answer in answers)
    if space is None:
        goal, tags = community.current().goal, set()
    else:
        goal, tags = space.goal, set(space.tags.names())
    score, reasons = match(interests=interests, text=text, tags=tags, goal=goal)
    return score, [reason[:60] for reason in reasons[:12]]


@transaction.atomic
def accept(
    *,
    application: Application,
    by: User,
    reason: str = "",
    although_full: bool = False,
) -> Application:
    """Let somebody in, or where a space is full onto its waiting list: see its state.

    Raises AlreadyDecided.
    """
    application = _undecided(application)
    application.decided_by, application.reason = by, reason
    if application.space is None:
        _decide(application, State.ACCEPTED)
        admit(member=application.member)
    else:
        _place_or_queue(application, although_full=although_full)
    _tell(application)
    return application


@transaction.atomic
def decline(*, application: Application, by: User, reason: str) -> None:
    """Not let in, with the reason. Raises AlreadyDecided."""
    application = _undecided(application)
    application.decided_by, application.reason = by, reason
    _decide(application, State.DECLINED)
    _tell(application)


@transaction.atomic
def withdraw(*, application: Application) -> None:
    """The applicant no longer wants. Raises AlreadyDecided."""
    application = _undecided(application)
    had_place = application.state == State.OFFERED
    _decide(application, State.WITHDRAWN)
    if had_place and application.space:
        offer_free_places(application.space)


def _undecided(application: Application) -> Application:
    """Its row, held, and its space before it, whose places may be counted next."""
    if application.space_id:
        _hold_space(application.space_id)
    found = Application.objects.select_for_update(of=("self",)).select_related(
        "member", "space"
    )
    application = found.get(pk=application.pk)
    if application.state not in Application.OPEN:
        raise AlreadyDecided
    return application


def _decide(application: Application, state: str) -> None:
    application.state, application.decided_at = state, timezone.now()
    application.offered_until = None
    application.save()


def _tell(application: Application) -> None:
    mails.send(
        key=f"application:{application.pk}:{application.state}",
        member=application.member,
        template="application",
        state=application.state,
        space=application.space.name if application.space else "",
        slug=application.space.slug if application.space else "",
        reason=application.reason,
        days=OFFER_LASTS.days,
    )


# Places ----------------------------------------------------------------------------


def free_places(space: Space) -> int | None:
    """How many may still join, None for as many as like to; places that are offered
    count as taken."""
    if space.seats is None:
        return None
    taken = SpaceMember.objects.filter(space=space, left_at=None).count()
    offered = Application.objects.filter(space=space, state=State.OFFERED).count()
    return max(space.seats - taken - offered, 0)


def has_room(space: Space) -> bool:
    return free_places(space) != 0


def _hold_space(pk: int) -> Space:
    """Whoever counts places holds the space first: nobody comes in meanwhile."""
    return Space.objects.select_for_update(no_key=True).get(pk=pk)


@transaction.atomic
def join(*, space: Space, member: User) -> SpaceMember | Application:
    """Join a space that is open; where it is full, its waiting list.

    Raises NotNow for a space that one does not just join.
    """
    space = _hold_space(space.pk)
    if space.join_mode != JoinMode.OPEN:
        raise NotNow
    if _belongs(member, space) or _is_offered(member, space) or has_room(space):
        return _come_in(space, member)
    application = apply(member=member, space=space, answers=[])
    application.state = State.QUEUED
    application.save(update_fields=["state"])
    return application


def _come_in(space: Space, member: User) -> SpaceMember:
    place = join_space(space=space, member=member)
    _settle(member, space)
    return place


def _is_offered(member: User, space: Space) -> bool:
    mine = Application.objects.filter(member=member, space=space)
    return mine.filter(state=State.OFFERED).exists()


def _belongs(member: User, space: Space) -> bool:
    return member.spaces.filter(space=space, left_at=None).exists()


def _place_or_queue(application: Application, *, although_full: bool) -> None:
    if application.space is None:
        return
    has_place = application.state == State.OFFERED or has_room(application.space)
    if not (although_full or has_place):
        application.state = State.QUEUED
        application.save()
        return
    join_space(space=application.space, member=application.member)
    _decide(application, State.ACCEPTED)


@transaction.atomic
def take_place(*, application: Application) -> SpaceMember:
    """Take the place that was kept. Raises AlreadyDecided, NotNow."""
    application = _undecided(application)
    if application.state != State.OFFERED or application.space is None:
        raise NotNow
    place = join_space(space=application.space, member=application.member)
    _decide(application, State.ACCEPTED)
    return place


@transaction.atomic
def offer_free_places(space: Space) -> int:
    """Keep each free place for the next in line, for some days; how many."""
    space = _hold_space(space.pk)
    queue = Application.objects.filter(space=space, state=State.QUEUED)
    queue = queue.select_related("member", "space").order_by("created_at")
    offered = list(queue[: free_places(space)])
    for application in offered:
        application.state = State.OFFERED
        application.offered_until = timezone.now() + OFFER_LASTS
        application.save(update_fields=["state", "offered_until"])
        _tell(application)
    return len(offered)


def move_waiting_lists() -> dict[str, int]:
    """Let go of offers that nobody took, and offer what is free to the next."""
    late = Application.objects.filter(
        state=State.OFFERED, offered_until__lte=timezone.now()
    )
    lapsed = late.update(
        state=State.WITHDRAWN, offered_until=None, decided_at=timezone.now()
    )
    waiting = Space.objects.filter(applications__state=State.QUEUED).distinct()
    return {
        "offers lapsed": lapsed,
        "places offered": sum(offer_free_places(space) for space in waiting),
    }


# Invitations -------------------------------------------------------------------------


INVITATION_LASTS = dt.timedelta(days=30)
MOST_INVITATIONS = 50  # open at once, in one space


def new_code() -> str:
    return secrets.token_urlsafe(9)


@transaction.atomic
def invite(*, space: Space, by: User, member: User | None = None) -> Invitation:
    """Ask somebody into a space: by name, who is told of it, or by an address to pass
    on, which lets in one person.

    Asking the same person again is the same invitation. Raises NotNow where they are
    in already, and when very many are open.
    """
    space = _hold_space(space.pk)
    still_open = Invitation.objects.valid().filter(space=space)
    if member is not None:
        if _belongs(member, space):
            raise NotNow
        if known := still_open.filter(member=member).first():
            return known
    if still_open.count() >= MOST_INVITATIONS:
        raise NotNow
    invitation = Invitation.objects.create(
        code=new_code(),
        space=space,
        member=member,
        created_by=by,
        for_members_only=not by.is_operator,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    if member is not None:
        tell(
            [member.pk],
            kind=Notification.Kind.INVITED,
            key=f"invitation:{invitation.pk}",
            target=invitation,
            actor=by,
        )
    return invitation


@transaction.atomic
def end_invitation(*, invitation: Invitation) -> None:
    """Take it back, or decline it: it lets in nobody any more."""
    Invitation.objects.filter(pk=invitation.pk, ended_at=None).update(
        ended_at=timezone.now()
    )


def invitation_to(member: User, code: str) -> Invitation | None:
    """What a member was asked by name with this code, while it is good."""
    mine = Invitation.objects.valid().filter(code=code.strip()[:40], member=member)
    return mine.select_related("space", "created_by").first()


def open_invitations(space: Space) -> list[Invitation]:
    found = Invitation.objects.valid().filter(space=space)
    return list(found.select_related("member", "created_by")[:MOST_INVITATIONS])


def shown_to(member: User, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Title and address of these invitations, as far as they are still for `member`."""
    found = Invitation.objects.valid().filter(
        pk__in=list(numbers), member=member, space__isnull=False
    )
    return {
        it.pk: (str(it.space), reverse("accounts:invitation_code", args=[it.code]))
        for it in found.select_related("space")
    }


@transaction.atomic
def redeem_invitation(*, code: str, member: User) -> Invitation:
    """Let somebody in by a code; whom it would lead nowhere new uses up none of it.

    Raises UnknownCode for one that is no longer good.
    """
    invitation = (
        Invitation.objects.valid()
        .select_for_update(of=("self",))
        .select_related("space")
        .filter(code=code.strip())
        .first()
    )
    if invitation is None or invitation.member_id not in (None, member.pk):
        raise UnknownCode
    if invitation.for_members_only and not member.is_member:
        raise UnknownCode
    space = invitation.space
    is_in = space is None or _belongs(member, space)
    if is_in and member.is_member:
        return invitation
    if space and not is_in:
        # The space before the member, as whoever joins or is let in holds them.
        _hold_space(space.pk)
        if not (_is_offered(member, space) or has_room(space)):
            raise UnknownCode
    admit(member=member)
    if space and not is_in:
        _come_in(space, member)
    Invitation.objects.filter(pk=invitation.pk, uses_left__isnull=False).update(
        uses_left=F("uses_left") - 1
    )
    return invitation
