"""News for members, written in the transaction of what happened."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import Notification, User


def tell(
    members: Iterable[int],
    *,
    kind: Notification.Kind,
    key: str,
    target: Any = None,
    actor: User | None = None,
) -> None:
    """Tell these members (by number) one piece of news, each once for `key`.

    `target` is what it is about: its `activity_kind` and primary key are kept. Who did
    it is not told. However many there are, it is one statement.
    """
    tell_each(dict.fromkeys(members, key), kind=kind, target=target, actor=actor)


def tell_each(
    keys: Mapping[int, str],
    *,
    kind: Notification.Kind,
    target: Any = None,
    actor: User | None = None,
) -> None:
    """`tell` with a key of their own for each: {number of the member: key}."""
    Notification.objects.bulk_create(
        [
            Notification(
                member_id=member,
                kind=kind,
                key=key,
                actor=actor,
                target_kind=getattr(target, "activity_kind", ""),
                target_id=target.pk if target is not None else None,
            )
            for member, key in keys.items()
            if actor is None or member != actor.pk
        ],
        ignore_conflicts=True,
    )
