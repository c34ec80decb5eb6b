"""A run of the activity model put into words and drawings, from its stored numbers."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from analytics.models import ModelRun

# Far more clicks than visits fit into a month: told by this many at a time.
STEPS = {"interactions": 100, "visits": 1, "content": 100}


class Driver(NamedTuple):
    name: str
    share: str
    low: str
    high: str


class Row(NamedTuple):
    """A line of the table of coefficients, as numbers with enough digits."""

    name: str
    value: str
    low: str
    high: str
    se: str
    se_hc3: str
    se_jackknife: str


class Mark(NamedTuple):
    x: float
    y: float


class Tick(NamedTuple):
    at: float
    label: str


@dataclass(frozen=True)
class CalibrationChart:
    """Promised against kept: each decile a mark, and the line on which they agree."""

    deciles: list[dict[str, Any]]

    width = height = 320
    left, right, top, bottom = 40, 308, 12, 280

    @property
    def highest(self) -> int:
        values = [d[key] for d in self.deciles for key in ("predicted", "actual")]
        return max(4, -(-int(max(values, default=0) + 1) // 4) * 4)

    def x(self, days: float) -> float:
        share = min(max(days / self.highest, 0), 1)
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, days: float) -> float:
        share = min(max(days / self.highest, 0), 1)
        return round(self.bottom - share * (self.bottom - self.top), 1)

    @property
    def marks(self) -> list[Mark]:
        return [Mark(self.x(d["predicted"]), self.y(d["actual"])) for d in self.deciles]

    @property
    def across(self) -> list[Tick]:
        return [Tick(self.x(days), str(days)) for days in self._days()]

    @property
    def up(self) -> list[Tick]:
        return [Tick(self.y(days), str(days)) for days in self._days()]

    def _days(self) -> list[int]:
        return [self.highest * part // 4 for part in range(5)]


def page(run: ModelRun) -> dict[str, Any]:
    """What the template needs beside the run itself."""
    numbers = run.numbers
    context = {
        "numbers": numbers,
        "seconds": numbers.get("seconds", {}),
        "population": numbers.get("population", {}),
        "collection": numbers.get("collection", {}),
        "preprocessing": numbers.get("preprocessing", {}),
        "caps": caps(numbers.get("preprocessing", {})),
        "too_little": too_little(numbers.get("too_little", "")),
        "verdict": verdict(run),
    }
    if "fit" not in numbers:
        return context
    evaluation = numbers["evaluation"]
    return context | {
        "fit": numbers["fit"],
        "rows": [coefficient_row(p) for p in numbers["fit"]["parameters"]],
        "sentences": [
            coefficient_sentence(p)
            for p in numbers["fit"]["parameters"]
            if p["name"] not in numbers["fit"]["dropped"]
        ],
        "dropped": [dropped(*item) for item in numbers["fit"]["dropped"].items()],
        "formula": formula(numbers["fit"]["parameters"]),
        "without_intercept": without_intercept(numbers["fit"]["without_intercept"]),
        "drivers": [driver(d) for d in numbers["drivers"]],
        "evaluation": evaluation,
        "gain": gain_sentence(evaluation["gain"]),
        "bands": bands(evaluation["bands"]),
        "chart": CalibrationChart(evaluation["deciles"]),
        "origins": numbers.get("origins", []),
        "application": numbers.get("application", {}),
    }


def input_name(name: str) -> str:
    return {
        "intercept": _("constant"),
        "interactions": _("interactions"),
        "visits": _("visit days"),
        "content": _("content consumed"),
    }[name]


def coefficient_sentence(parameter: dict[str, Any]) -> str:
    """What one input goes with, in words and with its interval."""
    name, value = parameter["name"], parameter["value"]
    low, high = parameter["low"], parameter["high"]
    if name == "intercept":
        return _(
            "Who did nothing in the window is expected on %(value)s days, "
            "%(low)s to %(high)s."
        ) % {"value": days(value), "low": days(low), "high": days(high)}
    step = STEPS[name]
    if low <= 0 <= high:
        return _(
            "%(input)s: not distinguishable from zero; %(step)s more go with "
            "%(low)s to %(high)s active days."
        ) % {
            "input": input_name(name).capitalize(),
            "step": step,
            "low": days(low * step),
            "high": days(high * step),
        }
    more = {
        "interactions": _(
            "%(step)s more interactions go with %(value)s more active days, "
            "%(low)s to %(high)s."
        ),
        "visits": _(
            "One more visit day goes with %(value)s more active days, "
            "%(low)s to %(high)s."
        ),
        "content": _(
            "%(step)s more pieces of content go with %(value)s more active days, "
            "%(low)s to %(high)s."
        ),
    }
    fewer = {
        "interactions": _(
            "%(step)s more interactions go with %(value)s fewer active days, "
            "%(low)s to %(high)s."
        ),
        "visits": _(
            "One more visit day goes with %(value)s fewer active days, "
            "%(low)s to %(high)s."
        ),
        "content": _(
            "%(step)s more pieces of content go with %(value)s fewer active days, "
            "%(low)s to %(high)s."
        ),
    }
    ends = sorted([abs(low), abs(high)])
    return (more if value > 0 else fewer)[name] % {
        "step": step,
        "value": days(abs(value) * step),
        "low": days(ends[0] * step),
        "high": days(ends[1] * step),
    }


def coefficient_row(p: dict[str, Any]) -> Row:
    keys = ("value", "low", "high", "se", "se_hc3", "se_jackknife")
    return Row(input_name(p["name"]), *(fine(p[key]) for key in keys))


def formula(parameters: list[dict[str, Any]]) -> str:
    return f"{_('active days')} = {_sum_of(parameters)}"


def _sum_of(parameters: list[dict[str, Any]]) -> str:
    words = ""
    for p in parameters:
        sign = "−" if p["value"] < 0 else "+"
        words += f" {sign} {fine(abs(p['value']))}"
        if p["name"] != "intercept":
            words += f" · {input_name(p['name'])}"
    return words.removeprefix(" + ").strip()


def without_intercept(weights: dict[str, float]) -> str:
    ordered = [{"name": name, "value": weights[name]} for name in STEPS]
    return f"{_('active days')} = {_sum_of(ordered)}"


def dropped(name: str, why: str) -> str:
    if why == "constant":
        return _("Left out: %(input)s, the same for everybody.") % {
            "input": input_name(name)
        }
    return _("Left out: %(input)s, which follows from the other inputs.") % {
        "input": input_name(name)
    }


def driver(d: dict[str, Any]) -> Driver:
    return Driver(
        input_name(d["name"]), *(percent(d[key]) for key in ("share", "low", "high"))
    )


def gain_sentence(gain: dict[str, float]) -> str:
    numbers = {key: days(value) for key, value in gain.items()}
    if gain["low"] > 0:
        return (
            _(
                "On members it had not seen, its mean squared error is %(value)s below "
                "that of last period, %(low)s to %(high)s."
            )
            % numbers
        )
    return (
        _(
            "On members it had not seen, its mean squared error cannot be told from "
            "that of last period: the difference is between %(low)s and %(high)s."
        )
        % numbers
    )


def bands(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The bands by visits, with the visits they hold in words."""
    starts = [band["from"] for band in found]
    rows = []
    for band, following in zip(found, [*starts[1:], None], strict=True):
        start = band["from"]
        if following is None:
            visits = _("%(start)s and more") % {"start": start}
        elif following == start + 1:
            visits = str(start)
        else:
            visits = f"{start}–{following - 1}"
        rows.append(
            {"visits": visits, "low": signed(band["low"]), "high": signed(band["high"])}
        )
    return rows


