"""Coming to an event: from wanting a seat to having one, paying for it, giving it back.

(nothing) → going                a seat is free and nothing is to be paid
(nothing) → offered → going      a seat is kept while somebody pays
(nothing) → waiting → offered    a seat was given back to who waited longest
offered → cancelled              nobody confirmed or paid in time

What was paid is held in the ledger until the event is over: then it is earned. Whoever
goes before gets back what the event's terms say, and all of it when the event is
cancelled or was moved. The locks are told in `seats`.
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import MEMBERSHIP, Offer, Order, User, Verb
from accounts.services import entitlements, held, orders, refunds
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from community.lib.apart import each_apart
from content.errors import (
    NoSeatKept,
    NotIncluded,
    RegistrationClosed,
    TooLateToCancel,
)
from content.models import Event, Registration
from content.services import live_state, seats

State = Registration.State

TO_PAY = dt.timedelta(hours=2)
WHOLE, HALF, NOTHING = 100, 50, 0  # per cent


# Coming -----------------------------------------------------------------------


@transaction.atomic
def register(
    *, event: Event, member: User, answers: Sequence[str] = ()
) -> Registration:
    """A seat, or a place in the waiting list; asking again changes nothing.

    A seat that is to be paid is kept for a while. Raises RegistrationClosed and
    NotIncluded.
    """
    hold_members(member.pk)
    event = seats.hold_event(event.pk)
    mine = Registration.objects.filter(event=event, member=member).first()
    if mine and not mine.is_cancelled:
        return mine
    if not event.takes_registrations or (mine and _owes_us_back(mine)):
        raise RegistrationClosed
    if event.access == Event.Access.MEMBERSHIP and not is_included(event, member):
        raise NotIncluded
    registration = _anew(mine or Registration(event=event, member=member))
    registration.answers = [
        [question, answer]
        for question, answer in zip(event.questions, answers, strict=False)
    ]
    _place(event, registration)
    return registration


@transaction.atomic
def seat_at_door(*, event: Event, member: User) -> Registration:
    """The seat they have, or a free one, whoever waits for it elsewhere.

    Raises NoSeatKept, and NotIncluded where it is to be paid and is not.
    """
    hold_members(member.pk)
    event = seats.hold_event(event.pk)
    mine = Registration.objects.filter(event=event, member=member).first()
    if mine and mine.is_going:
        return mine
    if not is_included(event, member) or (mine and _owes_us_back(mine)):
        raise NotIncluded
    if not (mine and mine.is_offered):
        if event.left == 0:
            raise NoSeatKept
        seats.take(event)
    registration = _anew(mine or Registration(event=event, member=member))
    registration.queued_at = None
    _go(event, registration)
    return registration


def _owes_us_back(registration: Registration) -> bool:
    """What was paid before has not gone back yet."""
    return registration.is_paid and registration.settled_at is None


def _anew(registration: Registration) -> Registration:
    registration.offer = registration.order = registration.paid_points = None
    registration.cancelled_at = registration.settled_at = None
    return registration


def _place(event: Event, registration: Registration) -> None:
    if not seats.is_free(event):
        registration.state, registration.queued_at = State.WAITING, timezone.now()
        registration.save()
        return
    seats.take(event)
    if is_included(event, registration.member):
        _go(event, registration)
        return
    registration.state = State.OFFERED
    until = timezone.now() + TO_PAY
    registration.confirm_by = min(until, event.registration_ends_at)
    registration.save()


def _go(event: Event, registration: Registration) -> None:
    registration.state, registration.confirm_by = State.GOING, None
    registration.registered_at = timezone.now()
    registration.cancelled_at = None
    registration.save()
    _take_off_sale(registration)
    record_activity(
        member=registration.member,
        verb=Verb.EVENT_REGISTERED,
        target=event,
        space=event.space_id,
    )


def is_included(event: Event, member: User) -> bool:
    """Whether this member has nothing to pay; in a membership's event, whether they
    may come at all."""
    if event.access == Event.Access.FREE or event.host_id == member.pk:
        return True
    mine = entitlements.held(member)
    if event.what in mine:
        return True
    by_plan = event.access == Event.Access.MEMBERSHIP or event.included_in_membership
    return by_plan and MEMBERSHIP in mine


@transaction.atomic
def confirm_seat(*, registration: Registration) -> None:
    """Take the seat that is kept; where it is to be paid, paying confirms it.

    Raises NoSeatKept.
    """
    registration = _hold(registration)
    if registration.is_going:
        return
    event = registration.event
    _check_kept(registration)
    if not is_included(event, registration.member):
        raise NoSeatKept
    _go(event, registration)


def _check_kept(registration: Registration) -> None:
    """Until it is given to somebody else, also when its time is over."""
    event = registration.event
    if not registration.is_offered or not event.is_published or event.is_over:
        raise NoSeatKept


# Paying -----------------------------------------------------------------------


@transaction.atomic
def offer_for(*, registration: Registration) -> Offer:
    """What the member buys in order to have the seat. Raises NoSeatKept."""
    registration = _hold(registration)
    _check_kept(registration)
    price = registration.event.price
    if price is None:
        raise NoSeatKept
    if registration.offer and registration.offer.price == price:
        return registration.offer
    _take_off_sale(registration)
    registration.offer = _make_offer(registration, price)
    registration.save(update_fields=["offer"])
    return registration.offer


def _make_offer(registration: Registration, price: int) -> Offer:
    event = registration.event
    offers = Offer.objects.filter(slug__startswith=f"seat-{registration.pk}-")
    return Offer.objects.create(
        slug=f"seat-{registration.pk}-{offers.count() + 1}",
        what=event.what,
        title=event.title[: Offer._meta.get_field("title").max_length],
        price=price,
        currency=event.currency,
        creator=event.host,
        only_for=registration.member,
    )


@transaction.atomic
def pay_with_points(*, registration: Registration) -> None:
    """Raises NotEnough and NoSeatKept."""
    registration = _hold(registration)
    if registration.is_going and registration.paid_points:
        return
    _check_kept(registration)
    points = registration.event.points
    if points is None:
        raise NoSeatKept
    registration.tries += 1
    held.hold_points(
        key=f"{_key(registration)}:held",
        member=registration.member,
        points=points,
        source=registration.event,
        cause="seat",
    )
    registration.paid_points = points
    _go(registration.event, registration)


def _key(registration: Registration) -> str:
    return f"seat:{registration.pk}:{registration.tries}"


def _take_off_sale(registration: Registration) -> None:
    if registration.offer_id:
        Offer.objects.filter(pk=registration.offer_id).update(is_active=False)


# What billing tells us, with the order locked ----------------------------------


def is_wanted(order: Order) -> bool:
    """Whether the money still buys the seat: it is kept, or free again."""
    registration = _of(order)
    if registration is None or registration.is_going:
        return False
    event = registration.event
    if not event.is_published or event.is_over:
        return False
    if registration.is_offered:
        return True
    return event.takes_registrations and seats.is_free(event)


def paid(order: Order) -> None:
    registration = _of(order)
    if registration is None or registration.is_going:
        return
    if registration.is_cancelled:  # late money, and the seat is free still
        seats.take(registration.event)
    registration.order = order
    _go(registration.event, registration)


def closed(order: Order) -> None:
    """All of its money went back: by us, by an operator, or by the member's bank."""
    registration = _of(order)
    if registration is None or registration.order_id != order.pk:
        return
    if registration.is_going and not registration.event.is_over:
        _leave(registration)
    registration.settled_at = timezone.now()
    registration.save(update_fields=["settled_at"])


