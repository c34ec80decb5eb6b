"""From an hour that is kept to one that took place, and what becomes of the payment.

waiting → asked → confirmed → done | missed | cancelled | (disputed → decided)
waiting → withdrawn                        nobody paid in time
asked → rejected | expired | withdrawn

An hour is taken with the booking, for both of the two, as rows of TimeCell: the
database gives each quarter of an hour once. What was paid is held in the ledger from
"asked" on; with the end, `appointment_rules` say which part goes back, and the rest is
the expert's: money by the share promised when it was booked, points as a whole.
`advance` is the clock, and repeats what could not be done before.

Locks: the orders, then the two members, then the appointment. Whoever takes an hour
holds its expert, so that two who want the same one wait for each other.
"""

import datetime as dt
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Notification, Offer, Order, User, Verb
from accounts.services import audit, held, orders, refunds, shares
from accounts.services.activity import record_activity
from accounts.services.blocks import has_blocked
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.apart import each_apart
from content.errors import NotStanding, NotTaken, SlotTaken, TooManyUnpaid
from content.models import Appointment, Consultation, TimeCell
from content.services import appointment_rules as rules
from content.services import consultations
from content.services.appointment_rules import Outcome, Record, Who
from content.services.slots import cells_of

State = Appointment.State
Kind = Notification.Kind

MOST_UNPAID = 2
DOOR_OPENS = dt.timedelta(minutes=30)  # before the beginning
ENDS = {
    Outcome.DONE: State.DONE,
    Outcome.ASKER_MISSED: State.MISSED,
    Outcome.EXPERT_MISSED: State.MISSED,
}


# Booking ----------------------------------------------------------------------


@transaction.atomic
def book(
    *,
    asker: User,
    consultation: Consultation,
    starts_at: dt.datetime,
    brief: str,
    form_key: UUID | None = None,
) -> Appointment:
    """Take the hour; it is kept for a while in which it is to be paid.

    The same form sent again returns what is there. Raises SlotTaken, NotTaken and
    TooManyUnpaid.
    """
    expert = consultation.expert
    hold_members(asker.pk, expert.pk)
    sent = Appointment.objects.filter(asker=asker, form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    if has_blocked(expert, asker):
        raise NotTaken
    if asker.appointments_asked.filter(state=State.WAITING).count() >= MOST_UNPAID:
        raise TooManyUnpaid
    minutes = consultation.minutes
    if starts_at not in consultations.free_slots(
        expert=expert, other=asker, minutes=minutes
    ):
        raise SlotTaken
    appointment = Appointment.objects.create(
        consultation=consultation,
        asker=asker,
        expert=expert,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=minutes),
        brief=brief,
        title=consultation.title,
        place=consultation.place,
        due_at=timezone.now() + rules.TO_PAY,
        form_key=form_key,
        **consultations.prices(consultation),
    )
    _take_time(appointment)
    return appointment


def _take_time(appointment: Appointment) -> None:
    """Both of the two are held; were it forgotten, the database would say no."""
    moments = cells_of(appointment.starts_at, appointment.length)
    try:
        with transaction.atomic():
            TimeCell.objects.bulk_create(
                TimeCell(person_id=person, starts_at=moment, appointment=appointment)
                for person in sorted([appointment.asker_id, appointment.expert_id])
                for moment in moments
            )
    except IntegrityError as taken:
        raise SlotTaken from taken


@transaction.atomic
def offer_for(*, appointment: Appointment) -> Offer:
    """What the asker buys in order to ask. Raises NotStanding and NotTaken."""
    appointment = _hold(appointment)
    _check_payable(appointment)
    if appointment.price is None:
        raise NotTaken
    if appointment.offer is None:
        appointment.offer = _make_offer(appointment, appointment.price)
        appointment.save(update_fields=["offer"])
    return appointment.offer


def _check_payable(appointment: Appointment) -> None:
    if not _is_payable(appointment):
        raise NotStanding
    if has_blocked(appointment.expert, appointment.asker):
        raise NotTaken