def caps(preprocessing: dict[str, Any]) -> list[str]:
    cut = preprocessing.get("cut", {})
    return [
        _(
            "%(input)s above %(cap)s count as %(cap)s, the 99th percentile of the run "
            "before; that concerns %(members)s members."
        )
        % {
            "input": input_name(name).capitalize(),
            "cap": cap,
            "members": cut.get(name, 0),
        }
        for name, cap in preprocessing.get("caps", {}).items()
    ]


def too_little(reason: str) -> str:
    return {
        "": "",
        "few members": _("There are too few members to learn from."),
        "no difference": _(
            "In the coming window every member was active equally often, or nobody was."
        ),
    }.get(reason, reason)


def verdict(run: ModelRun) -> str:
    return {
        ModelRun.Verdict.BETTER: _(
            "The model predicts better than saying that everything stays as it was in "
            "the last period."
        ),
        ModelRun.Verdict.NOTHING: _(
            "The model adds nothing over saying that everything stays as it was in the "
            "last period."
        ),
        ModelRun.Verdict.TOO_LITTLE: _("There was too little data for a model."),
    }[ModelRun.Verdict(run.verdict)]


def days(value: float) -> str:
    return rounded(value, 2)


def fine(value: float) -> str:
    """Four places, which is more than enough for a coefficient per click."""
    return rounded(value, 4)


def signed(value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{rounded(abs(value), 1)}"


def percent(share: float) -> str:
    return f"{rounded(100 * share, 1)} %"


def rounded(value: float, places: int) -> str:
    # number_format cuts digits off; adding zero turns -0.0 into 0.0.
    return number_format(round(value, places) + 0.0, places)
