"""Stars for events, only from those who came."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User, Verb
from accounts.services import audit
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from content.errors import NotThere, NotYetOver, OwnWork
from content.models import Event, EventRating
from content.services import outcomes
from content.services.attendance import has_come

MOST_SHOWN = 50


def may_rate(member: User, event: Event) -> bool:
    if not member.is_authenticated or event.host_id == member.pk:
        return False
    return event.is_published and event.is_over and has_come(member, event)


@transaction.atomic
def rate(*, event: Event, member: User, stars: int, words: str) -> EventRating:
    """Give or change one's stars. Raises OwnWork, NotYetOver and NotThere."""
    if event.host_id == member.pk:
        raise OwnWork
    if not event.is_published or not event.is_over:
        raise NotYetOver
    if not has_come(member, event):
        raise NotThere
    hold_members(member.pk)
    outcome = outcomes.hold(event)
    rating, is_new = EventRating.objects.update_or_create(
        event=event, member=member, defaults={"stars": stars, "words": words}
    )
    outcomes.recount(outcome)
    if is_new:
        record_activity(
            member=member, verb=Verb.EVENT_RATED, target=event, space=event.space_id
        )
    return rating


@transaction.atomic
def withdraw(*, event: Event, member: User) -> None:
    outcome = outcomes.hold(event)
    EventRating.objects.filter(event=event, member=member).delete()
    outcomes.recount(outcome)


def withdraw_all_of(member: User) -> None:
    """They go for good, and their judgements with them."""
    for rating in member.event_ratings.select_related("event"):
        withdraw(event=rating.event, member=member)


@transaction.atomic
def hide(*, rating: EventRating, by: User, reason: str) -> bool:
    """Out of sight, and out of the figures; why stands in the audit chain. Whether it
    was seen until now."""
    outcome = outcomes.hold(rating.event)
    seen = EventRating.objects.filter(pk=rating.pk, hidden_at=None)
    if not seen.update(hidden_at=timezone.now()):
        return False
    outcomes.recount(outcome)
    audit.record(act="hid a rating", actor=by, target=rating, reason=reason)
    return True


@transaction.atomic
def show(*, rating: EventRating) -> None:
    outcome = outcomes.hold(rating.event)
    EventRating.objects.filter(pk=rating.pk).update(hidden_at=None)
    outcomes.recount(outcome)


def own_of(event: Event, member: User) -> EventRating | None:
    return EventRating.objects.filter(event=event, member=member.pk).first()


def in_words(event: Event) -> list[EventRating]:
    found = event.ratings.filter(hidden_at=None).exclude(words="")
    return list(found.select_related("member")[:MOST_SHOWN])
