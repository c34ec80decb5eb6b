"""Who may do what with points."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import rewardable
from accounts.models import User
from accounts.rewardable import Asked
from incentives.models import Redemption, Reward
from incentives.services import redemptions


def get_question_to_reward(user: User, number: int) -> Asked:
    """A question that this member may read, as content says."""
    asked = rewardable.find(user, [number]).get(number)
    if asked is None:
        raise Http404
    return asked


def get_reward_to_see(number: int) -> Reward:
    """What is on offer is there for all members."""
    return get_object_or_404(Reward.objects.on_offer(), pk=number)


def get_own_redemption(user: User, number: int) -> Redemption:
    """Another's does not exist."""
    return get_object_or_404(redemptions.of(user), pk=number)


def check_sends_goods(user: User) -> None:
    """Operators see where goods are sent to."""
    if not user.has_perm("incentives.change_redemption"):
        raise PermissionDenied
