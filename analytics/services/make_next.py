"""What to make next: what many members want and few fresh things serve.

A subject's score is wanting × appetite ÷ (1 + supply).

- wanting: different members who follow it or opened at least two things on it; and
  those, in the week when most did, who searched for it in vain. They may be the same
  people, so the larger of the two counts, not their sum.
- appetite: how often a thing on it is opened for each chance, next to any thing of the
  library; shrunk, so that a subject hardly tried is taken to be like the others.
- supply: what came out or was checked in the window, each by its stars out of five;
  what nobody rated counts as the mean of all.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from scipy import sparse

from analytics.catalogue_data import WINDOW_DAYS, Catalogue, Ints
from analytics.numerics.popularity import Rates, rates_of_members
from analytics.services.groups import FEWEST
from community.lib.dates import site_day
from community.lib.words import is_han
from content.models import TagSynonym
from content.services import quality
from content.services.searches import Searched, normal, searched

Floats = NDArray[np.float64]
Row = dict[str, Any]

MOST = 30
TWICE = 2
FEWEST_OPENED = 20
STARS = 5
Z = 1.96

FOLLOWERS = """
SELECT interest.tag_id, interest.member_id
  FROM accounts_interest AS interest
  JOIN accounts_user AS member ON member.id = interest.member_id
 WHERE member.is_active AND NOT member.is_applicant AND member.erased_at IS NULL