def _of(order: Order) -> Registration | None:
    found = Registration.objects.filter(Q(offer=order.offer_id) | Q(order=order))
    registration = found.first()
    return registration and _hold_all_but_orders(registration)


# Going away -------------------------------------------------------------------


def part_given_back(registration: Registration, at: dt.datetime) -> int:
    """In per cent, to who goes at this time, by the terms that they came under."""
    event = registration.event
    came, moved = registration.registered_at, event.moved_at
    if event.is_cancelled or at < event.free_until:
        return WHOLE
    if came and moved and came < moved:
        return WHOLE
    is_half = event.late_refund == Event.LateRefund.HALF
    return HALF if is_half and at < event.starts_at else NOTHING


@transaction.atomic
def cancel_registration(*, registration: Registration) -> None:
    """Give the seat, or the place in the waiting list, back; the money by the terms.

    Doing so again changes nothing. Raises TooLateToCancel.
    """
    registration = _hold(registration)
    if registration.is_cancelled:
        return
    if registration.event.is_over or registration.checked_in_at:
        raise TooLateToCancel
    if registration.is_going:
        record_activity(
            member=registration.member,
            verb=Verb.EVENT_LEFT,
            target=registration.event,
            space=registration.event.space_id,
        )
    _end(registration)


def _end(registration: Registration) -> None:
    _leave(registration)
    if registration.is_paid and not registration.settled_at:
        _settle_by_terms(registration)


def _leave(registration: Registration) -> None:
    has_seat = registration.state in Registration.SEATED
    registration.state, registration.cancelled_at = State.CANCELLED, timezone.now()
    registration.confirm_by = registration.queued_at = None
    registration.save()
    _take_off_sale(registration)
    live_state.show_again(registration.event_id, registration.member_id)
    if has_seat:
        seats.give_back(registration.event)


def _settle_by_terms(registration: Registration) -> None:
    """While the member's bank disputes the payment, nothing can be given back yet:
    then it stays unsettled, and `advance` tries again."""
    at = registration.cancelled_at or timezone.now()
    part = part_given_back(registration, at)
    if registration.order:
        is_settled = _give_money_back(registration.order, part)
    else:
        is_settled = _give_points_back(registration, part)
    if is_settled:
        registration.settled_at = timezone.now()
        registration.save(update_fields=["settled_at"])


def _give_money_back(order: Order, part: int) -> bool:
    """Whether it could be; the rest of it is earned."""
    if refunds.undo_free(order=order, percent=part):
        return True
    left = sum(amount for amount, _currency in refunds.left_of([order]))
    back = left * part // 100
    if back:
        why = _("The seat was given back")
        made = refunds.refund(order=order, amount=back, reason=why, ends_access=True)
        if made is None:
            return False
    else:
        refunds.close_access(order)
    if back < left:
        held.release(order)
    return True


