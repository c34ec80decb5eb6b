"""What the demo's members may take for points; one parcel waits to be packed."""

from typing import Any
from uuid import UUID

from accounts.models import LedgerAccount
from accounts.services.held import MEMBER
from incentives.models import Reward
from incentives.services import redemptions
from incentives.services.parcels import Address


def lay_out(texts: list[dict[str, Any]]) -> None:
    for position, text in enumerate(texts):
        Reward.objects.create(position=position, **text)
    goods = Reward.objects.filter(kind=Reward.Kind.GOODS).first()
    rich = LedgerAccount.objects.filter(kind=MEMBER, member__email=None)
    found = rich.select_related("member").order_by("-balance").first()
    if goods and found and found.member and found.balance >= goods.points:
        redemptions.redeem(
            member=found.member,
            reward=goods,
            form_key=UUID(int=1),
            address=Address(
                "Demo Member", "13800138000", "示例路 1 号 · 1 Sample Road"
            ),
        )
