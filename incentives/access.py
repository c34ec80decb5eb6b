"""Who may do what with points."""

from django.db.models import QuerySet
from django.http import Http404

from accounts import rewardable
from accounts.models import Space, User
from accounts.rewardable import Asked


def get_question_to_reward(user: User, number: int) -> Asked:
    """A question that this member may read, as content says."""
    asked = rewardable.find(user, [number]).get(number)
    if asked is None:
        raise Http404
    return asked


def spaces_to_rank(user: User) -> QuerySet[Space]:
    """Who is active in a space is told only to those who may see it."""
    return Space.objects.visible_to(user)
