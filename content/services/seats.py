"""The seats of an event: counted under the lock of its row, given to who waits longest.

Whoever takes several locks takes them in this order: the orders, the member, the
event, its registrations. Billing tells us of an order while it holds it.
"""

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Notification
from accounts.services.notifications import tell
from content.models import Event, Registration

State = Registration.State

TO_CONFIRM = dt.timedelta(hours=24)
LEAST_TO_CONFIRM = dt.timedelta(minutes=30)


def hold_event(pk: int) -> Event:
    """Nobody else takes or gives back a seat of it until the transaction ends."""
    events = Event.objects.select_for_update(of=("self",), no_key=True)
    return events.select_related("host").get(pk=pk)


def take(event: Event) -> None:
    """The event is held, and was asked whether a seat is free."""
    event.taken += 1
    event.save(update_fields=["taken"])


def give_back(event: Event) -> None:
    """The seat goes to whoever waits longest, in this same transaction."""
    event.taken -= 1
    event.save(update_fields=["taken"])
    fill(event)


def is_free(event: Event) -> bool:
    """Whether somebody who comes now may have one: not before those who wait."""
    if event.left is None:
        return True
    return event.left > 0 and not waiting(event).exists()


def waiting(event: Event) -> QuerySet[Registration]:
    queue = event.registrations.filter(state=State.WAITING)
    return queue.order_by("queued_at", "pk")


def fill(event: Event) -> None:
    """Offer every free seat to those who wait, as long as anybody may come in."""
    if not event.is_published or timezone.now() >= event.registration_ends_at:
        return
    queue = waiting(event).select_for_update(no_key=True)
    for registration in queue if event.left is None else queue[: event.left]:
        _offer(event, registration)


def _offer(event: Event, registration: Registration) -> None:
    registration.state, registration.queued_at = State.OFFERED, None
    registration.confirm_by = confirm_by(event, timezone.now())
    registration.save(update_fields=["state", "queued_at", "confirm_by"])
    take(event)
    tell(
        [registration.member_id],
        kind=Notification.Kind.EVENT_SEAT,
        key=f"seat:{registration.pk}:{registration.confirm_by.isoformat()}",
        target=event,
    )


def confirm_by(event: Event, now: dt.datetime) -> dt.datetime:
    """A day to think; as the event comes nearer, a quarter of the time left."""
    nearer = max((event.starts_at - now) / 4, LEAST_TO_CONFIRM)
    return min(now + min(TO_CONFIRM, nearer), event.registration_ends_at)