"""


@dataclass(frozen=True)
class Supply:
    """Of each subject: its items, the fresh ones, their worth and its variance."""

    items: Floats
    fresh: Floats
    worth: Floats
    variance: Floats


@dataclass(frozen=True)
class Demand:
    """Different members of each subject: who follow it, who opened two or more things
    on it, who did either; and who searched in vain for words that name it."""

    follow: Ints
    return_to: Ints
    either: Ints
    in_vain: Ints


def ranked(all_of: Catalogue, until: dt.datetime) -> list[Row]:
    """At most `MOST` subjects, the one to make first at the top."""
    day = site_day(until - dt.timedelta(seconds=1))
    words = searched(day - dt.timedelta(days=WINDOW_DAYS), day)
    named, unnamed = _by_tag(words, all_of)
    asked = demand(all_of, named)
    offered = supply(all_of)
    appetite = appetite_of(all_of)
    enough = np.maximum(asked.either, asked.in_vain) >= FEWEST
    rows = [
        _row(all_of, n, asked, offered, appetite)
        for n in np.flatnonzero(enough).tolist()
    ]
    rows += [_words(it) for it in unnamed]
    return sorted(rows, key=lambda it: (-it["score"], it["name"]))[:MOST]


# What is wanted ----------------------------------------------------------------------


def demand(all_of: Catalogue, in_vain: dict[int, int]) -> Demand:
    number = len(all_of.tags.ids)
    with connection.cursor() as cursor:
        cursor.execute(FOLLOWERS)
        follows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    follows = follows[np.isin(follows[:, 0], all_of.tags.ids)]
    follows[:, 0] = np.searchsorted(all_of.tags.ids, follows[:, 0])
    opened = sparse.coo_matrix(all_of.opened @ all_of.tags.of_items)
    often = opened.data >= TWICE
    returns = np.stack([opened.col[often], all_of.members[opened.row[often]]], axis=1)
    either = np.unique(np.concatenate([follows, returns]), axis=0)
    return Demand(
        follow=np.bincount(follows[:, 0], minlength=number),
        return_to=np.bincount(returns[:, 0], minlength=number),
        either=np.bincount(either[:, 0], minlength=number),
        in_vain=np.array([in_vain.get(n, 0) for n in range(number)], dtype=np.int64),
    )


def _by_tag(
    words: list[Searched], all_of: Catalogue
) -> tuple[dict[int, int], list[Searched]]:
    """{place of a tag: members who searched for it in vain}, by the words that most of
    them used; and the words that name no tag."""
    names = _names(all_of)
    found: dict[int, int] = {}
    rest = []
    for it in words:
        if it.in_vain < FEWEST:
            continue
        meant = [n for name, n in names.items() if _names_it(name, it.words)]
        for n in meant:
            found[n] = max(found.get(n, 0), it.in_vain)
        if not meant:
            rest.append(it)
    return found, rest


def _names(all_of: Catalogue) -> dict[str, int]:
    places = {int(pk): n for n, pk in enumerate(all_of.tags.ids)}
    others = TagSynonym.objects.values_list("name", "tag_id")
    names = {normal(name): places[pk] for name, pk in others if pk in places}
    names |= {normal(name): n for n, name in enumerate(all_of.tags.names)}
    return {name: n for name, n in names.items() if name}


def _names_it(name: str, words: str) -> bool:
    return name in words if is_han(name) else f" {name} " in f" {words} "


# What is there -----------------------------------------------------------------------


def supply(all_of: Catalogue) -> Supply:
    items, known = all_of.items, quality.prior()
    stars = np.where(np.isnan(items.quality), known.mean, items.quality)
    sd = np.where(np.isnan(items.quality_sd), known.between**0.5, items.quality_sd)
    fresh = items.is_fresh.astype(np.float64)
    of_tags = all_of.tags.of_items.T
    return Supply(
        items=of_tags @ np.ones(len(fresh)),
        fresh=of_tags @ fresh,
        worth=of_tags @ (fresh * stars / STARS),
        variance=of_tags @ (fresh * (sd / STARS) ** 2),
    )


def appetite_of(all_of: Catalogue) -> Rates | None:
    """Of each subject, next to any thing of the library; None where too little of it
    was opened."""
    everybody = np.arange(len(all_of.members))
    here = all_of.open_to_all(all_of.tags)
    every = sparse.csr_matrix(all_of.items.is_open[:, None].astype(np.int64))
    whole, chances = (all_of.chances(it, everybody) for it in (every, here))
    opened = int((all_of.opened @ every).sum())
    if opened < FEWEST_OPENED or not chances.sum():
        return None
    found = rates_of_members(sparse.csr_matrix(all_of.opened @ here), chances)
    usual = opened / float(whole.sum())
    ends = (found.rate / usual, found.low / usual, found.high / usual)
    return Rates(*ends, mean=found.mean / usual)


# Both --------------------------------------------------------------------------------


def score(
    wanting: float, appetite: tuple[float, float, float], worth: float, variance: float
) -> tuple[float, float, float]:
    """The score and between what it lies 19 in 20 times.

    On the logarithmic scale its parts are independent and add up (the delta method): a
    count of n people varies by 1 / n, the appetite by its own interval.
    """
    value = wanting * appetite[0] / (1 + worth)
    _rate, low, high = appetite
    spread = (np.log(high / low) / (2 * Z)) ** 2 if low > 0 else 0.0
    reach = Z * np.sqrt(1 / wanting + spread + variance / (1 + worth) ** 2)
    return value, float(value * np.exp(-reach)), float(value * np.exp(reach))


def _row(
    all_of: Catalogue, n: int, asked: Demand, offered: Supply, appetite: Rates | None
) -> Row:
    wanting = int(max(asked.either[n], asked.in_vain[n]))
    eager = (1.0, 1.0, 1.0)
    if appetite is not None:
        eager = (
            float(appetite.rate[n]),
            float(appetite.low[n]),
            float(appetite.high[n]),
        )
    worth, variance = float(offered.worth[n]), float(offered.variance[n])
    tried = appetite is not None and offered.items[n] > 0
    return {
        "name": all_of.tags.names[n],
        "slug": all_of.tags.slugs[n],
        "follow": _at_least_few(asked.follow[n]),
        "return_to": _at_least_few(asked.return_to[n]),
        "in_vain": _at_least_few(asked.in_vain[n]),
        "items": int(offered.items[n]),
        "fresh": int(offered.fresh[n]),
        "worth": round(worth, 2),
        "appetite": [round(it, 3) for it in eager] if tried else None,
        **_scored(wanting, eager, worth, variance),
    }


def _words(found: Searched) -> Row:
    """Words that name no subject: nothing carries them, so nothing is known of it."""
    return {
        "name": found.words,
        "slug": None,
        "follow": None,
        "return_to": None,
        "in_vain": found.in_vain,
        "items": 0,
        "fresh": 0,
        "worth": 0.0,
        "appetite": None,
        **_scored(found.in_vain, (1.0, 1.0, 1.0), 0.0, 0.0),
    }


def _scored(
    wanting: int, eager: tuple[float, float, float], worth: float, variance: float
) -> Row:
    found = score(wanting, eager, worth, variance)
    names = ("score", "low", "high")
    return {name: round(it, 3) for name, it in zip(names, found, strict=True)}


def _at_least_few(members: int | np.int64) -> int | None:
    return int(members) if members >= FEWEST else None
