"""The catalogue in numbers: its balance, its diversity, what is popular with whom, and
what to make next.

Nothing says what a member was shown: the log has what they opened. So popularity is
corrected for how long an item was there for how many members, and not for its place.
"""

import datetime as dt
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy import sparse

from analytics.catalogue_data import WINDOW_DAYS, Catalogue, Ints, Topics, load
from analytics.numerics import diversity
from analytics.numerics.diversity import Estimate, Numbers
from analytics.numerics.popularity import Rates, rates_of_members
from analytics.numerics.recruiting import shrunk_rates
from analytics.services import figures, make_next
from analytics.services.groups import FEWEST, Group, groups
from community.lib.dates import end_of
from content.models import Item

REPORT = "catalogue"
Row = dict[str, Any]

# Below these, nothing is estimated.
FEWEST_THINGS = 20
FEWEST_MEMBERS = 20
FEWEST_OPENED = 5  # items, of a member whose own diversity counts
FEWEST_DAYS = 7  # that an item was there, before it is said to be overlooked
FEWEST_EVENTS = 20
MOST_MEMBERS = 2000  # whose own diversity is reckoned; of more, so many are drawn
MOST_TAGS = 300  # weighed against each other: those with the most chances
TAGS_SHOWN = 15


def make_report(as_of: dt.date) -> dict[str, Any]:
    """Count and keep it for the page; an older day replaces no newer."""
    made = figures.keep(REPORT, as_of, report)
    if made is None:
        return {"kept": "a later day"}
    return {"items": made["items"], "make next": len(made["next"])}


def report(as_of: dt.date) -> dict[str, Any]:
    """All figures as they stood at the end of a day."""
    until = end_of(as_of)
    all_of = load(until)
    rng = np.random.default_rng(as_of.toordinal())  # the same day, the same figures
    return {
        "days": WINDOW_DAYS,
        "items": len(all_of.items.ids),
        "new": int(all_of.items.is_new.sum()),
        "members": len(all_of.members),
        **_openings(all_of.opened),
        "balance": balance(all_of, rng),
        "diversity": diversity_of(all_of, rng),
        "popular": popularity(all_of, groups(until)),
        "next": make_next.ranked(all_of, until),
    }


def _openings(opened: sparse.csr_matrix) -> dict[str, int | None]:
    """By how many members, and how often by member and item."""
    openers = _members_in(opened)
    if 0 < openers < FEWEST:
        return {"openers": None, "opened": None}
    return {"openers": openers, "opened": int(opened.nnz)}


