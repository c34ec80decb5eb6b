"""Taking a reward for points, and everything that becomes of it."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.errors import AlreadyOwned, PriceChanged, ReductionGone, SoldOut
from accounts.models import Notification, User, Verb
from accounts.services import audit, entitlements, own_limits
from accounts.services.activity import record_activity
from accounts.services.held import DONATED, SPENT
from accounts.services.ledger import POINTS
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from accounts.services.orders import PRICE_CHANGED
from incentives.errors import NotOnOffer, TakenOften, WrongState
from incentives.models import Parcel, Redemption, Reward
from incentives.services import coupon_rules, delivering, parcels, points
from incentives.services.parcels import Address

State = Redemption.State

# Nobody said that it has arrived; who misses it has said so by then.
ARRIVED_AFTER = dt.timedelta(days=30)


@transaction.atomic
def redeem(
    *,
    member: User,
    reward: Reward,
    form_key: UUID,
    address: Address | None = None,
    expected: int | None = None,
) -> Redemption:
    """Take one for its points; the same form sent again changes nothing.

    Raises PriceChanged when it is not for the `expected` points, NotOnOffer,
    TakenOften, AlreadyOwned, ReductionGone, SoldOut, NotEnough, and what the member's
    own limits raise. Goods need an address.
    """
    hold_members(member.pk)
    sent = Redemption.objects.filter(member=member, form_key=form_key)
    if there := sent.select_related("reward").first():
        return there
    reward = _check(member, reward)
    if expected is not None and expected != reward.points:
        raise PriceChanged(PRICE_CHANGED)
    if reward.is_sent and address is None:
        raise ValueError("goods are sent to an address")
    own_limits.check(member=member, unit=POINTS, amount=reward.points)
    redemption = Redemption.objects.create(
        member=member,
        reward=reward,
        points=reward.points,
        state=State.ORDERED if reward.is_sent else State.DONE,
        form_key=form_key,
    )
    points.spend(
        member=member,
        points=reward.points,
        key=redemption.key,
        cause="reward",
        source=redemption,
        into=DONATED if reward.kind == Reward.Kind.DONATION else SPENT,
    )
    # After the rest, as others who want the same reward wait from here to the commit.
    _take_one(reward)
    if address and reward.is_sent:
        parcels.make(redemption, address)
    delivering.deliver(redemption)
    record_activity(member=member, verb=Verb.REWARD_REDEEMED, target=redemption)
    return redemption


def _check(member: User, reward: Reward) -> Reward:
    """The reward as it stands now, if this member may take it."""
    on_offer = Reward.objects.on_offer().select_related("coupon")
    now = on_offer.filter(pk=reward.pk).first()
    if now is None or member.level < now.min_level:
        raise NotOnOffer
    if now.per_member is not None and times_taken(member, now) >= now.per_member:
        raise TakenOften
    if now.opens and entitlements.owns_for_ever(member, now.opens):
        raise AlreadyOwned(now.opens)
    if now.coupon and (refusal := coupon_rules.why_not_now(now.coupon, member)):
        raise ReductionGone(refusal)
    if now.coupon and coupon_rules.has_as_many_as_count(now.coupon, member):
        raise TakenOften
    return now


def times_taken(member: User, reward: Reward) -> int:
    mine = Redemption.objects.filter(member=member, reward=reward)
    return mine.exclude(state__in=Redemption.GIVEN_BACK).count()


def _take_one(reward: Reward) -> None:
    """By a condition in the update itself, so the last one has one taker."""
    if reward.stock is None:
        return
    left = Reward.objects.filter(pk=reward.pk, stock__gt=0)
    if not left.update(stock=F("stock") - 1):
        raise SoldOut


@transaction.atomic
def call_off(*, redemption: Redemption) -> None:
    """The member does not want it any more, before it is packed. Raises WrongState."""
    redemption = _hold(redemption, State.ORDERED)
    _give_back(redemption, State.CANCELLED, restock=True)


@transaction.atomic
def cancel(*, redemption: Redemption, reason: str, by: User) -> None:
    """It cannot be sent; the points go back. Raises WrongState."""
    redemption = _hold(redemption, *Redemption.TO_SEND)
    redemption.reason = reason
    _give_back(redemption, State.CANCELLED, restock=True)
    _tell_back(redemption)
    audit.record(act="cancelled a reward", actor=by, target=redemption, reason=reason)


@transaction.atomic
def take_back(*, redemption: Redemption, restock: bool, reason: str, by: User) -> None:
    """What was sent has come back, and the points go back. Raises WrongState."""
    redemption = _hold(redemption, State.SHIPPED, State.DELIVERED)
    redemption.reason = reason
    _give_back(redemption, State.RETURNED, restock=restock)
    _tell_back(redemption)
    audit.record(act="took a reward back", actor=by, target=redemption, reason=reason)


@transaction.atomic
def ship(*, redemption: Redemption, carrier: str, tracking: str, by: User) -> None:
    """It has left the house. Raises WrongState."""
    redemption = _hold(redemption, State.PICKED)
    Parcel.objects.filter(redemption=redemption).update(
        carrier=carrier, tracking=tracking, shipped_at=timezone.now()
    )
    _move(redemption, State.SHIPPED)
    tell(
        [redemption.member_id],
        kind=Notification.Kind.REWARD_SHIPPED,
        key=f"{redemption.key}:shipped",
        target=redemption,
    )
    audit.record(act="shipped a reward", actor=by, target=redemption)


@transaction.atomic
def arrived(*, redemption: Redemption, by: User) -> None:
    """As its member, or the carrier, says. Raises WrongState."""
    redemption = _hold(redemption, State.SHIPPED)
    _move(redemption, State.DELIVERED)
    if by.pk != redemption.member_id:
        audit.record(act="noted that a reward arrived", actor=by, target=redemption)


def note_arrivals(now: dt.datetime | None = None) -> int:
    """Of what was sent long ago, and nobody missed; how many."""
    now = now or timezone.now()
    sent = Redemption.objects.filter(
        state=State.SHIPPED, changed_at__lt=now - ARRIVED_AFTER
    )
    return sent.update(state=State.DELIVERED, changed_at=now)


def _hold(redemption: Redemption, *states: State) -> Redemption:
    """Its row, while it is in one of these states; its member's first."""
    hold_members(redemption.member_id)
    rows = Redemption.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("reward", "member").get(pk=redemption.pk)
    if row.state not in states:
        raise WrongState(row.state)
    return row


