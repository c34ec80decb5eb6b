"""Whom members want nothing from. The blocked are not told, by no page and no news."""

from django.db.models import QuerySet

from accounts.models import Block, User


def block(*, blocker: User, blocked: User) -> None:
    """From now nothing of theirs reaches the blocker. Again, or of oneself, it changes
    nothing."""
    if blocker != blocked:
        Block.objects.get_or_create(blocker=blocker, blocked=blocked)


def unblock(*, blocker: User, blocked: User) -> None:
    Block.objects.filter(blocker=blocker, blocked=blocked).delete()


def blockers_of(member_id: int) -> set[int]:
    """The numbers of those who have blocked this member: they hear nothing of them."""
    blocks = Block.objects.filter(blocked=member_id)
    return set(blocks.values_list("blocker", flat=True))


def has_blocked(blocker: User, blocked: User) -> bool:
    return Block.objects.filter(blocker=blocker.pk, blocked=blocked.pk).exists()


def blocked_people(member: User) -> QuerySet[User]:
    people = User.objects.filter(blocked_in__blocker=member)
    return people.order_by("-blocked_in__created_at", "-pk")
