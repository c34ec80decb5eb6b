"""The library and what members opened of it, as arrays: one pass over a window of the
log, whatever is asked of it afterwards."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from scipy import sparse

from accounts.models import Field, Verb
from analytics.services import groups
from analytics.services.rollup import CONTENT

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WINDOW_DAYS = 90
AT_A_TIME = 50_000  # rows read
# Doing anything with an item, or a lesson of it, is having opened it.
OPENED = [*CONTENT, Verb.INTERACTED, Verb.ENROLLED, Verb.QUIZ_PASSED]
FINISHED = [Verb.COURSE_DONE, Verb.ITEM_READ]

ITEMS = """
SELECT item.id, coalesce(item.field_id, 0), item.kind,
       ceil(extract(epoch FROM %(until)s - greatest(item.published_at, %(since)s))
            / 86400)::int,
       item.published_at > %(since)s,
       item.published_at > %(since)s OR coalesce(item.checked_on > %(since)s, false),
       coalesce(space.access IN ('public', 'members'), true),
       item.quality, item.quality_sd
  FROM content_item AS item LEFT JOIN accounts_space AS space ON space.id = space_id
 WHERE item.state = 'live' AND item.published_at < %(until)s
   AND item.kind <> 'material'
 ORDER BY item.id
"""
TAGGED = """
SELECT tagged.object_id, tagged.tag_id
  FROM taggit_taggeditem AS tagged
  JOIN django_content_type AS type ON type.id = tagged.content_type_id
 WHERE type.app_label = 'content' AND type.model = 'item'
"""
# Authors know their own items: that they open them says nothing.
PAIRS = """
SELECT activity.member_id, item.id, bool_or(activity.verb = ANY (%(finished)s))
  FROM accounts_activity AS activity
  LEFT JOIN content_lesson AS lesson
         ON activity.object_kind = 'lesson' AND lesson.id = activity.object_id
  LEFT JOIN content_section AS section ON section.id = lesson.section_id
  JOIN content_item AS item ON item.id = coalesce(section.item_id, activity.object_id)
 WHERE activity.object_kind IN ('item', 'lesson')
   AND activity.verb = ANY (%(opened)s)
   AND activity.at >= %(since)s AND activity.at < %(until)s
   AND item.author_id IS DISTINCT FROM activity.member_id
 GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Items:
    """Row n of each is items.ids[n]."""

    ids: Ints
    field: Ints  # its number; 0: none
    kind: NDArray[np.str_]
    days: Ints  # there in the window, 1 to WINDOW_DAYS
    is_new: Flags  # came out in the window
    is_fresh: Flags  # came out or was checked in the window
    is_open: Flags  # stands where every member may come
    quality: Floats  # in stars; nan: nobody rated it
    quality_sd: Floats


@dataclass(frozen=True)
class Topics:
    """What items are about: column n of `of_items` (items, topics) is ids[n]."""

    ids: Ints
    names: list[str]
    slugs: list[str]
    of_items: sparse.csr_matrix


@dataclass(frozen=True)
class Catalogue:
    """Row n of `opened` and `finished` (members, items) is members[n], of zeros and
    ones; `member_days` is how many days of the window each was a member."""

    items: Items
    fields: Topics
    tags: Topics
    members: Ints
    member_days: Ints
    opened: sparse.csr_matrix
    finished: sparse.csr_matrix

    def chances(self, of_items: sparse.csr_matrix, members: Ints) -> Floats:
        """Days that each topic's items and these members were there together, in
        windows: 1 is one item and one member for all of it.

        Both are there from a day on to the end of the window, so they share the shorter
        of their days; with so few lengths, all pairs are a product of three tables.
        """
        lengths = np.arange(WINDOW_DAYS + 1)
        each = sparse.csr_matrix(self.items.days[:, None] == lengths).astype(np.int64)
        of_topics = (of_items.T @ each).toarray()
        of_members = np.bincount(self.member_days[members], minlength=len(lengths))
        together = np.minimum(lengths[:, None], lengths[None, :])
        return np.asarray(of_topics @ together @ of_members / WINDOW_DAYS, np.float64)

    def open_to_all(self, topics: Topics) -> sparse.csr_matrix:
        """`topics.of_items` without items of spaces that are closed to some: there, not
        everybody had a chance."""
        keeps = sparse.diags(self.items.is_open.astype(np.int64), dtype=np.int64)
        return sparse.csr_matrix(keeps @ topics.of_items)


def load(until: dt.datetime) -> Catalogue:
    """The library as it is, and the `WINDOW_DAYS` before a moment."""
    since = until - dt.timedelta(days=WINDOW_DAYS)
    items = _items(since, until)
    who = groups.members(until)
    members = np.array([pk for pk, _joined in who], dtype=np.int64)
    there = [min((until - joined).days + 1, WINDOW_DAYS) for _pk, joined in who]
    opened, finished = _pairs(items.ids, members, since, until)
    return Catalogue(
        items=items,
        fields=_fields(items),
        tags=_tags(items),
        members=members,
        member_days=np.array(there, dtype=np.int64),
        opened=opened,
        finished=finished,
    )


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _numbers(statement: str, columns: int, **values: Any) -> Ints:
    """A long table of whole numbers, some at a time: a million rows fit anywhere."""
    found = [np.empty((0, columns), dtype=np.int64)]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(AT_A_TIME):
            found.append(np.array(rows, dtype=np.int64))
    return np.concatenate(found)


def _items(since: dt.datetime, until: dt.datetime) -> Items:
    rows = _rows(ITEMS, since=since, until=until)
    columns = list(zip(*rows, strict=True)) or [()] * 9
    kinds = (np.int64, np.int64, str, np.int64, bool, bool, bool, float, float)
    return Items(*(np.array(it, dtype=k) for it, k in zip(columns, kinds, strict=True)))


def _fields(items: Items) -> Topics:
    fields = list(Field.objects.order_by("pk"))
    ids = np.array([field.pk for field in fields], dtype=np.int64)
    about = np.stack([np.arange(len(items.ids)), items.field], axis=1)
    return Topics(
        ids,
        [field.name for field in fields],
        [field.slug for field in fields],
        _matrix(about[items.field > 0], np.arange(len(items.ids)), ids),
    )


def _tags(items: Items) -> Topics:
    tags = _rows("SELECT id, name, slug FROM taggit_tag ORDER BY id")
    ids = np.array([pk for pk, _name, _slug in tags], dtype=np.int64)
    about = _numbers(TAGGED, 2)
    return Topics(
        ids,
        [name for _pk, name, _slug in tags],
        [slug for _pk, _name, slug in tags],
        _matrix(about, items.ids, ids),
    )


def _pairs(
    items: Ints, members: Ints, since: dt.datetime, until: dt.datetime
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    verbs = {"opened": [*map(str, OPENED)], "finished": [*map(str, FINISHED)]}
    pairs = _numbers(PAIRS, 3, since=since, until=until, **verbs)
    done = pairs[pairs[:, 2] > 0]
    return _matrix(pairs, members, items), _matrix(done, members, items)


def _matrix(pairs: Ints, rows: Ints, columns: Ints) -> sparse.csr_matrix:
    """Ones where a pair is, of numbers that are known; both lists are in order."""
    known = np.isin(pairs[:, 0], rows) & np.isin(pairs[:, 1], columns)
    row = np.searchsorted(rows, pairs[known, 0])
    column = np.searchsorted(columns, pairs[known, 1])
    ones = np.ones(len(row), dtype=np.int64)
    found = sparse.csr_matrix((ones, (row, column)), shape=(len(rows), len(columns)))
    found.data[:] = 1  # carried twice is carried
    return found
