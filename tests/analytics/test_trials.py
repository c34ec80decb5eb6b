import datetime as dt

import numpy as np
import pytest
from django.utils import timezone

from accounts.models import Consent, JournalEntry, User, Verb
from accounts.services.activity import ensure_partitions, record_activity
from analytics import incentive_data
from analytics.models import MemberDay, Trial, TrialRun
from analytics.services import trials
from community.lib.dates import site_day
from incentives.models import Exposure, HoldOut
from incentives.services import holdouts
from tests.factories.accounts import make_space
from tests.factories.campaigns import (
    DAY,
    make_campaign,
    make_crowd,
    make_hold_out,
    make_rule,
)

pytestmark = pytest.mark.django_db

Verdict = TrialRun.Verdict
DRAWN_ON = 40  # days ago


@pytest.fixture
def trial(operator):
    """Of which everybody was drawn at once, and the windows are over."""
    trial = make_hold_out(rule=make_rule(), percent=40)
    return holdouts.start(hold_out=trial, by=operator, hypothesis="They come more.")


def since_then(trial):
    """As if it had begun forty days ago and were to be decided ten days ago."""
    then = timezone.now() - DRAWN_ON * DAY
    fields = {
        "percent": trial.percent,
        "outcome": trial.outcome,
        "salt": trial.salt,
        "smallest_effect": trial.smallest_effect,
        "started_at": then,
        "until": site_day(then) + dt.timedelta(days=2),
    }
    made = HoldOut.objects.create(campaign=make_campaign(name="Then"), **fields)
    return made, then


def agree(members):
    Consent.objects.bulk_create(
        Consent(member=it, purpose="profiling", version=0) for it in members
    )


def deal(trial, then, number=400, *, more=0):
    """Members with habits; those who receive it come on `more` days more."""
    members = make_crowd(number, date_joined=then - 100 * DAY)
    agree(members)
    arms = holdouts.enrol(trial, {it.pk: then for it in members})
    rng, rows = np.random.default_rng(3), []
    for member in members:
        habit = rng.beta(1, 3)
        before, after = rng.binomial(20, habit, 2)
        after += more * (arms[member.pk] == Exposure.Arm.TREATED)
        days = [*range(-before, 0), *range(1, after + 1)]
        rows += [row(member, then, n) for n in days]
    MemberDay.objects.bulk_create(rows)
    return members


def row(member, then, days, **counts):
    day = site_day(then) + dt.timedelta(days=int(days))
    return MemberDay(member_id=member.pk, day=day, **counts)


def test_the_sums_are_those_counted_by_hand(trial):
    trial, then = since_then(trial)
    one, two, three, silent = make_crowd(4)
    agree([one, two, three])
    holdouts.enrol(trial, {it.pk: then for it in (one, two, three, silent)})
    days = {
        # On the day itself, too early and too late do not count.
        one: [-29, -28, -1, 0, 1, 28, 29],
        two: [-3, 5, 6, 7],
        three: [],
        silent: [-2, 2],
    }
    MemberDay.objects.bulk_create(
        row(member, then, n) for member, numbers in days.items() for n in numbers
    )

    groups = incentive_data.groups(trial, site_day())

    together = [groups[arm].arm for arm in Exposure.Arm.values]
    totals = [sum(getattr(it, name) for it in together) for name in ["n", "y", "x"]]
    assert totals == [3, 2 + 3, 2 + 1]
    products = [
        sum(getattr(it, name) for it in together) for name in ("yy", "xx", "xy")
    ]
    assert products == [4 + 9, 4 + 1, 4 + 3]
    assert sum(groups[arm].change for arm in Exposure.Arm.values) == 0 + 2


def test_two_spaces_on_one_day_are_one_day(trial, member):
    trial, then = since_then(trial)
    agree([member])
    holdouts.enrol(trial, {member.pk: then})
    spaces = [make_space("a"), make_space("b")]
    MemberDay.objects.bulk_create(row(member, then, 3, space=it) for it in spaces)

    groups = incentive_data.groups(trial, site_day())

    assert sum(groups[arm].arm.y for arm in Exposure.Arm.values) == 1


def test_whose_28_days_are_not_over_is_not_counted(trial, member):
    trial, then = since_then(trial)
    agree([member])
    holdouts.enrol(trial, {member.pk: then})
    last = site_day(then) + dt.timedelta(days=28)

    counted = [
        sum(it.arm.n for it in incentive_data.groups(trial, day).values())
        for day in (last - dt.timedelta(days=1), last)
    ]

    assert counted == [0, 1]


def test_payments_are_counted_as_yes_or_no(trial, member, other_member):
    trial.outcome = HoldOut.Outcome.PAID
    trial, then = since_then(trial)
    ensure_partitions((then - 31 * DAY).date(), timezone.now().date())
    agree([member, other_member])
    holdouts.enrol(trial, {member.pk: then, other_member.pk: then})
    for days in (2, 9):
        record_activity(member=member, verb=Verb.PAID, at=then + days * DAY)
    record_activity(member=other_member, verb=Verb.VISITED, at=then + DAY)

    groups = incentive_data.groups(trial, site_day())

    assert sum(it.arm.y for it in groups.values()) == 1
    assert sum(it.arm.n for it in groups.values()) == 2


