from uuid import uuid4

from incentives.models import Redemption, Reward
from incentives.services import redemptions
from incentives.services.parcels import Address
from tests.factories.paid_questions import give_points

HOME = Address("Wang Fang", "+86 138 0013 8000", "Lane 7, Hidden Road 42, Kunming")


def make_reward(kind="days", **fields) -> Reward:
    if kind == "days":
        fields.setdefault("days", 30)
    fields = {"title": f"A reward of {kind}", "points": 20} | fields
    return Reward.objects.create(kind=kind, **fields)


def make_goods(**fields) -> Reward:
    return make_reward("goods", **{"stock": 5} | fields)


def take(member, reward, *, points=None, form_key=None) -> Redemption:
    """Taken with points that are given for it."""
    form_key = form_key or uuid4()
    give_points(member, reward.points if points is None else points, str(form_key))
    return redeem(member, reward, form_key=form_key)


def redeem(member, reward, *, form_key=None) -> Redemption:
    address = HOME if reward.is_sent else None
    return redemptions.redeem(
        member=member, reward=reward, form_key=form_key or uuid4(), address=address
    )
