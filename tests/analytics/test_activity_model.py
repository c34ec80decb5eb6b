import datetime as dt
import io
import json

import numpy as np
import pytest
import statsmodels.api as sm
from django.core.management import CommandError, call_command

from accounts.models import Activity, SpaceMember, User
from accounts.privacy import erase_all, export_all
from analytics import datasets
from analytics.models import ActivityScore, MemberDay, ModelRun
from analytics.numerics.sums import total
from analytics.services.activity_model import (
    TooLittleData,
    fit_snapshot,
    run_activity_model,
    run_all,
)
from analytics.services.rollup import roll_up
from content.services.imports import import_history
from tests.analytics.conftest import SNAPSHOT, make_history, noon, shared
from tests.factories.accounts import make_space

pytestmark = pytest.mark.django_db


def fit_by_command(space, snapshot):
    out = io.StringIO()
    call_command(
        "fit_activity",
        *("--space", space, "--snapshot", str(snapshot), "--no-cap", "--json"),
        stdout=out,
    )
    return json.loads(out.getvalue())


# The numbers ------------------------------------------------------------------


def test_the_same_as_statsmodels_on_rows_counted_the_slow_way(history):
    found = fit_by_command("History", SNAPSHOT)

    by_member = history.table(SNAPSHOT)
    table = np.array(list(by_member.values()), dtype=float)
    folds = np.array([history.folds()[member] for member in by_member])
    X, y = sm.add_constant(table[:, :3]), table[:, 3]
    theirs = sm.OLS(y, X).fit()

    assert found["n"] == len(table) > 60
    values = [found["intercept"], *found["coefficients"].values()]
    np.testing.assert_allclose(values, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(list(found["se"].values()), theirs.bse, rtol=1e-9)
    np.testing.assert_allclose(list(found["se_hc3"].values()), theirs.HC3_se, rtol=1e-6)
    scores = []
    for fold in range(5):
        train, held = folds != fold, folds == fold
        error = y[held] - sm.OLS(y[train], X[train]).fit().predict(X[held])
        r2 = 1 - (error**2).sum() / ((y[held] - y[held].mean()) ** 2).sum()
        scores.append((r2, np.sqrt((error**2).mean()), np.abs(error).mean()))
    expected = dict(zip(("r2", "rmse", "mae"), np.mean(scores, axis=0), strict=True))
    assert found["cv"] == pytest.approx(expected, rel=1e-8)


REFERENCE = [
    (
        "oulad-bbb2013b",
        [dt.date(2013, 4, 26)],
        1422,
        [1.07125684, 0.00357616, 0.81092684, 0.00381034],
        [0.13290221, 0.00092849, 0.02214292, 0.00660054],
        [0.10654016, 0.00110546, 0.02984857, 0.01272201],
        [0.705044, 3.516065, 2.515234],
        [0.690140, 2.394044],
    ),
    (
        "oulad-aaa2013j",
        [dt.date(2013, 12, 24)],
        358,
        [2.75821703, 0.01111486, 0.73171001, -0.00172758],
        [0.33321437, 0.0039067, 0.04799892, 0.00416912],
        [0.28525303, 0.00396743, 0.05776866, 0.00691744],
        [0.655745, 3.923944, 3.138378],
        [0.603411, 3.207485],
    ),
    (
        "oulad-bbb2013b",
        [dt.date(2013, 2, 15) + dt.timedelta(days=14 * k) for k in range(15)],
        20967,
        [0.67921745, 0.00384014, 0.72792025, 0.01325251],
        [0.03581485, 0.00020276, 0.00546008, 0.0013122],
        [0.02784309, 0.00034989, 0.00764865, 0.00197567],
        [0.687257, 3.562275, 2.495347],
        [0.633236, 2.580375],
    ),
]


@pytest.mark.parametrize(
    ("name", "snapshots", "n", "parameters", "se", "hc3", "cv", "persistence"),
    REFERENCE,
    ids=["bbb2013b", "aaa2013j", "bbb2013b all windows"],
)
def test_reference_numbers(name, snapshots, n, parameters, se, hc3, cv, persistence):
    import_history(folder=shared(name), space_name=name, skip_invalid=True)
    roll_up()
    space = SpaceMember.objects.earliest("pk").space

    found = fit_snapshot(space, snapshots, caps={})

    assert found.fit.n == n
    np.testing.assert_allclose(found.fit.parameters, parameters, atol=6e-9)
    np.testing.assert_allclose(found.fit.standard_errors(), se, atol=6e-9)
    np.testing.assert_allclose(found.se_hc3, hc3, atol=6e-9)
    assert list(found.cv.values()) == pytest.approx(cv, abs=6e-7)
    last = found.persistence
    assert [last["r2"], last["mae"]] == pytest.approx(persistence, abs=6e-7)


def test_the_order_of_rows_and_of_arrival_changes_no_digit(history):
    roll_up()
    before = fit_snapshot(history.space, SNAPSHOT, caps={})
    rows = list(MemberDay.objects.order_by("?"))
    MemberDay.objects.all().delete()
    for row in rows:
        row.pk = None
    MemberDay.objects.bulk_create(rows)

    after = fit_snapshot(history.space, SNAPSHOT, caps={})

    assert after.fit.parameters.tolist() == before.fit.parameters.tolist()
    assert after.se_hc3 == before.se_hc3
    assert after.cv == before.cv


# Who is counted -----------------------------------------------------------------


def test_members_who_came_too_late_or_are_gone_are_left_out(db):
    space = make_space()
    first, t0 = SNAPSHOT - dt.timedelta(days=27), SNAPSHOT
    day = dt.timedelta(days=1)
    cases = {
        "early": (first - day, None, True),
        "on the first day": (first, None, True),
        "late": (first + day, None, False),
        "left on t0": (first, t0, False),
        "left after": (first, t0 + day, True),
        "left before joining": (first, first - day, False),
    }
    for name, (joined, left, _) in cases.items():
        SpaceMember.objects.create(
            space=space,
            member=User.objects.create(username=name.replace(" ", "-")),
            joined_at=noon(joined),
            left_at=left and noon(left),
        )
    with datasets.activity_snapshot(space, [t0]):
        n = total(datasets.group_sums({}).values()).n

    assert n == sum(counted for *_, counted in cases.values())
    found = datasets.population(space, t0)
    assert (found.members, found.joined_too_late, found.gone) == (3, 1, 2)


def test_a_cap_keeps_one_spammer_from_bending_the_coefficient(history):
    roll_up()
    spammer = history.space.members.filter(left_at=None).earliest("joined_at")
    Activity.objects.create(
        member=spammer.member,
        space=history.space,
        verb="interacted",
        count=10**8,
        at=noon(SNAPSHOT),
    )
    calm = fit_snapshot(history.space, SNAPSHOT, caps={"interactions": 100})
    roll_up()

    capped = fit_snapshot(history.space, SNAPSHOT, caps={"interactions": 100})
    bent = fit_snapshot(history.space, SNAPSHOT, caps={})

    assert capped.fit.coefficients[0] == pytest.approx(
        calm.fit.coefficients[0], abs=0.05
    )
    assert abs(bent.fit.coefficients[0]) < 1e-4


# Runs ---------------------------------------------------------------------------


def test_a_run_tells_its_numbers_and_predicts_for_today(history):
    roll_up()
    today = SNAPSHOT + dt.timedelta(days=28)

    run = run_activity_model(history.space, today)
    again = run_activity_model(history.space, today)

    assert again == run == ModelRun.objects.get()
    assert (run.snapshot, run.window) == (SNAPSHOT, 28)
    assert run.verdict in {ModelRun.Verdict.BETTER, ModelRun.Verdict.NOTHING}
    numbers = run.numbers
    assert numbers["population"]["members"] == numbers["fit"]["n"]
    assert [p["name"] for p in numbers["fit"]["parameters"]] == [
        *("intercept", "interactions", "visits", "content")
    ]
    shares = sum(driver["share"] for driver in numbers["drivers"])
    assert shares == pytest.approx(numbers["fit"]["r2"])
    assert sum(d["n"] for d in numbers["evaluation"]["deciles"]) == numbers["fit"]["n"]
    assert {"collection", "training", "evaluation", "application"} <= set(
        numbers["seconds"]
    )
    scores = ActivityScore.objects.filter(run=run)
    assert scores.count() == numbers["application"]["members"]
    assert scores.count() == datasets.population(history.space, today).members
    for score in scores:
        assert 0 <= score.low <= score.high <= 28
        assert 0 <= score.predicted <= 28


def test_the_next_run_caps_at_the_last_ones_99th_percentile(history):
    roll_up()
    today = SNAPSHOT + dt.timedelta(days=28)
    first = run_activity_model(history.space, today)
    second = run_activity_model(history.space, today + dt.timedelta(days=1))

    assert first.numbers["preprocessing"]["caps"] == {}
    assert (
        second.numbers["preprocessing"]["caps"]
        == first.numbers["preprocessing"]["percentile_99"]
    )


def test_earlier_models_are_judged_on_what_then_came(history):
    roll_up()

    run = run_activity_model(history.space, SNAPSHOT + dt.timedelta(days=56))

    origins = run.numbers["origins"]
    assert [origin["origin"] for origin in origins] == [
        str(SNAPSHOT + dt.timedelta(days=28))
    ]
    assert origins[0]["r2"] > 0.3
    assert 0.75 < origins[0]["covered"] <= 1


def test_too_little_data_says_so():
    history = make_history(members=20)
    roll_up()
    run = run_activity_model(history.space, SNAPSHOT + dt.timedelta(days=28))

    assert run.verdict == ModelRun.Verdict.TOO_LITTLE
    assert run.numbers["too_little"] == "few members"
    assert not ActivityScore.objects.exists()


def test_a_silent_space_has_nothing_to_learn_from(history):
    roll_up()
    with pytest.raises(TooLittleData, match="no difference"):
        fit_snapshot(history.space, SNAPSHOT + dt.timedelta(days=2000), caps={})


def test_inputs_that_are_the_same_for_all_leave_the_mean(history):
    roll_up()
    MemberDay.objects.filter(day__lte=SNAPSHOT).delete()

    run = run_activity_model(history.space, SNAPSHOT + dt.timedelta(days=28))

    assert run.verdict == ModelRun.Verdict.BETTER  # than saying "none at all"
    assert run.numbers["fit"]["dropped"] == dict.fromkeys(datasets.INPUTS, "constant")
    assert run.numbers["fit"]["parameters"][2]["value"] == 0


def test_the_night_runs_every_space(history):
    make_space("empty")
    roll_up()

    counts = run_all(SNAPSHOT + dt.timedelta(days=28))

    assert counts["spaces"] == 2
    assert counts["too_little"] == 1
    assert counts["scores"] == ActivityScore.objects.count() > 60


def test_an_unknown_space_is_an_error(db):
    with pytest.raises(CommandError, match="no space named Nowhere"):
        fit_by_command("Nowhere", SNAPSHOT)


def test_a_member_can_see_and_remove_what_is_expected_of_them(history):
    roll_up()
    run_activity_model(history.space, SNAPSHOT + dt.timedelta(days=28))
    member = ActivityScore.objects.earliest("pk").member

    held = export_all(member)["analytics"]
    assert len(held["activity_scores"]) == 1
    assert len(held["days"]) == MemberDay.objects.filter(member=member).count()

    erase_all(member)
    assert not ActivityScore.objects.filter(member=member).exists()
