from django.db import transaction

from accounts.models import Follow, User, Verb
from accounts.services.activity import record_activity


@transaction.atomic
def follow(*, follower: User, followed: User) -> None:
    """Follow somebody; following again, or oneself, changes nothing."""
    if follower == followed:
        return
    _, is_new = Follow.objects.get_or_create(follower=follower, followed=followed)
    if is_new:
        record_activity(member=follower, verb=Verb.FOLLOWED, target=followed)


def unfollow(*, follower: User, followed: User) -> None:
    Follow.objects.filter(follower=follower, followed=followed).delete()


def is_following(follower: User, followed: User) -> bool:
    return Follow.objects.filter(follower=follower.pk, followed=followed).exists()
