"""News for members, written in the transaction of what happened."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from accounts.models import Mail, Notification, User
from accounts.services.blocks import blockers_of

# Until then it may be read here, and what else happens goes into the same mail.
MAILED_AFTER = dt.timedelta(minutes=10)


def tell(
    members: Iterable[int],
    *,
    kind: Notification.Kind,
    key: str,
    target: Any = None,
    actor: User | None = None,
    mail: Mail | None = None,
) -> None:
    """Tell these members (by number) one piece of news, each once for `key`.

    `target` is what it is about: its `activity_kind` and primary key are kept. Who did
    it is not told, nor whoever has blocked them. However many there are, it is one
    statement, and one for the blocks. News that has a letter of its own goes out by
    that `mail`, and in no other.
    """
    keys = dict.fromkeys(members, key)
    tell_each(keys, kind=kind, target=target, actor=actor, mail=mail)


def tell_each(
    keys: Mapping[int, str],
    *,
    kind: Notification.Kind,
    target: Any = None,
    actor: User | None = None,
    mail: Mail | None = None,
) -> None:
    """`tell` with a key of their own for each: {number of the member: key}."""
    now = timezone.now()
    deaf = {actor.pk, *blockers_of(actor.pk)} if actor else set()
    Notification.objects.bulk_create(
        [
            Notification(
                member_id=member,
                kind=kind,
                key=key,
                actor=actor,
                target_kind=getattr(target, "activity_kind", ""),
                target_id=target.pk if target is not None else None,
                created_at=now,
                mail=mail,
                mail_at=None if mail else now + MAILED_AFTER,
            )
            for member, key in keys.items()
            if member not in deaf
        ],
        ignore_conflicts=True,
    )
