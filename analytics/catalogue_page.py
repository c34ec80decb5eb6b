"""The catalogue's figures put into words and drawings, from what the night kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from analytics.run_page import rounded
from content.models import Item

WIDTH = 360  # as wide as a telephone, so that its letters are not shrunk there
LETTERS = 36  # that fit into a line
MOST_DRAWN = 12
SERIES = ("live", "new", "opened")
WAYS = ("experience", "paying", "since", "interest")


# Drawings ---------------------------------------------------------------------------


class Bar(NamedTuple):
    y: float
    width: float
    series: str


class Line(NamedTuple):
    """A name, and below it bars, or a mark with its interval."""

    y: float
    name: str
    bars: Sequence[Bar] = ()
    at: float = 0
    start: float = 0
    length: float = 0


@dataclass(frozen=True)
class Shares:
    """Of each name, three bars: its share of what is live, of what is new, and of what
    was opened."""

    rows: Sequence[dict[str, Any]]

    width = WIDTH
    step, thick = 56, 9

    @property
    def height(self) -> int:
        return self.step * len(self.rows)

    @property
    def lines(self) -> list[Line]:
        return [
            Line(self.step * n + 14, row["name"][:LETTERS], self._bars(n, row))
            for n, row in enumerate(self.rows)
        ]

    def _bars(self, n: int, row: dict[str, Any]) -> list[Bar]:
        top = self.step * n + 19
        most = max((r[s] or 0 for r in self.rows for s in SERIES), default=0) or 1
        return [
            Bar(top + place * (self.thick + 1), self._length(row[name], most), name)
            for place, name in enumerate(SERIES)
            if row[name] is not None
        ]

    def _length(self, share: float, most: float) -> float:
        return round(WIDTH * share / most, 1)


@dataclass(frozen=True)
class Intervals:
    """Of each name, a mark and between what it lies."""

    rows: Sequence[tuple[str, float, float, float]]

    width, step, edge = WIDTH, 38, 6

    @property
    def height(self) -> int:
        return self.step * len(self.rows) + 20

    @property
    def most(self) -> float:
        """What fits: intervals far wider than all values are cut at the edge."""
        highest = max((value for _name, value, _low, _high in self.rows), default=0)
        ends = max((high for _name, _value, _low, high in self.rows), default=0)
        return min(ends, 2 * highest) or 1

    @property
    def lines(self) -> list[Line]:
        return [
            Line(
                self.step * n + 14,
                name[:LETTERS],
                at=self._x(value),
                start=self._x(low),
                length=round(self._x(high) - self._x(low), 1),
            )
            for n, (name, value, low, high) in enumerate(self.rows)
        ]

    @property
    def ends(self) -> tuple[str, str]:
        beyond = any(high > self.most for _name, _value, _low, high in self.rows)
        return rounded(0, 0), short(self.most) + (" →" if beyond else "")

    def _x(self, value: float) -> float:
        room = WIDTH - 2 * self.edge
        return round(self.edge + room * min(value / self.most, 1), 1)


# Words ------------------------------------------------------------------------------


def page(figures: dict[str, Any]) -> dict[str, Any]:
    """What the template needs beside the figures themselves."""
    return {
        "figures": figures,
        "next": [_next(row, figures["days"]) for row in figures["next"]],
        "next_chart": Intervals(
            [
                (row["name"], row["score"], row["low"], row["high"])
                for row in figures["next"][:MOST_DRAWN]
            ]
        ),
        "balances": [_balance(by, figures["balance"][by]) for by in ("field", "kind")],
        "pairs": _pairs(figures["diversity"]),
        "gini": told(figures["diversity"]["gini"], 2),
        "coverage": percent(figures["diversity"]["coverage"]),
        "popular": [
            _popular(about, figures["popular"])
            for about in ("field", "tag")
            if figures["popular"][about]
        ],
    }


def too_little() -> str:
    return _("too little data")


def short(value: float) -> str:
    return rounded(value, 0 if value >= 100 else 1 if value >= 10 else 2)


def percent(share: float | None) -> str:
    return too_little() if share is None else f"{rounded(100 * share, 1)} %"


def told(found: dict[str, float] | None, places: int = 1) -> str:
    """A number with its interval; one that was counted whole has none."""
    if found is None:
        return too_little()
    value, low, high = (rounded(found[it], places) for it in ("value", "low", "high"))
    if found["low"] == found["high"]:
        return value
    return f"{value} ({low}–{high})"


def exact(value: float | None) -> str:
    return "–" if value is None else rounded(value, 1)


def _balance(by: str, found: dict[str, Any]) -> dict[str, Any]:
    whole = {s: sum(row[s] or 0 for row in found["rows"]) for s in SERIES}
    names = [_name_of(by, row["name"]) for row in found["rows"]]
    shares = [{s: _share(row[s], whole[s]) for s in SERIES} for row in found["rows"]]
    drawn = [{"name": it, **own} for it, own in zip(names, shares, strict=True)]
    return {
        "title": _("By field") if by == "field" else _("By kind"),
        "of": found["of"],
        "chart": Shares(drawn[:MOST_DRAWN]),
        "rows": [
            (name, *(_share_told(own[s], whole[s]) for s in SERIES))
            for name, own in zip(names, shares, strict=True)
        ],
        "effective": (
            exact(found["live"]),
            told(found["new"]),
            told(found["opened"]),
        ),
    }


def _name_of(by: str, name: str) -> str:
    if by == "kind":
        return str(Item.Kind(name).label)
    return name or _("without a field")


def _share(number: int | None, whole: int) -> float | None:
    return None if number is None else number / whole if whole else 0.0


def _share_told(share: float | None, whole: int) -> str:
    if share is None:
        return _("fewer than five members")
    return percent(share) if whole else "–"


def _pairs(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(what, of what is there, of what members open)."""
    there, met = found["there"], found["met"]
    return [
        (_("effective number of fields"), exact(there["fields"]), told(met["fields"])),
        (_("effective number of tags"), exact(there["tags"]), told(met["tags"])),
        (
            _("distance between two items, by their tags"),
            told(there["distance"], 2),
            told(met["distance"], 2),
        ),
    ]


