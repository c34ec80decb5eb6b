"""Paying for a challenge, and what becomes of what was paid.

It is held in the ledger until the challenge is over: then it is earned, the host's
share of points as of money. Who leaves before the first day gets all of it back, and
everybody when it is cancelled. Who leaves later keeps the ticket, and may come again.

Locks: the orders, the member, the challenge, the ticket. Billing tells us of an order
while it holds it.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Offer, Order, User
from accounts.services import held, orders, refunds
from accounts.services.members import hold_members
from community.lib.apart import each_apart
from community.lib.dates import site_day
from content.errors import ChallengeClosed, ChallengeFull
from content.models import Challenge, ChallengeMember, ChallengeTicket
from content.services import challenges


def ticket_of(challenge: Challenge, member: User) -> ChallengeTicket | None:
    if not member.is_authenticated:
        return None
    mine = ChallengeTicket.objects.filter(challenge=challenge, member=member).first()
    if mine:
        mine.challenge = challenge
    return mine


# Paying -----------------------------------------------------------------------


@transaction.atomic
def offer_for(*, challenge: Challenge, member: User) -> Offer:
    """What the member buys in order to take part, at the price of today.

    Raises ChallengeClosed and ChallengeFull.
    """
    ticket = _held(challenge, member)
    _check_payable(ticket)
    price = ticket.challenge.price
    if price is None:
        raise ChallengeClosed
    if ticket.offer and ticket.offer.is_active and ticket.offer.price == price:
        return ticket.offer
    _take_off_sale(ticket)
    ticket.offer = _make_offer(ticket, price)
    ticket.save(update_fields=["offer"])
    return ticket.offer


@transaction.atomic
def pay_with_points(*, challenge: Challenge, member: User) -> None:
    """Twice is once. Raises NotEnough, ChallengeClosed and ChallengeFull."""
    ticket = _held(challenge, member)
    if ticket.is_good:
        return
    _check_payable(ticket)
    points = ticket.challenge.points
    if points is None:
        raise ChallengeClosed
    ticket.tries += 1
    held.hold_points(
        key=f"{_key(ticket)}:held",
        member=member,
        points=points,
        source=ticket.challenge,
        cause="challenge",
    )
    ticket.order, ticket.paid_points = None, points
    _pay(ticket)


def _held(challenge: Challenge, member: User) -> ChallengeTicket:
    mine, _is_new = ChallengeTicket.objects.get_or_create(
        challenge=challenge, member=member
    )
    return _hold(mine)


def _check_payable(ticket: ChallengeTicket) -> None:
    """As long as somebody may come in and there is a place."""
    if not _takes_people(ticket.challenge) or _owes_them(ticket):
        raise ChallengeClosed
    if challenges.places_left(ticket.challenge) == 0:
        raise ChallengeFull


def _takes_people(challenge: Challenge) -> bool:
    return challenge.is_published and not challenge.is_over


def _owes_them(ticket: ChallengeTicket) -> bool:
    """What was paid before is still good, or has not gone back yet."""
    return ticket.paid_at is not None and ticket.settled_at is None


def _make_offer(ticket: ChallengeTicket, price: int) -> Offer:
    challenge = ticket.challenge
    offers = Offer.objects.filter(slug__startswith=f"camp-{ticket.pk}-")
    return Offer.objects.create(
        slug=f"camp-{ticket.pk}-{offers.count() + 1}",
        what=challenge.what,
        title=challenge.title[: Offer._meta.get_field("title").max_length],
        price=price,
        currency=challenge.currency,
        creator=challenge.host,
        only_for=ticket.member,
    )


def _pay(ticket: ChallengeTicket) -> None:
    ticket.paid_at = timezone.now()
    ticket.given_up_at = ticket.settled_at = None
    ticket.save()
    _take_off_sale(ticket)


def _take_off_sale(ticket: ChallengeTicket) -> None:
    if ticket.offer_id:
        Offer.objects.filter(pk=ticket.offer_id).update(is_active=False)


def _key(ticket: ChallengeTicket) -> str:
    return f"camp:{ticket.pk}:{ticket.tries}"


# What billing tells us, with the order locked ----------------------------------


def is_wanted(order: Order) -> bool:
    """Whether the money still buys a place."""
    ticket = _of(order)
    if ticket is None or not _takes_people(ticket.challenge) or _owes_them(ticket):
        return False
    return challenges.places_left(ticket.challenge) != 0


def paid(order: Order) -> None:
    ticket = _of(order)
    if ticket is None or _owes_them(ticket):
        return
    ticket.order, ticket.paid_points = order, None
    _pay(ticket)


def closed(order: Order) -> None:
    """All of its money went back: by us, by an operator, or by the member's bank."""
    ticket = _of(order)
    if ticket is None or ticket.order_id != order.pk:
        return
    now = timezone.now()
    if _takes_people(ticket.challenge):
        ticket.given_up_at = ticket.given_up_at or now
        _end_part(ticket)
    ticket.settled_at = now
    ticket.save(update_fields=["given_up_at", "settled_at"])


