"""Who may do what with points."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts import rewardable
from accounts.models import User
from accounts.rewardable import Asked
from incentives.models import CampaignMember


def get_question_to_reward(user: User, number: int) -> Asked:
    """A question that this member may read, as content says."""
    asked = rewardable.find(user, [number]).get(number)
    if asked is None:
        raise Http404
    return asked


def get_campaign_member(user: User, campaign: int) -> CampaignMember:
    """What a campaign has told this member; to others it does not exist."""
    reached = CampaignMember.objects.select_related("campaign")
    reached = reached.exclude(campaign__title="")
    return get_object_or_404(reached, campaign=campaign, member=user)
