"""Changing the key that what is sealed is sealed with."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import connection, models, transaction

from accounts.models import PersonalValue, Robot, Subscription
from accounts.services import personal, subscriptions
from community.lib.sealed import FINGERPRINT, newest_fingerprint, seal, unseal

AT_ONCE = 500  # rows to seal anew in one transaction

# Every sealed column, and the place that a row's value is bound to.
SEALED: list[tuple[type[models.Model], str, Callable[[Any], str]]] = [
    (PersonalValue, "sealed", lambda v: personal.place_of(v.member_id, v.kind)),
    (Robot, "sealed_address", lambda r: r.place_of("address")),
    (Robot, "sealed_secret", lambda r: r.place_of("secret")),
    (Subscription, "method", lambda s: subscriptions.place_of(s.member_id)),
]


def rotate() -> int:
    """Seal everything anew that is not under the newest key; how many values.

    In small transactions: killed, it goes on where it was when called again. Raises
    CannotOpen for what was sealed with a key that is gone.
    """
    done = 0
    for model, column, place in SEALED:
        while count := rotate_some(model, column, place):
            done += count
    return done + _rotate_second_factors()


@transaction.atomic
def _rotate_second_factors() -> int:
    """The library keeps its secrets as text in JSON; there are few of them."""
    newest, adapter, done = newest_fingerprint().hex(), get_adapter(), 0
    for authenticator in Authenticator.objects.select_for_update():
        data = authenticator.data
        stale = [
            name
            for name in ("secret", "seed")
            if name in data and not data[name].startswith(newest)
        ]
        for name in stale:
            data[name] = adapter.encrypt(adapter.decrypt(data[name]))
        if stale:
            authenticator.save(update_fields=["data"])
        done += len(stale)
    return done


@transaction.atomic
def rotate_some(
    model: type[models.Model], column: str, place: Callable[[Any], str]
) -> int:
    rows = model._default_manager.filter(pk__in=_under_older_keys(model, column))
    for row in rows:
        at = place(row)
        setattr(row, column, seal(unseal(getattr(row, column), at), at))
        row.save(update_fields=[column])
    return len(rows)


def _under_older_keys(model: type[models.Model], column: str) -> list[int]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table}"  # noqa: S608 - names of our own
            f" WHERE substring({column} FROM 1 FOR {FINGERPRINT}) <> %s"
            " ORDER BY id LIMIT %s FOR UPDATE",
            [newest_fingerprint(), AT_ONCE],
        )
        return [pk for (pk,) in cursor.fetchall()]
