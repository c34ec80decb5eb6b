"""News for members, written in the transaction of what happened."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import Notification, User

# Until then it may be read here, and what else happens goes into the same mail.
MAILED_AFTER = dt.timedelta(minutes=10)


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
    now = timezone.now()
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
                mail_at=now + MAILED_AFTER,
            )
            for member in dict.fromkeys(members)
            if actor is None or member != actor.pk
        ],
        ignore_conflicts=True,
    )