def _is_payable(appointment: Appointment) -> bool:
    """Until the clock lets it go, and as long as the expert has time to say yes."""
    now = timezone.now()
    return appointment.is_waiting and (
        rules.confirm_by(now, appointment.starts_at) > now
    )


def _make_offer(appointment: Appointment, price: int) -> Offer:
    offer = Offer.objects.create(
        slug=f"appointment-{appointment.pk}",
        what=appointment.what,
        # Not what it is about: what is sold stays in the books.
        title=_("Appointment with %(expert)s") % {"expert": appointment.expert},
        price=price,
        currency=appointment.currency,
        creator=appointment.expert,
        only_for=appointment.asker,
    )
    shares.promise(offer, appointment.expert, appointment.share)
    return offer


@transaction.atomic
def pay_with_points(*, appointment: Appointment) -> None:
    """Ask for points. Raises NotEnough, NotTaken and NotStanding."""
    appointment = _hold(appointment)
    if appointment.paid_points:
        return
    _check_payable(appointment)
    if appointment.points is None:
        raise NotTaken
    held.hold_points(
        key=f"appointment:{appointment.pk}:held",
        member=appointment.asker,
        points=appointment.points,
        source=appointment,
        cause="appointment",
    )
    appointment.paid_points = appointment.points
    _ask(appointment)


def _ask(appointment: Appointment) -> None:
    now = timezone.now()
    _take_off_sale(appointment)
    appointment.state, appointment.asked_at = State.ASKED, now
    appointment.due_at = rules.confirm_by(now, appointment.starts_at)
    appointment.remind_at = rules.remind_to_confirm(now, appointment.due_at)
    appointment.save()
    _record(appointment, Verb.APPOINTMENT_ASKED, appointment.asker)
    _tell(
        appointment, [appointment.expert_id], Kind.APPOINTMENT_ASKED, appointment.asker
    )


def _take_off_sale(appointment: Appointment) -> None:
    if appointment.offer_id:
        Offer.objects.filter(pk=appointment.offer_id).update(is_active=False)


# What billing tells us, with the order locked ----------------------------------


def is_wanted(order: Order) -> bool:
    """Whether the money still buys the hour that its order was made for."""
    appointment = _of(order)
    return appointment is not None and _is_payable(appointment)


def paid(order: Order) -> None:
    appointment = _of(order)
    if appointment is None or not appointment.is_waiting:
        return
    appointment.order = order
    _ask(appointment)


def closed(order: Order) -> None:
    """All of its money went back: by us, by an operator, or by the asker's bank."""
    appointment = _of(order)
    if appointment is None or appointment.order_id != order.pk:
        return
    if appointment.is_running:
        _end(appointment, State.CANCELLED, back=rules.WHOLE)
        _tell(appointment, _both(appointment), Kind.APPOINTMENT_ENDED)
    appointment.settled_at = timezone.now()
    appointment.save(update_fields=["settled_at"])


def _of(order: Order) -> Appointment | None:
    found = Appointment.objects.filter(offer=order.offer_id).first()
    return found and _hold_all_but_orders(found)


# The expert's answer ------------------------------------------------------------


@transaction.atomic
def confirm(*, appointment: Appointment, join_url: str = "") -> None:
    """It stands. Doing so again changes nothing. Raises NotStanding."""
    appointment = _hold(appointment)
    if appointment.is_confirmed:
        return
    _check_asked(appointment)
    now = timezone.now()
    appointment.state, appointment.confirmed_at = State.CONFIRMED, now
    appointment.join_url = join_url
    appointment.remind_at = rules.next_reminder(appointment.starts_at, now)
    appointment.changed_at = now
    appointment.save()
    _record(appointment, Verb.APPOINTMENT_CONFIRMED, appointment.expert)
    _tell(
        appointment,
        [appointment.asker_id],
        Kind.APPOINTMENT_CONFIRMED,
        appointment.expert,
    )