def _give_points_back(registration: Registration, part: int) -> bool:
    points = registration.paid_points or 0
    back = points * part // 100
    if back:
        held.return_points(
            key=f"{_key(registration)}:back",
            to=registration.member,
            points=back,
            source=registration.event,
            cause="seat back",
        )
    if back < points:
        _spend_points(registration, points - back)
    return True


def _spend_points(registration: Registration, points: int) -> None:
    event = registration.event
    held.earn_points(
        key=_key(registration),
        points=points,
        creator=event.host,
        source=event,
        cause="seat",
        shared="seat shared",
    )


# The clock --------------------------------------------------------------------


def advance(now: dt.datetime | None = None) -> dict[str, int]:
    """Pass on the seats that nobody confirmed, wind up what was cancelled, give back
    what could not go back before, and earn what has taken place.

    Each registration on its own, so that one does not keep the others from it; killed
    in between, the next run does the rest.
    """
    now = now or timezone.now()
    rows = Registration.objects.order_by("pk")
    late = rows.filter(state=State.OFFERED, confirm_by__lte=now)
    paid_for = rows.filter(settled_at=None).exclude(order=None, paid_points=None)
    over = paid_for.filter(state=State.GOING, event__ends_at__lte=now)
    return {
        "passed on": each_apart(late, lambda it: lapse(registration=it, now=now)),
        "wound up": each_apart(_of_cancelled(), lambda it: _wind_up(registration=it)),
        "given back": each_apart(
            paid_for.filter(state=State.CANCELLED),
            lambda it: _give_back_again(registration=it),
        ),
        "earned": each_apart(
            over.exclude(event__state=Event.State.CANCELLED),
            lambda it: _earn(registration=it),
        ),
    }


def _of_cancelled() -> QuerySet[Registration]:
    rows = Registration.objects.filter(event__state=Event.State.CANCELLED)
    return rows.exclude(state=State.CANCELLED).order_by("pk")


def wind_up(event_id: int) -> int:
    """Everybody's registration ends with the event, and all that was paid goes back."""
    rows = _of_cancelled().filter(event=event_id)
    return each_apart(rows, lambda it: _wind_up(registration=it))


@transaction.atomic
def lapse(*, registration: Registration, now: dt.datetime) -> bool:
    """Nobody confirmed in time: the seat goes on; whether it did."""
    registration = _hold(registration)
    if not registration.confirm_by or registration.confirm_by > now:
        return False
    _leave(registration)
    return True


@transaction.atomic
def _wind_up(*, registration: Registration) -> bool:
    registration = _hold(registration)
    if registration.is_cancelled:
        return False
    _end(registration)
    return True


@transaction.atomic
def _give_back_again(*, registration: Registration) -> bool:
    registration = _hold(registration)
    if registration.settled_at or not registration.is_cancelled:
        return False
    _settle_by_terms(registration)
    return registration.settled_at is not None


@transaction.atomic
def _earn(*, registration: Registration) -> bool:
    registration = _hold(registration)
    if registration.settled_at or not registration.is_going:
        return False
    if registration.order:
        held.release(registration.order)
    else:
        _spend_points(registration, registration.paid_points or 0)
    registration.settled_at = timezone.now()
    registration.save(update_fields=["settled_at"])
    return True


def leave_all(member: User) -> None:
    """They go for good: every seat to come is given back."""
    coming = member.registrations.exclude(state=State.CANCELLED).filter(
        event__ends_at__gt=timezone.now(), checked_in_at=None
    )
    for registration in coming:
        cancel_registration(registration=registration)


# Reading ----------------------------------------------------------------------


def registration_of(event: Event, member: User) -> Registration | None:
    if not member.is_authenticated:
        return None
    mine = Registration.objects.filter(event=event, member=member).first()
    if mine:
        mine.event = event
    return mine


def place_in_queue(registration: Registration) -> int:
    """1 is the next."""
    ahead = seats.waiting(registration.event).filter(
        Q(queued_at__lt=registration.queued_at)
        | Q(queued_at=registration.queued_at, pk__lt=registration.pk)
    )
    return ahead.count() + 1


def people_of(event: Event) -> QuerySet[Registration]:
    """Who comes, whose seat is kept, who waits; in the order in which they came."""
    rows = event.registrations.exclude(state=State.CANCELLED)
    return rows.select_related("member", "order").order_by("state", "created_at", "pk")


def _hold(registration: Registration) -> Registration:
    """Its orders, its member, its event and itself; see `seats`."""
    orders.lock_orders_of(Registration.objects.filter(pk=registration.pk))
    return _hold_all_but_orders(registration)


def _hold_all_but_orders(registration: Registration) -> Registration:
    hold_members(registration.member_id)
    event = seats.hold_event(registration.event_id)
    rows = Registration.objects.select_for_update(of=("self",), no_key=True)
    held_row = rows.select_related("member", "order", "offer").get(pk=registration.pk)
    held_row.event = event
    return held_row