def test_what_it_does_is_found_and_written_into_the_journal(trial, operator):
    trial, then = since_then(trial)
    entry = JournalEntry.objects.create(
        object_kind="incentives.campaign",
        object_id=trial.campaign.pk,
        name="Then",
        deed="added",
        hypothesis="They come more.",
        by=operator,
    )
    deal(trial, then, more=4)

    run = trials.measure(trial, site_day())

    assert (run.verdict, run.is_final) == (Verdict.DECIDED, True)
    for kind in ("plain", "cuped", "always"):
        assert run.numbers[kind]["low"] < 4 < run.numbers[kind]["high"]
    widths = {
        kind: run.numbers[kind]["high"] - run.numbers[kind]["low"]
        for kind in ("plain", "cuped", "always")
    }
    assert widths["cuped"] < widths["plain"]
    assert widths["cuped"] < widths["always"]
    entry.refresh_from_db()
    assert entry.finding["effect"] == run.numbers["cuped"]["effect"]
    assert entry.finding["members"] == 400


def test_what_was_decided_is_not_decided_again(trial):
    trial, then = since_then(trial)
    members = deal(trial, then)
    run = trials.measure(trial, site_day())
    MemberDay.objects.bulk_create(row(it, then, 27) for it in members[:100])

    assert trials.measure(trial, site_day()).numbers == run.numbers
    assert trials.measure_all(site_day()) == {"trials": 1, "decided": 0}


def test_before_its_day_it_runs_and_is_looked_at_again(trial):
    trial, then = since_then(trial)
    deal(trial, then)
    early = trial.until + dt.timedelta(days=27)

    runs = [trials.measure(trial, early) for _ in range(2)]

    assert [run.verdict for run in runs] == [Verdict.RUNNING] * 2
    assert TrialRun.objects.count() == 1


def test_too_few_are_not_judged(trial):
    trial, then = since_then(trial)
    deal(trial, then, 60, more=8)

    run = trials.measure(trial, site_day())

    assert run.verdict == Verdict.TOO_FEW
    assert "cuped" not in run.numbers


def test_groups_that_chance_did_not_make_are_not_compared(trial):
    trial, then = since_then(trial)
    deal(trial, then)
    wrong = make_crowd_of_the_treated(trial, then)

    run = trials.measure(trial, site_day())

    assert wrong
    assert run.verdict == Verdict.UNEVEN
    assert not JournalEntry.objects.filter(finding__isnull=False).exists()


def make_crowd_of_the_treated(trial, then):
    """As a fault would make them: only who receives it is written down."""
    members = User.objects.bulk_create(User(username=f"w{n}") for n in range(200))
    return Exposure.objects.bulk_create(
        Exposure(hold_out=trial, member=it, arm=Exposure.Arm.TREATED, at=then)
        for it in members
    )


def test_the_plan_says_what_such_a_crowd_can_show(operator):
    trial = make_hold_out(campaign=make_campaign(), percent=50, smallest_effect=0.5)
    members = make_crowd(300)
    agree(members)
    rng = np.random.default_rng(1)
    then = timezone.now() - 29 * DAY
    rows = []
    for member in members:
        habit = rng.beta(1, 2)
        rows += [row(member, then, n) for n in range(1, 1 + rng.binomial(28, habit))]
        rows += [row(member, then, -n) for n in range(1, 1 + rng.binomial(28, habit))]
    MemberDay.objects.bulk_create(rows)

    plan = trials.plan(trial)

    assert (plan["members"], plan["counted"]) == (301, 300)  # and the operator
    assert plan["correlation"] > 0.7
    assert plan["detectable"] < 2 * 2.8 * plan["spread"] / 300**0.5
    assert plan["needed"] > 300
    found = trials.replay_nothing(trial)
    assert (found.runs, found.is_honest) == (1000, True)


def test_of_too_few_nothing_is_planned(operator):
    trial = make_hold_out(campaign=make_campaign())

    assert trials.plan(trial) == {"members": 1, "counted": 0}
    assert trials.replay_nothing(trial) is None


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def test_the_page_says_before_the_start_what_can_be_known(desk):
    trial = make_hold_out(campaign=make_campaign())

    page = desk.get(f"/admin/analytics/trial/{trial.pk}/change/").content.decode()

    assert "It has not started" in page
    assert "That is too few" in page


def test_the_page_says_what_it_did_and_why_before_and_after_misleads(desk, trial):
    trial, then = since_then(trial)
    deal(trial, then, more=4)
    trials.measure(trial, site_day())

    page = desk.get(f"/admin/analytics/trial/{trial.pk}/change/").content.decode()

    assert "Decided, as was named before" in page
    assert "days more (between" in page
    assert "It misleads" in page
    assert "It gave no points." in page
    listed = desk.get("/admin/analytics/trial/").content.decode()
    assert "Decided" in listed


def test_the_button_tries_it_on_nothing(desk):
    trial = make_hold_out(campaign=make_campaign())

    page = desk.get(f"/admin/analytics/trial/{trial.pk}/replay", follow=True)

    assert "Too few members to try it on." in page.content.decode()
    assert Trial.objects.get().started_at is None
