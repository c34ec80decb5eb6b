"""A call for cases: members propose, the host decides and finds a place for each."""

from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.errors import Muted
from accounts.models import Notification, User, Verb
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from content.errors import NotAllowedNow, NotOpen, TooManyProposals
from content.models import CaseProposal, Event
from content.services import seats

State = CaseProposal.State
Kind = Notification.Kind

MOST_EACH = 3


def takes_cases(event: Event) -> bool:
    is_call = event.kind == Event.Kind.CASE and event.is_published
    return is_call and timezone.now() < event.starts_at


@transaction.atomic
def propose(
    *,
    event: Event,
    member: User,
    title: str,
    text: str,
    minutes: int,
    form_key: UUID | None = None,
) -> CaseProposal:
    """The same form again is the same proposal. Raises NotOpen, TooManyProposals and
    Muted."""
    if member.is_muted:
        raise Muted
    hold_members(member.pk)
    sent = member.cases_proposed.filter(form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    if not takes_cases(event):
        raise NotOpen
    mine = member.cases_proposed.filter(event=event).exclude(state=State.WITHDRAWN)
    if mine.count() >= MOST_EACH:
        raise TooManyProposals
    proposal = CaseProposal.objects.create(
        event=event,
        member=member,
        title=title,
        text=text,
        minutes=minutes,
        form_key=form_key,
    )
    record_activity(
        member=member, verb=Verb.CASE_PROPOSED, target=event, space=event.space_id
    )
    tell(
        [event.host_id],
        kind=Kind.CASE_PROPOSED,
        key=f"case:{proposal.pk}",
        target=event,
        actor=member,
    )
    return proposal


@transaction.atomic
def withdraw(*, proposal: CaseProposal) -> None:
    """Raises NotAllowedNow once it was decided."""
    proposal = _hold(proposal)
    if proposal.state == State.WITHDRAWN:
        return
    if not proposal.is_open:
        raise NotAllowedNow
    proposal.state = State.WITHDRAWN
    proposal.save(update_fields=["state"])


@transaction.atomic
def accept(*, proposal: CaseProposal, by: User, begins_after: int) -> None:
    """It stands in the agenda, and its member among the speakers; twice is once.

    Raises NotAllowedNow once it was declined or withdrawn, or the event was called off.
    """
    event = seats.hold_event(proposal.event_id)
    proposal = _hold(proposal)
    if proposal.state == State.ACCEPTED:
        return
    if not proposal.is_open or not event.is_published:
        raise NotAllowedNow
    speaker, _is_new = event.speakers.get_or_create(
        member=proposal.member, defaults={"position": event.speakers.count()}
    )
    event.agenda.create(
        begins_after=begins_after,
        minutes=proposal.minutes,
        title=proposal.title,
        speaker=speaker,
    )
    # Calendars learn of it.
    Event.objects.filter(pk=event.pk).update(
        revision=F("revision") + 1, changed_at=timezone.now()
    )
    _decide(proposal, by, State.ACCEPTED, Kind.CASE_ACCEPTED)


@transaction.atomic
def decline(*, proposal: CaseProposal, by: User, reason: str) -> None:
    """Its member reads why. Twice is once. Raises NotAllowedNow."""
    proposal = _hold(proposal)
    if proposal.state == State.DECLINED:
        return
    if not proposal.is_open:
        raise NotAllowedNow
    proposal.reason = reason
    _decide(proposal, by, State.DECLINED, Kind.CASE_DECLINED)


def _decide(proposal: CaseProposal, by: User, state: str, news: Kind) -> None:
    proposal.state, proposal.decided_by = state, by
    proposal.decided_at = timezone.now()
    proposal.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    tell(
        [proposal.member_id],
        kind=news,
        key=f"case:{proposal.pk}:{state}",
        target=proposal.event,
        actor=by,
    )


def _hold(proposal: CaseProposal) -> CaseProposal:
    rows = CaseProposal.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("event", "member").get(pk=proposal.pk)


# Reading ----------------------------------------------------------------------


def of(event: Event) -> QuerySet[CaseProposal]:
    """What the host reads: what waits for them first."""
    found = event.proposals.exclude(state=State.WITHDRAWN).select_related("member")
    return found.order_by(F("decided_at").asc(nulls_first=True), "created_at", "pk")


def own_of(event: Event, member: User) -> QuerySet[CaseProposal]:
    return event.proposals.filter(member=member)


def waiting(event: Event) -> int:
    return event.proposals.filter(state=State.PROPOSED).count()


def next_free_minute(event: Event) -> int:
    """After what is in the agenda already."""
    ends = [it.begins_after + it.minutes for it in event.agenda.all()]
    return max(ends, default=0)