@transaction.atomic
def change_link(*, appointment: Appointment, join_url: str) -> None:
    """They meet elsewhere, and the asker is told. Raises NotStanding."""
    appointment = _hold(appointment)
    if not appointment.is_confirmed:
        raise NotStanding
    if appointment.join_url == join_url:
        return
    appointment.join_url = join_url
    appointment.save(update_fields=["join_url"])
    _tell_now(
        appointment, [appointment.asker_id], Kind.APPOINTMENT_LINK, appointment.expert
    )


@transaction.atomic
def reject(*, appointment: Appointment, reason: str = "") -> None:
    """The expert does not take it. Raises NotStanding."""
    appointment = _hold(appointment)
    _check_asked(appointment)
    _end(appointment, State.REJECTED, by=appointment.expert, reason=reason)
    _settle(appointment)
    _tell(
        appointment, [appointment.asker_id], Kind.APPOINTMENT_ENDED, appointment.expert
    )


def _check_asked(appointment: Appointment) -> None:
    """Also when its time is up and nobody has noticed yet."""
    if not appointment.is_asked or appointment.due_at <= timezone.now():
        raise NotStanding


# Going away ---------------------------------------------------------------------


@transaction.atomic
def withdraw(*, appointment: Appointment) -> None:
    """The asker takes it back before it is confirmed. Raises NotStanding."""
    appointment = _hold(appointment)
    if appointment.is_waiting:
        _end(appointment, State.WITHDRAWN, by=appointment.asker)
        return
    if not appointment.is_asked:
        raise NotStanding
    _end(appointment, State.WITHDRAWN, by=appointment.asker)
    _settle(appointment)
    _tell(
        appointment, [appointment.expert_id], Kind.APPOINTMENT_ENDED, appointment.asker
    )


@transaction.atomic
def cancel(*, appointment: Appointment, by: User, reason: str = "") -> None:
    """One of the two cannot come; the payment by the table. Raises NotStanding."""
    appointment = _hold(appointment)
    back = back_if_cancelled(appointment, by)
    if back is None:
        raise NotStanding
    _end(appointment, State.CANCELLED, by=by, reason=reason, back=back)
    _settle(appointment)
    _tell(appointment, _others(appointment, by), Kind.APPOINTMENT_ENDED, by)


def back_if_cancelled(appointment: Appointment, by: User) -> int | None:
    """In per cent, if they did it now; None: it cannot be cancelled."""
    if not appointment.is_confirmed:
        return None
    return rules.part_back(_who(appointment, by), timezone.now(), appointment.starts_at)


# Another time -------------------------------------------------------------------


def times_to_propose(appointment: Appointment) -> list[dt.datetime]:
    times = consultations.free_slots(
        expert=appointment.expert,
        other=appointment.asker,
        minutes=appointment.minutes,
        leaving=appointment,
    )
    return [time for time in times if time != appointment.starts_at]


@transaction.atomic
def propose(*, appointment: Appointment, by: User, starts_at: dt.datetime) -> None:
    """Until the other agrees, the old time stands. Raises NotStanding, SlotTaken."""
    appointment = _hold(appointment)
    if not appointment.may_be_cancelled:
        raise NotStanding
    if starts_at not in times_to_propose(appointment):
        raise SlotTaken
    appointment.new_starts_at, appointment.proposed_by = starts_at, by
    appointment.save(update_fields=["new_starts_at", "proposed_by"])
    _tell_now(appointment, _others(appointment, by), Kind.APPOINTMENT_MOVE, by)