def _move(redemption: Redemption, state: State) -> None:
    redemption.state, redemption.changed_at = state, timezone.now()
    redemption.save(update_fields=["state", "changed_at", "reason"])


def _give_back(redemption: Redemption, state: State, *, restock: bool) -> None:
    """The points as they were, with the time they had left."""
    _move(redemption, state)
    points.give_back(
        key=f"{redemption.key}:back", of=redemption.key, cause="reward back"
    )
    points.settle_returned(of=redemption.key, points=redemption.points)
    if restock:
        there = Reward.objects.filter(pk=redemption.reward_id, stock__isnull=False)
        there.update(stock=F("stock") + 1)
    if state == State.CANCELLED:
        parcels.forget(Parcel.objects.filter(redemption=redemption))


def _tell_back(redemption: Redemption) -> None:
    tell(
        [redemption.member_id],
        kind=Notification.Kind.REWARD_BACK,
        key=f"{redemption.key}:back",
        target=redemption,
    )


def erase(member: User) -> None:
    """Nothing more is sent to who is forgotten, and no address is kept."""
    for redemption in member.redemptions.filter(state__in=Redemption.TO_SEND):
        row = _hold(redemption, *Redemption.TO_SEND)
        _give_back(row, State.CANCELLED, restock=True)
    parcels.forget(Parcel.objects.filter(redemption__member=member))
    member.redemptions.update(reason="")


def of(member: User) -> QuerySet[Redemption]:
    return member.redemptions.select_related("reward", "parcel")


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of one's own."""
    mine = of(member).filter(pk__in=numbers)
    return {row.pk: (row.reward.title, row.get_absolute_url()) for row in mine}
