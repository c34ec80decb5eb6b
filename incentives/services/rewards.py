"""What there is for points, as one member sees it."""

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