def group_name(by: str, key: str) -> str:
    if by == "experience":
        return str(User.Experience(key).label)
    names = {
        "": _("all members"),
        "paying": _("paying"),
        "not paying": _("not paying"),
        "new": _("joined in the last 90 days"),
        "old": _("here for longer"),
    }
    return key if by == "interest" else names[key]


def way_name(by: str) -> str:
    return {
        "experience": _("By the experience they told"),
        "paying": _("By membership"),
        "since": _("By time here"),
        "interest": _("By what they follow"),
    }[by]


def _popular(about: str, found: dict[str, Any]) -> dict[str, Any]:
    rows, groups = found[about], found["groups"]
    drawn = [(row["name"], *row["cells"][0]) for row in rows if row["cells"][0]]
    return {
        "title": _("Fields") if about == "field" else _("Tags"),
        "chart": Intervals(drawn[:MOST_DRAWN]),
        "rows": [
            (row["name"], cell(row["cells"][0]), cell(row["finished"])) for row in rows
        ],
        "ways": [_way(by, rows, groups) for by in WAYS if _places(by, groups)],
    }


def _places(by: str, groups: list[dict[str, Any]]) -> list[int]:
    return [n for n, group in enumerate(groups) if group["by"] == by]


def _way(
    by: str, rows: list[dict[str, Any]], groups: list[dict[str, Any]]
) -> dict[str, Any]:
    places = _places(by, groups)
    return {
        "title": way_name(by),
        "groups": [
            (group_name(by, groups[n]["key"]), groups[n]["members"]) for n in places
        ],
        "rows": [
            (row["name"], [cell(row["cells"][n]) for n in places]) for row in rows
        ],
    }


def cell(ends: list[float] | None) -> str:
    if ends is None:
        return too_little()
    value, low, high = map(short, ends)
    return f"{value} ({low}–{high})"


# What to make next --------------------------------------------------------------------


def _next(row: dict[str, Any], days: int) -> dict[str, Any]:
    return {
        **row,
        "told": cell([row["score"], row["low"], row["high"]]),
        "reasons": [*_wanted(row, days), _eager(row), _served(row, days)],
        "begin": f"{reverse('content:item_new')}?{urlencode({'tag': row['name']})}",
        "evidence": _evidence(row),
    }


def _wanted(row: dict[str, Any], days: int) -> list[str]:
    reasons = []
    if number := row["follow"]:
        text = ngettext(
            "%(number)d member follows it.", "%(number)d members follow it.", number
        )
        reasons.append(text % {"number": number})
    if number := row["return_to"]:
        text = ngettext(
            "%(number)d member opened two or more things on it in %(days)d days.",
            "%(number)d members opened two or more things on it in %(days)d days.",
            number,
        )
        reasons.append(text % {"number": number, "days": days})
    if number := row["in_vain"]:
        text = ngettext(
            "In one week %(number)d member or more searched for it in vain.",
            "In one week %(number)d members or more searched for it in vain.",
            number,
        )
        reasons.append(text % {"number": number})
    return reasons


def _eager(row: dict[str, Any]) -> str:
    if row["appetite"] is None:
        return _("How eagerly it would be opened is not known.")
    value, low, high = row["appetite"]
    told_as = {"times": short(value), "low": short(low), "high": short(high)}
    if low > 1:
        text = _(
            "It is opened %(times)s times as often as other things (%(low)s–%(high)s)."
        )
    elif high < 1:
        text = _(
            "It is opened more seldom than other things: %(times)s times as often "
            "(%(low)s–%(high)s)."
        )
    else:
        text = _(
            "It is not known to be opened more or less often than other things: "
            "%(times)s times (%(low)s–%(high)s)."
        )
    return text % told_as


def _served(row: dict[str, Any], days: int) -> str:
    if not row["items"]:
        return _("There is nothing on it yet.")
    told_as = {
        "items": row["items"],
        "fresh": row["fresh"],
        "days": days,
        "worth": short(row["worth"]),
    }
    if not row["fresh"]:
        text = _("Things on it: %(items)d; none new or checked in %(days)d days.")
        return text % told_as
    text = _(
        "Things on it: %(items)d; new or checked in %(days)d days: %(fresh)d, by their "
        "stars worth %(worth)s with five."
    )
    return text % told_as


def _evidence(row: dict[str, Any]) -> str:
    if row["slug"]:
        return f"{reverse('content:library')}?{urlencode({'tag': row['slug']})}"
    return f"{reverse('content:search')}?{urlencode({'q': row['name']})}"