def _of(order: Order) -> ChallengeTicket | None:
    found = ChallengeTicket.objects.filter(Q(offer=order.offer_id) | Q(order=order))
    ticket = found.first()
    return ticket and _hold_all_but_orders(ticket)


# Going away -------------------------------------------------------------------


@transaction.atomic
def leave(*, participant: ChallengeMember) -> None:
    """They take part no more; before the first day what they paid goes back."""
    mine = ChallengeTicket.objects.filter(
        challenge=participant.challenge_id, member=participant.member_id
    ).first()
    ticket = mine and _hold(mine)
    challenges.leave(participant=participant)
    if ticket and ticket.is_good and comes_back(ticket.challenge):
        _give_up(ticket)


@transaction.atomic
def give_up(*, ticket: ChallengeTicket) -> None:
    """Who has paid and does not take part thinks again. Raises ChallengeClosed once it
    has begun."""
    ticket = _hold(ticket)
    if not ticket.is_good:
        return
    if not comes_back(ticket.challenge):
        raise ChallengeClosed
    _end_part(ticket)
    _give_up(ticket)


def comes_back(challenge: Challenge) -> bool:
    """Whether who leaves now gets back what they paid."""
    return challenge.is_coming


def _give_up(ticket: ChallengeTicket) -> None:
    ticket.given_up_at = timezone.now()
    ticket.save(update_fields=["given_up_at"])
    _give_back(ticket)


def _end_part(ticket: ChallengeTicket) -> None:
    there = ChallengeMember.objects.filter(
        challenge=ticket.challenge_id, member=ticket.member_id, left_at=None
    )
    for participant in there:
        challenges.leave(participant=participant)


def _give_back(ticket: ChallengeTicket) -> None:
    """While the member's bank disputes the payment, nothing can be given back yet:
    then it stays unsettled, and `advance` tries again."""
    if ticket.order:
        left = sum(amount for amount, _currency in refunds.left_of([ticket.order]))
        why = _("The place was given back")
        if left and not refunds.refund(
            order=ticket.order, amount=left, reason=why, ends_access=True
        ):
            return
    else:
        held.return_points(
            key=f"{_key(ticket)}:back",
            to=ticket.member,
            points=ticket.paid_points or 0,
            source=ticket.challenge,
            cause="challenge back",
        )
    _settled(ticket)


def _settled(ticket: ChallengeTicket) -> None:
    ticket.settled_at = timezone.now()
    ticket.save(update_fields=["settled_at"])


def leave_all(member: User) -> None:
    """They go for good: what has not begun is given back."""
    mine = member.challenge_tickets.filter(
        paid_at__isnull=False, given_up_at=None, settled_at=None
    )
    for ticket in mine.select_related("challenge"):
        if comes_back(ticket.challenge):
            give_up(ticket=ticket)


# The clock --------------------------------------------------------------------


def advance(now: dt.datetime | None = None) -> dict[str, int]:
    """Give back what is to go back, and earn what is over; each ticket on its own."""
    open_ones = ChallengeTicket.objects.filter(paid_at__isnull=False, settled_at=None)
    off = Q(challenge__state=Challenge.State.CANCELLED) | Q(given_up_at__isnull=False)
    over = open_ones.filter(challenge__last_day__lt=site_day(now)).exclude(off)
    return {
        "given back": each_apart(
            open_ones.filter(off).order_by("pk"), _give_back_again
        ),
        "earned": each_apart(over.order_by("pk"), _earn),
    }


@transaction.atomic
def _give_back_again(ticket: ChallengeTicket) -> bool:
    ticket = _hold(ticket)
    if ticket.settled_at:
        return False
    _give_back(ticket)
    return ticket.settled_at is not None


@transaction.atomic
def _earn(ticket: ChallengeTicket) -> bool:
    ticket = _hold(ticket)
    if ticket.settled_at or not ticket.is_good:
        return False
    if ticket.order:
        held.release(ticket.order)
    else:
        held.earn_points(
            key=_key(ticket),
            points=ticket.paid_points or 0,
            creator=ticket.challenge.host,
            source=ticket.challenge,
            cause="challenge",
            shared="challenge shared",
        )
    _settled(ticket)
    return True


def _hold(ticket: ChallengeTicket) -> ChallengeTicket:
    """Its orders, its member, its challenge and itself."""
    orders.lock_orders_of(ChallengeTicket.objects.filter(pk=ticket.pk))
    return _hold_all_but_orders(ticket)


def _hold_all_but_orders(ticket: ChallengeTicket) -> ChallengeTicket:
    hold_members(ticket.member_id)
    challenge = challenges.hold_challenge(ticket.challenge_id)
    rows = ChallengeTicket.objects.select_for_update(of=("self",), no_key=True)
    held_row = rows.select_related("member", "order", "offer").get(pk=ticket.pk)
    held_row.challenge = challenge
    return held_row