@transaction.atomic
def accept_time(*, appointment: Appointment, by: User) -> None:
    """It moves to the proposed time. Raises NotStanding, and SlotTaken when that has
    been given away meanwhile: then the old time stands."""
    appointment = _hold(appointment)
    new, now = appointment.new_starts_at, timezone.now()
    is_theirs = appointment.proposed_by_id in _others(appointment, by)
    if not (appointment.may_be_cancelled and new and is_theirs):
        raise NotStanding
    if new <= now:
        raise SlotTaken
    length = appointment.length
    appointment.cells.all().delete()
    appointment.starts_at, appointment.ends_at = new, new + length
    _take_time(appointment)
    appointment.new_starts_at = appointment.proposed_by = None
    appointment.remind_at = rules.next_reminder(new, now)
    appointment.asker_came_at = appointment.expert_came_at = None
    appointment.revision += 1
    appointment.changed_at = now
    appointment.save()
    _tell(appointment, _others(appointment, by), Kind.APPOINTMENT_CONFIRMED, by)


@transaction.atomic
def drop_proposal(*, appointment: Appointment, by: User) -> None:
    """The other does not agree, or who proposed it thinks again."""
    appointment = _hold(appointment)
    if appointment.new_starts_at is None:
        return
    appointment.new_starts_at = appointment.proposed_by = None
    appointment.save(update_fields=["new_starts_at", "proposed_by"])
    _tell_now(appointment, _others(appointment, by), Kind.APPOINTMENT_STAYS, by)


# Meeting, and saying how it was ---------------------------------------------------


@transaction.atomic
def enter(*, appointment: Appointment, by: User) -> None:
    """They are there: it is kept, as both may need it. Raises NotStanding."""
    appointment = _hold(appointment)
    if not is_door_open(appointment):
        raise NotStanding
    came = f"{_who(appointment, by)}_came_at"
    if getattr(appointment, came) is None:
        setattr(appointment, came, timezone.now())
        appointment.save(update_fields=[came])


def link_for(appointment: Appointment, member: User) -> str:
    """Where they meet, for the one of the two who said that they are there."""
    has_come = getattr(appointment, f"{_who(appointment, member)}_came_at")
    return appointment.join_url if has_come and is_door_open(appointment) else ""


def is_door_open(appointment: Appointment) -> bool:
    now = timezone.now()
    is_time = appointment.starts_at - DOOR_OPENS <= now < appointment.ends_at
    return appointment.is_confirmed and bool(appointment.join_url) and is_time


@transaction.atomic
def say(*, appointment: Appointment, by: User, says: str) -> None:
    """That it took place, or that one of the two was not there; until both have spoken
    they may think again. The other is asked what they say, once. Raises NotStanding."""
    appointment = _hold(appointment)
    if not appointment.may_be_judged:
        raise NotStanding
    now = timezone.now()
    setattr(appointment, f"{_who(appointment, by)}_says", says)
    appointment.said_at = now
    appointment.save(update_fields=["asker_says", "expert_says", "said_at"])
    if not _judge(appointment, now):
        _tell(appointment, _others(appointment, by), Kind.APPOINTMENT_AFTER)


def back_if_away(appointment: Appointment, by: User) -> int:
    """In per cent, if they say that they themselves were not there."""
    is_expert = _who(appointment, by) == Who.EXPERT
    return rules.BACK[Outcome.EXPERT_MISSED if is_expert else Outcome.ASKER_MISSED]


@transaction.atomic
def judge(*, appointment: Appointment, now: dt.datetime) -> bool:
    """Whether it ended, by what was said and by who was silent."""
    appointment = _hold(appointment)
    return appointment.is_confirmed and _judge(appointment, now)


def _judge(appointment: Appointment, now: dt.datetime) -> bool:
    found = rules.outcome(
        asker=Record(appointment.asker_says, appointment.asker_came_at is not None),
        expert=Record(appointment.expert_says, appointment.expert_came_at is not None),
        ends_at=appointment.ends_at,
        said_at=appointment.said_at,
        now=now,
    )
    if found is None:
        return False
    if found == Outcome.DISPUTED:
        _dispute(appointment)
        return True
    _end(appointment, ENDS[found], by=_missing(appointment, found), found=found)
    _settle(appointment)
    is_done = found == Outcome.DONE
    kind = Kind.APPOINTMENT_DONE if is_done else Kind.APPOINTMENT_DECIDED
    _tell(appointment, _both(appointment), kind)
    return True


