"""What the product holds about a member: one handler per app, registered by the app.

Exporting and erasing ask every handler in turn, so an app above can bring its own
without being imported here. The house test fails for a model that is linked to a
member and covered by none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from accounts.models import User


@dataclass(frozen=True)
class Handler:
    """An app's answer to "what do you hold of me" and "forget me".

    `export(member)` returns {name: rows}, rows as plain dictionaries in JSON's
    types. `erase(member)` removes or anonymises; what must stay, as in ledgers,
    stays without anything personal. `anonymise(member)` takes its place when the
    member leaves what they wrote, without a name. `files(member)` names what the
    member uploaded, for the export. `covers` are the models it answers for.
    """

    name: str
    covers: tuple[type[models.Model], ...]
    export: Callable[[User], dict[str, Any]]
    erase: Callable[[User], None]
    anonymise: Callable[[User], None] | None = None
    files: Callable[[User], list[str]] | None = None


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    _handlers[handler.name] = handler


def covered_models() -> set[type[models.Model]]:
    return {model for handler in _handlers.values() for model in handler.covers}


def export_all(member: User) -> dict[str, dict[str, Any]]:
    """{app: {name: rows}} of everything held about this member."""
    return {name: handler.export(member) for name, handler in _handlers.items()}


def files_of(member: User) -> list[str]:
    """The names in the storage of everything this member uploaded."""
    return [
        name
        for handler in _handlers.values()
        if handler.files
        for name in handler.files(member)
    ]


@transaction.atomic
def erase_all(member: User, *, keeps_contributions: bool = False) -> None:
    """Forget a person: every app empties what it holds, then the row itself.

    accounts registers first and so is asked last: the others may still need to
    know who is meant.
    """
    member = User.objects.select_for_update().get(pk=member.pk)
    for handler in reversed(_handlers.values()):
        anonymise = handler.anonymise if keeps_contributions else None
        (anonymise or handler.erase)(member)


def rows(found: "models.QuerySet[Any] | models.Manager[Any]", *fields: str) -> list:
    """The named fields of each row, for an export."""
    return list(found.values(*fields))
