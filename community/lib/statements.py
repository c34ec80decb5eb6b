"""SQL written by hand, for the few reads that are on every page."""

import re
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Model

LARGEST = 2**63 - 1

# Which statements a connection knows: a new one, after a break, knows none.
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Joined:
    """Rows of several models read by one statement, as the ORM would, at a third of
    its cost. `sql` names the columns of each model by `{alias}`, in order; single
    columns may stand behind them."""

    def __init__(self, sql: str, **models: type[Model]):
        self.models = models
        columns = {
            alias: ", ".join(
                f'{alias}."{field.column}"' for field in model._meta.concrete_fields
            )
            for alias, model in models.items()
        }
        self.statement = Statement(sql.format(**columns))

    def row(self, **values: Any) -> list[Any] | None:
        """One object for each model, None where a left join found nothing; then the
        single columns as they are."""
        row = self.statement.row(**values)
        if row is None:
            return None
        found, start = [], 0
        for model in self.models.values():
            names = [field.attname for field in model._meta.concrete_fields]
            part = row[start : start + len(names)]
            start += len(names)
            missing = part[0] is None
            found.append(None if missing else model.from_db("default", names, part))
        return [*found, *row[start:]]


class Statement:
    """A query that Postgres plans once a connection and not at every call.

    Planning a handful of joins takes several times what running them does. Values
    are named as in `%(member)s`; their types follow from where they stand.
    """

    def __init__(self, sql: str):
        self.names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
        places = {name: f"${n}" for n, name in enumerate(self.names, start=1)}
        self.key = f"hot_{blake2b(sql.encode(), digest_size=8).hexdigest()}"
        self.preparation = f"PREPARE {self.key} AS {sql % places}"
        self.call = f"EXECUTE {self.key} ({', '.join(['%s'] * len(places))})"

    def rows(self, **values: Any) -> list[tuple]:
        if any(isinstance(it, int) and it > LARGEST for it in values.values()):
            return []  # an address that somebody made up: no row has that number
        with connection.cursor() as cursor:
            known = _known.setdefault(connection.connection, set())
            if self.key not in known:
                cursor.execute(self.preparation)
                known.add(self.key)
            cursor.execute(self.call, [values[name] for name in self.names])
            return cursor.fetchall()

    def row(self, **values: Any) -> tuple | None:
        return next(iter(self.rows(**values)), None)