def _missing(appointment: Appointment, found: Outcome) -> User | None:
    return {
        Outcome.ASKER_MISSED: appointment.asker,
        Outcome.EXPERT_MISSED: appointment.expert,
    }.get(found)


def _dispute(appointment: Appointment) -> None:
    """The two do not agree: an operator looks at what both have said."""
    appointment.state = State.DISPUTED
    appointment.remind_at = None
    appointment.new_starts_at = appointment.proposed_by = None
    appointment.changed_at = timezone.now()
    appointment.save()
    _tell(appointment, _both(appointment), Kind.APPOINTMENT_DISPUTED)


@transaction.atomic
def decide(*, appointment: Appointment, back: int, reason: str, by: User) -> None:
    """An operator ends a dispute: `back` per cent to the asker. Raises NotStanding."""
    appointment = _hold(appointment)
    if not appointment.is_disputed:
        raise NotStanding
    _end(appointment, State.DECIDED, by=by, reason=reason, back=back)
    _settle(appointment)
    _tell(appointment, _both(appointment), Kind.APPOINTMENT_DECIDED)
    audit.record(
        act="decided an appointment",
        actor=by,
        target=appointment,
        reason=reason,
        part_back=back,
    )


@transaction.atomic
def rate(*, appointment: Appointment, stars: int, words: str) -> None:
    """The asker judges it, and may think again. Raises NotStanding."""
    appointment = _hold(appointment)
    if not appointment.is_done:
        raise NotStanding
    appointment.rating, appointment.rating_words = stars, words
    appointment.save(update_fields=["rating", "rating_words"])


# Ending -------------------------------------------------------------------------


def _end(
    appointment: Appointment,
    state: State,
    *,
    by: User | None = None,
    reason: str = "",
    back: int = rules.WHOLE,
    found: Outcome | None = None,
) -> None:
    """Nobody keeps the time any more; what was paid is settled by `_settle`."""
    appointment.state, appointment.ended_at = state, timezone.now()
    appointment.ended_by, appointment.reason = by, reason
    appointment.part_back = rules.BACK[found] if found else back
    appointment.remind_at = None
    appointment.new_starts_at = appointment.proposed_by = None
    appointment.revision += 1
    appointment.changed_at = appointment.ended_at
    appointment.save()
    appointment.cells.all().delete()
    _take_off_sale(appointment)
    if appointment.asked_at:
        is_held = state == State.DONE
        verb = Verb.APPOINTMENT_HELD if is_held else Verb.APPOINTMENT_ENDED
        _record(appointment, verb, appointment.expert)


def _settle(appointment: Appointment) -> None:
    """While the asker's bank disputes the payment, nothing can be given back yet:
    then it stays unsettled, and `advance` tries again."""
    if appointment.order:
        is_settled = _settle_money(appointment, appointment.order)
    else:
        is_settled = _settle_points(appointment)
    if is_settled:
        appointment.settled_at = timezone.now()
        appointment.save(update_fields=["settled_at"])


def _settle_money(appointment: Appointment, order: Order) -> bool:
    """Whether it could be; the rest of it is earned, and shared as promised."""
    if refunds.undo_free(order=order, percent=appointment.part_back or 0):
        return True
    left = sum(amount for amount, _currency in refunds.left_of([order]))
    back = left * (appointment.part_back or 0) // 100
    if back:
        why = appointment.get_state_display()
        if not refunds.refund(order=order, amount=back, reason=why, ends_access=True):
            return False
    if back < left:
        held.release(order)
    return True


def _settle_points(appointment: Appointment) -> bool:
    points = appointment.paid_points or 0
    back = points * (appointment.part_back or 0) // 100
    if back:
        held.return_points(
            key=f"appointment:{appointment.pk}:back",
            to=appointment.asker,
            points=back,
            source=appointment,
            cause="appointment back",
        )
    if back < points:
        held.pay_points(
            key=f"appointment:{appointment.pk}:paid",
            to=appointment.expert,
            points=points - back,
            source=appointment,
            cause="appointment held",
        )
    return True


