"""Learning from people's decisions which posts they should look at.

It only queues: what it marks is shown as before, and people decide. It learns from
decisions of people alone, each text once, undone ones left out.
"""

import datetime as dt
import zlib
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.datasets import Judgements, judgements
from analytics.models import TriageRun
from analytics.numerics import triage as numerics
from analytics.numerics.triage import Triage, features_of
from community.lib.dates import end_of
from community.lib.intervals import wilson
from community.lib.words import words_of
from content.services import reports

Verdict = TriageRun.Verdict
HELD_OUT = 0.25  # the latest decisions: it is asked about the future
PRECISION = 0.8  # of what it marks, so much shall be worth a look
FEWEST = 20  # of each outcome, to learn from
FEWEST_HELD_OUT = 10
LOOKS_BACK = dt.timedelta(minutes=30)  # thrice as long as it rests
MOST_AT_ONCE = 2000


def learn(as_of: dt.date) -> dict[str, Any]:
    """Fit on the earlier decisions, judge on the later ones, and keep the verdict."""
    known = judgements(end_of(as_of))
    cut = round(len(known.texts) * (1 - HELD_OUT))
    numbers: dict[str, Any] = {"decisions": len(known.texts)}
    verdict, model = Verdict.TOO_LITTLE, None
    if _is_enough(known.refused[:cut], FEWEST) and _is_enough(
        known.refused[cut:], FEWEST_HELD_OUT
    ):
        verdict, model = _fit_and_judge(known, cut, as_of, numbers)
    TriageRun.objects.update_or_create(
        as_of=as_of,
        defaults={"verdict": verdict, "numbers": numbers, **_packed(model)},
    )
    return {"decisions": len(known.texts), "verdict": str(verdict)}


def _is_enough(refused: NDArray[np.bool_], fewest: int) -> bool:
    return bool(min(refused.sum(), (~refused).sum()) >= fewest)


def _fit_and_judge(
    known: Judgements, cut: int, as_of: dt.date, numbers: dict[str, Any]
) -> tuple[Verdict, Triage | None]:
    features = features_of(words_of(text) for text in known.texts)
    model = numerics.fit(
        features[:cut],
        known.refused[:cut],
        precision=PRECISION,
        seed=as_of.toordinal(),
    )
    if model is None:
        return Verdict.NOTHING, None
    judged = numerics.judge(model, features[cut:], known.refused[cut:])
    precision = wilson(judged.right, judged.marked)
    numbers |= {
        **asdict(judged),
        "from": known.at[cut].date().isoformat(),
        "precision": precision,
        "recall": wilson(judged.right, judged.refused),
        "threshold": model.threshold,
    }
    # As good as marking at random, and it marks nothing.
    if not judged.marked or precision[0] <= judged.refused / judged.texts:
        return Verdict.NOTHING, None
    return Verdict.USEFUL, model


def mark_new_posts() -> int:
    """Put recent posts that resemble refused ones into the queue; how many.

    Each is put there once, whatever was decided about it. Nothing happens unless the
    newest lesson was useful.
    """
    run = TriageRun.objects.first()
    if run is None or run.verdict != Verdict.USEFUL:
        return 0
    posts = list(reports.never_marked(LOOKS_BACK)[:MOST_AT_ONCE])
    if not posts:
        return 0
    model = _unpacked(run)
    scores = model.scores(features_of(words_of(post.body) for post in posts))
    marked = np.flatnonzero(scores >= model.threshold)
    for number in marked:
        reports.flag(post=posts[number], reason=reports.Reason.LEARNED)
    return marked.size


def _packed(model: Triage | None) -> dict[str, Any]:
    if model is None:
        return {"weights": b"", "intercept": 0, "threshold": 1}
    return {
        "weights": zlib.compress(model.weights.tobytes()),
        "intercept": model.intercept,
        "threshold": model.threshold,
    }


def _unpacked(run: TriageRun) -> Triage:
    weights = np.frombuffer(zlib.decompress(bytes(run.weights)), dtype=np.float32)
    return Triage(weights, run.intercept, run.threshold)
