"""What creators earn: accrued with each payment, taken back with each refund."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from accounts.errors import AlreadyDecided, TooMuch
from accounts.models import (
    Entry,
    LedgerAccount,
    Offer,
    Order,
    Payment,
    Payout,
    ShareAgreement,
    User,
)
from accounts.models.shares import WHOLE
from accounts.services import audit, books, ledger
from accounts.services.ledger import Line
from accounts.services.members import hold_members
from community.lib.dates import site_day, site_zone
from community.lib.money import in_units


def accrue(order: Order) -> None:
    """Book each creator's share of what was paid for the order, by the agreement in
    force on the day of payment; the nearer one counts: of the offer before of all."""
    if not order.amount or order.paid_at is None:
        return
    payment = order.payments.get(state=Payment.State.SUCCEEDED)
    agreements = _agreements(order)
    # Two who write at once may agree on more than all of it: then it is divided.
    whole = max(WHOLE, sum(agreement.per_mille for agreement in agreements))
    for agreement in agreements:
        amount = order.amount * agreement.per_mille // whole
        if amount:
            key = f"share:{payment.pk}:{agreement.creator_id}"
            books.book_share(payment, key, agreement.creator, amount)


def _agreements(order: Order) -> list[ShareAgreement]:
    day = site_day(order.paid_at)
    in_force = ShareAgreement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day
    ).select_related("creator")
    own = list(in_force.filter(offer=order.offer_id).order_by("starts_on"))
    if own:
        # Agreed again: the later one counts.
        return list({agreement.creator_id: agreement for agreement in own}.values())
    of_all = in_force.filter(offer=None, creator=order.offer.creator_id)
    return list(of_all.order_by("-starts_on")[:1])


def agreed_with(creator: User) -> int | None:
    """Their share in ‰ of whatever is sold of theirs, by the agreement of today."""
    day = site_day()
    in_force = ShareAgreement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day),
        starts_on__lte=day,
        offer=None,
        creator=creator,
    )
    newest = in_force.order_by("-starts_on").values_list("per_mille", flat=True)
    return newest.first()


def promise(offer: Offer, creator: User, per_mille: int) -> None:
    """Agree for this one offer, so that a later agreement changes nothing of it."""
    ShareAgreement.objects.create(
        offer=offer, creator=creator, per_mille=per_mille, starts_on=site_day()
    )


def give_back(payment: Payment, why: str) -> None:
    """Take back as much of the shares as was given back of the payment so far."""
    for creator, accrued, taken in _shares_of(payment):
        due = accrued * payment.refunded // payment.amount - taken
        if due > 0:
            books.book_share(payment, f"share-back:{why}:{creator.pk}", creator, -due)


def _shares_of(payment: Payment) -> list[tuple[User, int, int]]:
    """(creator, accrued, taken back) of one payment, from the ledger."""
    entries = Entry.objects.filter(
        account__kind=books.PAYABLE,
        transfer__object_kind=Order.activity_kind,
        transfer__object_id=payment.order_id,
    )
    totals = entries.values("account__member").annotate(
        accrued=Sum("amount", filter=Q(transfer__cause="share")),
        taken=Sum("amount", filter=Q(transfer__cause="share back")),
    )
    creators = User.objects.in_bulk([row["account__member"] for row in totals])
    return [
        (
            creators[row["account__member"]],
            -(row["accrued"] or 0),
            row["taken"] or 0,
        )
        for row in totals
    ]


def owed(creator: User, currency: str) -> int:
    """Minor units that the creator has earned and not been paid; negative when a
    refund came after the payout."""
    return -ledger.balance(creator, kind=books.PAYABLE, unit=currency)


def owed_by_currency(creator: User) -> list[tuple[int, str]]:
    """(owed, currency) for each currency that the creator ever earned in."""
    mine = LedgerAccount.objects.filter(member=creator, kind=books.PAYABLE)
    return [(-account.balance, account.unit) for account in mine.order_by("unit")]


def payouts_to(creator: User) -> list[Payout]:
    return list(creator.payouts.filter(undone_at=None)[:100])


def lines_of(creator: User) -> Iterator[tuple[str, str, str, str, str, str]]:
    """(date, cause, order, amount, currency, balance) of each line, oldest first."""
    entries = Entry.objects.filter(account__member=creator, account__kind=books.PAYABLE)
    numbers = Order.objects.filter(pk=OuterRef("transfer__object_id"))
    lines = entries.order_by("id").annotate(
        number=Case(
            When(
                transfer__object_kind=Order.activity_kind,
                then=Subquery(numbers.values("number")),
            ),
            default=Value(""),
        )
    )
    for entry in lines.select_related("transfer").iterator():
        transfer = entry.transfer
        yield (
            f"{site_day(transfer.at)}",
            transfer.cause,
            entry.number,
            in_units(-entry.amount, transfer.unit),
            transfer.unit,
            in_units(-entry.balance_after, transfer.unit),
        )


@dataclass(frozen=True)
class Month:
    """One month of a creator's statement, in minor units."""

    month: dt.date
    currency: str
    earned: int
    taken_back: int
    paid_out: int

    @property
    def net(self) -> int:
        return self.earned - self.taken_back


def statement(creator: User) -> list[Month]:
    """What was earned, taken back and paid out month by month, newest first."""
    entries = Entry.objects.filter(
        account__member=creator, account__kind=books.PAYABLE
    ).annotate(month=TruncMonth("transfer__at", tzinfo=site_zone()))
    months = (
        entries.values("month", "transfer__unit")
        .annotate(
            earned=Sum("amount", filter=Q(transfer__cause="share"), default=0),
            taken=Sum("amount", filter=Q(transfer__cause="share back"), default=0),
            paid=Sum("amount", filter=Q(transfer__cause="payout"), default=0),
        )
        .order_by("-month", "transfer__unit")
    )
    return [
        Month(
            month=row["month"].date(),
            currency=row["transfer__unit"],
            earned=-row["earned"],
            taken_back=row["taken"],
            paid_out=row["paid"],
        )
        for row in months
    ]


@transaction.atomic
def pay_out(
    *, creator: User, amount: int, currency: str, note: str = "", by: User
) -> Payout:
    """Note that a creator was paid, outside of this software. Raises TooMuch."""
    hold_members(creator.pk)
    if amount > owed(creator, currency):
        raise TooMuch(str(creator.pk))
    payout = Payout.objects.create(
        creator=creator, amount=amount, currency=currency, note=note, by=by
    )
    ledger.post(
        key=f"payout:{payout.pk}",
        unit=currency,
        cause="payout",
        lines=[Line(books.PAYABLE, amount, creator), Line("bank", -amount)],
        source=payout,
    )
    audit.record(
        act="paid out",
        actor=by,
        target=payout,
        amount=amount,
        currency=currency,
        member=creator.pk,
    )
    return payout


@transaction.atomic
def undo_payout(*, payout: Payout, by: User, reason: str) -> None:
    """A payout that never was, or was another amount. Raises AlreadyDecided."""
    payout = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
    if payout.undone_at:
        raise AlreadyDecided
    payout.undone_at = timezone.now()
    payout.save(update_fields=["undone_at"])
    ledger.post(
        key=f"payout:{payout.pk}:undone",
        unit=payout.currency,
        cause="payout",  # so that a month's statement tells what was really paid out
        lines=[
            Line(books.PAYABLE, -payout.amount, payout.creator),
            Line("bank", payout.amount),
        ],
        source=payout,
    )
    audit.record(
        act="undid a payout",
        actor=by,
        target=payout,
        reason=reason,
        amount=payout.amount,
        currency=payout.currency,
        member=payout.creator_id,
    )
