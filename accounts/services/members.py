"""A member's row as a lock."""

from accounts.models import User


def hold_members(*members: int | None) -> None:
    """What is counted of these members stays so until the transaction ends.

    In one order whoever asks, and rows that only refer to a member need not wait: they
    are made while other rows are held.
    """
    held = User.objects.select_for_update(no_key=True).filter(pk__in=members)
    list(held.order_by("pk").values("pk"))
