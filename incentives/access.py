"""Who may do what with points and coupons."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import rewardable
from accounts.models import Space, User
from accounts.rewardable import Asked
from incentives.models import CampaignMember, Coupon, Redemption, Reward, Suspicion
from incentives.services import redemptions


def get_question_to_reward(user: User, number: int) -> Asked:
    """A question that this member may read, as content says."""
    asked = rewardable.find(user, [number]).get(number)
    if asked is None:
        raise Http404
    return asked


def spaces_to_rank(user: User) -> QuerySet[Space]:
    """Who is active in a space is told only to those who may see it."""
    return Space.objects.visible_to(user)


def get_reward_to_see(number: int) -> Reward:
    """What is on offer is there for all members."""
    return get_object_or_404(Reward.objects.on_offer(), pk=number)


def get_own_redemption(user: User, number: int) -> Redemption:
    """Another's does not exist."""
    return get_object_or_404(redemptions.of(user), pk=number)


def get_own_suspicion(user: User, number: int) -> Suspicion:
    """Another's does not exist."""
    return get_object_or_404(Suspicion.objects.for_member(user), pk=number)


def check_sends_goods(user: User) -> None:
    """Operators see where goods are sent to."""
    if not user.has_perm("incentives.change_redemption"):
        raise PermissionDenied


def get_coupon_to_take(user: User, pk: int) -> Coupon:
    """One that needs no code, or a partner's; whether there is one left for them, the
    service says. Those of certain members are not there for others."""
    needs_no_code = Q(codes=Coupon.Codes.NONE) | Q(gives=Coupon.Gives.PARTNER)
    not_off_the_price = Q(gives__in=["days", "item", "partner"])
    of_theirs = ~Q(audience=Coupon.Audience.LISTED) | Q(listed__member=user)
    found = Coupon.objects.filter(needs_no_code, not_off_the_price, of_theirs)
    return get_object_or_404(found.distinct(), pk=pk)


def get_campaign_member(user: User, campaign: int) -> CampaignMember:
    """What a campaign has told this member; to others it does not exist."""
    reached = CampaignMember.objects.select_related("campaign__coupon")
    reached = reached.exclude(campaign__title="")
    return get_object_or_404(reached, campaign=campaign, member=user)
