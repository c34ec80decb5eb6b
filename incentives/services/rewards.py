"""What there is for points, as one member sees it."""

from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.models import User
from incentives.models import Reward


def on_offer() -> list[Reward]:
    """Those of higher levels, too: it is no secret what there is."""
    return list(Reward.objects.on_offer())


def why_not(reward: Reward, member: User, *, balance: int, taken: int) -> str:
    """What keeps the member from taking it now: a word, or nothing."""
    if member.level < reward.min_level:
        return "level"
    if reward.is_sold_out:
        return "sold out"
    if reward.per_member is not None and taken >= reward.per_member:
        return "taken"
    if balance < reward.points:
        return "points"
    return ""


def change_stock(*, reward: Reward, before: int | None, after: int | None) -> None:
    """As an operator has counted, who saw `before`; what members have taken since then
    is taken from it."""
    rows = Reward.objects.filter(pk=reward.pk)
    if before is None or after is None:
        rows.update(stock=after)
    else:
        rows.update(stock=Greatest(F("stock") + Value(after - before), Value(0)))
