"""Who may do what with points."""

from django.http import Http404

from accounts import rewardable
from accounts.models import User
from accounts.rewardable import Asked


def get_question_to_reward(user: User, number: int) -> Asked:
    """A question that this member may read, as content says."""
    asked = rewardable.find(user, [number]).get(number)
    if asked is None:
        raise Http404
    return asked
