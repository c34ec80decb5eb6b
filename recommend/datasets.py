"""Rows to arrays: the only place where the ORM and numpy meet here."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from scipy import sparse

from accounts.services.consents import MAY_BE_PROFILED
from content.services import quality
from recommend.weights import HALF_LIFE_DAYS, MOST_ACTS, WEIGHTS

EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Interactions:
    """Who used what how much; row n of `matrix` is members[n], column n items[n]."""

    members: NDArray[np.int64]
    items: NDArray[np.int64]
    matrix: sparse.csr_matrix

    @cached_property
    def worth(self) -> NDArray[np.float32]:
        """(items,) what their readers surely think of them: one where nobody rated."""
        return np.array(quality.weights_of(self.items.tolist()), dtype=np.float32)

    @property
    def weighed(self) -> sparse.csr_matrix:
        """The matrix with each column times its item's worth."""
        return sparse.csr_matrix(self.matrix @ sparse.diags(self.worth))


PAIRS = f"""
WITH wanted (verb, weight) AS (SELECT * FROM unnest(%(verbs)s, %(weights)s)),
allowed AS ({MAY_BE_PROFILED})
SELECT activity.member_id, coalesce(section.item_id, activity.object_id) AS item_id,
       least(sum(act.weight), %(most_acts)s * max(act.weight))
  FROM accounts_activity AS activity
  JOIN wanted USING (verb)
  JOIN allowed ON allowed.member_id = activity.member_id
  CROSS JOIN LATERAL (SELECT
      wanted.weight * (1 + ln(activity.count::float8))
      * power(2, -extract(epoch FROM %(until)s - activity.at) / %(half_life)s)
      AS weight) AS act
  LEFT JOIN content_lesson AS lesson
         ON activity.object_kind = 'lesson' AND lesson.id = activity.object_id
  LEFT JOIN content_section AS section ON section.id = lesson.section_id
  JOIN content_item AS item ON item.id = coalesce(section.item_id, activity.object_id)
 WHERE activity.object_kind IN ('item', 'lesson')
   AND activity.at >= %(since)s AND activity.at < %(until)s
   AND item.published_at <= %(until)s
 GROUP BY 1, 2 HAVING count(*) > 0
 ORDER BY 1, 2
"""  # noqa: S608 - made of our own parts


def interactions(until: dt.datetime, since: dt.datetime = EVER) -> Interactions:
    """What happened in [since, until), older acts counting less.

    A pair counts at most as `MOST_ACTS` of its strongest acts, so that a bot with a
    million views cannot make an item popular by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            PAIRS,
            {
                "verbs": list(WEIGHTS),
                "weights": list(WEIGHTS.values()),
                "since": since,
                "until": until,
                "most_acts": MOST_ACTS,
                "half_life": HALF_LIFE_DAYS * 86400,
            },
        )
        table = np.array(cursor.fetchall(), dtype=float).reshape(-1, 3)
    return _matrix(table)


def _matrix(table: NDArray[np.float64]) -> Interactions:
    members, rows = np.unique(table[:, 0].astype(np.int64), return_inverse=True)
    items, columns = np.unique(table[:, 1].astype(np.int64), return_inverse=True)
    matrix = sparse.csr_matrix(
        (table[:, 2], (rows, columns)), shape=(len(members), len(items))
    )
    return Interactions(members, items, matrix)