# The clock ----------------------------------------------------------------------


def advance(now: dt.datetime | None = None) -> dict[str, int]:
    """Let go what nobody paid or confirmed, remind, ask how it was, end what is over,
    and settle what could not be settled before.

    Each appointment on its own, so that one does not keep the others from it; killed
    in between, the next run does the rest.
    """
    now = now or timezone.now()
    rows = Appointment.objects.order_by("pk")
    standing = rows.filter(state=State.CONFIRMED)
    over = standing.filter(ends_at__lte=now)
    silent_since = now - dt.timedelta(days=rules.DAYS_OF_SILENCE)
    due = rows.filter(state__in=[State.WAITING, State.ASKED], due_at__lte=now)
    unsettled = rows.filter(
        asked_at__isnull=False, ended_at__isnull=False, settled_at=None
    )
    return {
        "let go": each_apart(due, lambda it: let_go(appointment=it, now=now)),
        "reminded": each_apart(
            rows.filter(state__in=[State.ASKED, State.CONFIRMED], remind_at__lte=now),
            lambda it: _remind(it, now),
        ),
        "asked after": each_apart(over.filter(asked_after_at=None), _ask_after),
        "judged": each_apart(
            over.filter(Q(said_at__isnull=False) | Q(ends_at__lte=silent_since)),
            lambda it: judge(appointment=it, now=now),
        ),
        "settled": each_apart(unsettled, _settle_again),
    }


@transaction.atomic
def let_go(*, appointment: Appointment, now: dt.datetime) -> bool:
    """Nobody paid, or the expert said nothing in time; whether that ended it."""
    appointment = _hold(appointment)
    if appointment.due_at > now:
        return False
    if appointment.is_waiting:
        _end(appointment, State.WITHDRAWN)
        return True
    if not appointment.is_asked:
        return False
    _end(appointment, State.EXPIRED)
    _settle(appointment)
    _tell(appointment, _both(appointment), Kind.APPOINTMENT_ENDED)
    return True


@transaction.atomic
def _remind(appointment: Appointment, now: dt.datetime) -> bool:
    appointment = _hold(appointment)
    at = appointment.remind_at
    if at is None or at > now:
        return False
    if appointment.is_asked:
        return _remind_to_confirm(appointment)
    appointment.remind_at = rules.next_reminder(appointment.starts_at, now)
    appointment.save(update_fields=["remind_at"])
    if appointment.starts_at <= now:  # nothing ran for long: nobody needs it now
        return False
    tell(
        _both(appointment),
        kind=Kind.APPOINTMENT_SOON,
        key=f"appointment:{appointment.pk}:soon:{at.isoformat()}",
        target=appointment,
    )
    return True


def _remind_to_confirm(appointment: Appointment) -> bool:
    appointment.remind_at = None
    appointment.save(update_fields=["remind_at"])
    _tell(appointment, [appointment.expert_id], Kind.APPOINTMENT_DUE, appointment.asker)
    return True


@transaction.atomic
def _ask_after(appointment: Appointment) -> bool:
    appointment = _hold(appointment)
    if not appointment.is_confirmed or appointment.asked_after_at:
        return False
    appointment.asked_after_at = timezone.now()
    appointment.save(update_fields=["asked_after_at"])
    silent = [
        member
        for member, says in (
            (appointment.asker_id, appointment.asker_says),
            (appointment.expert_id, appointment.expert_says),
        )
        if not says
    ]
    _tell(appointment, silent, Kind.APPOINTMENT_AFTER)
    return True


@transaction.atomic
def _settle_again(appointment: Appointment) -> bool:
    appointment = _hold(appointment)
    if appointment.settled_at or appointment.is_running:
        return False
    _settle(appointment)
    return appointment.settled_at is not None