def _told(found: Estimate | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {name: round(float(it), 4) for name, it in asdict(found).items()}


def _members_in(opened: sparse.csr_matrix) -> int:
    return int((np.diff(opened.indptr) > 0).sum())


# Balance ---------------------------------------------------------------------------


def balance(all_of: Catalogue, rng: np.random.Generator) -> dict[str, Any]:
    """Of what is live, what is new, and what was opened, how much falls on each field
    and on each kind; and how many equally large ones that would be."""
    kinds = [kind for kind in Item.Kind.values if kind != Item.Kind.MATERIAL]
    of_kinds = sparse.csr_matrix(
        all_of.items.kind[:, None] == np.array(kinds)[None, :]
    ).astype(np.int64)
    return {
        "field": _balance(all_of, all_of.fields.of_items, all_of.fields.names, rng),
        "kind": _balance(all_of, of_kinds, kinds, rng),
    }


def _balance(
    all_of: Catalogue,
    of_items: sparse.csr_matrix,
    names: list[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Things without a field have a line of their own, and do not count as one."""
    opened = all_of.opened @ of_items
    live, new = _sums(of_items), _sums(of_items[all_of.items.is_new])
    rows = [
        {
            "name": name,
            "live": int(live[n]),
            "new": int(new[n]),
            **_opened(opened[:, n]),
        }
        for n, name in enumerate(names)
    ]
    rest = np.flatnonzero(of_items.getnnz(axis=1) == 0)
    if len(rest):
        bare = sparse.csr_matrix(all_of.opened[:, rest].sum(axis=1))
        fresh = int(all_of.items.is_new[rest].sum())
        rows.append({"name": "", "live": len(rest), "new": fresh, **_opened(bare)})
    return {
        "rows": [row for row in rows if row["live"]],
        "of": len(names),
        "live": _whole(live),
        "new": _told(_of_things(new, rng)),
        "opened": _told(_of_members(sparse.csr_matrix(opened), rng)),
    }


def _sums(matrix: sparse.csr_matrix) -> Ints:
    return np.asarray(matrix.sum(axis=0), dtype=np.int64).ravel()


def _opened(column: sparse.csr_matrix) -> dict[str, int | None]:
    """How often, by member and item; by very few members it is not told."""
    few = 0 < column.nnz < FEWEST
    return {"opened": None if few else int(column.sum())}


def _whole(live: Ints) -> float | None:
    return round(diversity.effective_number(live), 4) if live.sum() else None


def _of_things(new: Ints, rng: np.random.Generator) -> Estimate | None:
    if new.sum() < FEWEST_THINGS:
        return None
    return diversity.effective_number_of_things(new, rng)


def _of_members(opened: sparse.csr_matrix, rng: np.random.Generator) -> Estimate | None:
    if _members_in(opened) < FEWEST_MEMBERS:
        return None
    return diversity.effective_number_of_members(opened, rng)


# Diversity -------------------------------------------------------------------------


def diversity_of(all_of: Catalogue, rng: np.random.Generator) -> dict[str, Any]:
    """Two numbers that may differ: of what is there, and of what members meet."""
    opened = _sums(all_of.opened)
    return {
        "there": {
            "fields": _whole(_sums(all_of.fields.of_items)),
            "tags": _whole(_sums(all_of.tags.of_items)),
            "distance": _distance(all_of.tags, np.ones(len(opened)), rng),
        },
        "met": {
            "fields": _of_each(all_of, all_of.fields, rng),
            "tags": _of_each(all_of, all_of.tags, rng),
            "distance": _distance(all_of.tags, opened, rng)
            if _members_in(all_of.opened) >= FEWEST_MEMBERS
            else None,
        },
        **_reach(all_of, rng),
    }


def _distance(
    tags: Topics, weights: Numbers, rng: np.random.Generator
) -> dict[str, float] | None:
    sets = tags.of_items
    some = np.flatnonzero((sets.getnnz(axis=1) > 0) & (weights > 0))
    if len(some) < 2:
        return None
    return _told(diversity.quadratic_entropy(sets[some], weights[some], rng))


def _of_each(
    all_of: Catalogue, topics: Topics, rng: np.random.Generator
) -> dict[str, Any] | None:
    """Each member's own effective number, in the mean of those who opened enough."""
    carries = np.flatnonzero(topics.of_items.getnnz(axis=1))
    some = np.flatnonzero(_row_sums(all_of.opened[:, carries]) >= FEWEST_OPENED)
    if len(some) < FEWEST_MEMBERS:
        return None
    if len(some) > MOST_MEMBERS:
        some = rng.choice(some, size=MOST_MEMBERS, replace=False)
    opened = sparse.csr_matrix(all_of.opened @ topics.of_items)
    parts = np.array_split(some, -(-len(some) // 200))
    own = [np.exp(diversity.chao_shen(opened[part].toarray())) for part in parts]
    most = float(opened.shape[1])
    found = diversity.mean_of(np.minimum(np.concatenate(own), most))
    return {**(_told(found) or {}), "members": len(some)}


def _row_sums(matrix: sparse.csr_matrix) -> Ints:
    return np.asarray(matrix.sum(axis=1), dtype=np.int64).ravel()


def _reach(all_of: Catalogue, rng: np.random.Generator) -> dict[str, Any]:
    """How unevenly what members open falls on what is there, and how much of that is
    opened at all."""
    there = np.flatnonzero(all_of.items.days >= FEWEST_DAYS)
    opened = sparse.csr_matrix(all_of.opened[:, there])
    if len(there) < 2 or _members_in(opened) < FEWEST_MEMBERS:
        return {"gini": None, "coverage": None}
    days = all_of.items.days[there].astype(np.float64)
    return {
        "gini": _told(diversity.gini_of_members(opened, days, rng)),
        "coverage": round(float((_sums(opened) > 0).mean()), 4),
    }


# Popularity ------------------------------------------------------------------------


def popularity(all_of: Catalogue, by_way: list[Group]) -> dict[str, Any]:
    """For fields and for tags: of all members, and of each group."""
    everybody = Group("all", "", [int(pk) for pk in all_of.members])
    found = [everybody, *by_way] if len(all_of.members) >= FEWEST else []
    return {
        "groups": [
            {"by": group.by, "key": group.key, "members": len(group.members)}
            for group in found
        ],
        "field": _popular(all_of, all_of.fields, found, len(all_of.fields.ids)),
        "tag": _popular(all_of, all_of.tags, found, TAGS_SHOWN),
    }


def _popular(
    all_of: Catalogue, topics: Topics, found: list[Group], most: int
) -> list[Row]:
    """A line for each of the topics opened most, by rate: cell n is of group n."""
    here = all_of.open_to_all(topics)
    everybody = np.arange(len(all_of.members))
    chances = all_of.chances(here, everybody)
    kept = np.argsort(-chances, kind="stable")[:MOST_TAGS]
    kept = kept[chances[kept] > 0]
    if not len(kept) or not found:
        return []
    here = here[:, kept]
    opened = sparse.csr_matrix(all_of.opened @ here)
    cells = [_cells(all_of, here, opened, group) for group in found]
    ended = _sums(sparse.csr_matrix(all_of.finished @ here))
    total = _sums(opened)
    finishing = shrunk_rates(ended, total)
    told = (total >= FEWEST_EVENTS) & (opened.getnnz(axis=0) >= FEWEST)
    shown = np.argsort(-total, kind="stable")[:most]
    rows = [
        {
            "name": topics.names[kept[n]],
            "slug": topics.slugs[kept[n]],
            "cells": [None if cell is None else _cell(cell, n) for cell in cells],
            "finished": _cell(finishing, n) if told[n] else None,
        }
        for n in shown
    ]
    return sorted(rows, key=lambda row: -(row["cells"][0] or [0])[0])


def _cells(
    all_of: Catalogue,
    of_items: sparse.csr_matrix,
    opened: sparse.csr_matrix,
    group: Group,
) -> Rates | None:
    """How often the group opens an item of each topic, for each chance to; None where
    that was too seldom to say anything."""
    who = np.searchsorted(all_of.members, np.sort(np.array(group.members)))
    theirs = opened[who]
    if theirs.sum() < FEWEST_EVENTS or _members_in(theirs) < FEWEST:
        return None
    return rates_of_members(theirs, all_of.chances(of_items, who))


def _cell(rates: Any, n: int) -> list[float]:
    """Of a hundred chances: the rate, and its ends."""
    ends = (rates.rate[n], rates.low[n], rates.high[n])
    return [round(100 * float(it), 2) for it in ends]