def end_all_of(member: User) -> None:
    """They go for good: what has not begun is off, by the same rules; of what has, the
    other one and the clock decide."""
    theirs = Appointment.objects.filter(Q(asker=member) | Q(expert=member))
    for appointment in theirs.filter(state__in=Appointment.KEEPS_TIME):
        _leave(appointment, member)


def _leave(appointment: Appointment, member: User) -> None:
    is_expert = member.pk == appointment.expert_id
    try:
        if appointment.is_confirmed:
            cancel(appointment=appointment, by=member)
        elif appointment.is_asked and is_expert:
            reject(appointment=appointment)
        else:
            withdraw(appointment=appointment)
    except NotStanding:  # it has begun, or its time is up
        return


# Reading ------------------------------------------------------------------------


def asked_by(member: User) -> list[Appointment]:
    """Without what was never paid; what is to come first."""
    unborn = Q(state=State.WITHDRAWN, asked_at=None)
    mine = member.appointments_asked.exclude(unborn).select_related("expert")
    return _in_order(mine[:200])


def asked_of(member: User) -> list[Appointment]:
    theirs = member.appointments_taken.filter(asked_at__isnull=False)
    return _in_order(theirs.select_related("asker")[:200])


def _in_order(rows: QuerySet[Appointment]) -> list[Appointment]:
    """What runs by its time, then what is over, the latest first."""
    found = list(rows)
    running = sorted((it for it in found if it.is_running), key=lambda it: it.starts_at)
    return running + [it for it in found if not it.is_running]


def of_calendar(member: User, *, since: dt.datetime) -> list[Appointment]:
    """What was paid for, as either of the two; also what is off, so that calendars
    take it out."""
    own = Q(asker=member) | Q(expert=member)
    found = Appointment.objects.filter(own, asked_at__isnull=False, ends_at__gt=since)
    return list(found.select_related("asker", "expert").order_by("starts_at")[:200])


def disputed() -> QuerySet[Appointment]:
    """What waits for an operator, whoever waits longest first."""
    found = Appointment.objects.filter(state=State.DISPUTED)
    return found.select_related("asker", "expert").order_by("changed_at", "pk")


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those among them that this member may see now."""
    own = Q(asker=member) | Q(expert=member, asked_at__isnull=False)
    found = Appointment.objects.filter(own, pk__in=numbers)
    return {it.pk: (it.title, it.get_absolute_url()) for it in found}


def _who(appointment: Appointment, member: User) -> Who:
    return Who.ASKER if member.pk == appointment.asker_id else Who.EXPERT


def _both(appointment: Appointment) -> list[int]:
    return [appointment.asker_id, appointment.expert_id]


def _others(appointment: Appointment, member: User) -> list[int]:
    return [it for it in _both(appointment) if it != member.pk]


def _record(appointment: Appointment, verb: Verb, member: User) -> None:
    other = next(iter(_others(appointment, member)))
    record_activity(member=member, verb=verb, target=appointment, other=other)


def _tell(
    appointment: Appointment,
    members: list[int],
    kind: Notification.Kind,
    actor: User | None = None,
    time: str = "",
) -> None:
    which = f"{kind}:{time}" if time else f"{appointment.revision}:{kind}"
    tell(
        members,
        kind=kind,
        key=f"appointment:{appointment.pk}:{which}",
        target=appointment,
        actor=actor,
    )


def _tell_now(
    appointment: Appointment,
    members: list[int],
    kind: Notification.Kind,
    actor: User | None = None,
) -> None:
    """Of what may happen again and again: each time is news."""
    _tell(appointment, members, kind, actor, time=timezone.now().isoformat())


def _hold(appointment: Appointment) -> Appointment:
    orders.lock_orders_of(Appointment.objects.filter(pk=appointment.pk))
    return _hold_all_but_orders(appointment)


def _hold_all_but_orders(appointment: Appointment) -> Appointment:
    hold_members(appointment.asker_id, appointment.expert_id)
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("asker", "expert", "order", "offer").get(
        pk=appointment.pk
    )
