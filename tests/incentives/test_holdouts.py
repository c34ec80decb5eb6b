import datetime as dt
from itertools import pairwise

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.models import JournalEntry, Verb
from accounts.privacy import export_all
from accounts.services.activity import record_activity
from analytics.numerics.experiments import ratio_p
from incentives.errors import CountsNobody, NotYet
from incentives.models import Award, Exposure, HoldOut, PointRule
from incentives.services import holdouts, replay, rules
from incentives.services.awarding import award_for, award_recent
from incentives.services.points import balance
from tests.factories.campaigns import DAY, make_crowd, make_hold_out, make_rule

pytestmark = pytest.mark.django_db

Arm = Exposure.Arm


@pytest.fixture
def rule():
    return make_rule()


@pytest.fixture
def trial(rule, operator):
    trial = make_hold_out(rule=rule, percent=50)
    return holdouts.start(hold_out=trial, by=operator, hypothesis="It moves nobody.")


@pytest.fixture
def crowd(trial):
    """{group: its members}, of forty."""
    members = make_crowd(40)
    groups = {arm: [] for arm in Arm}
    for member in members:
        groups[holdouts.arm_of(trial, member.pk)].append(member)
    assert all(groups.values())
    return groups


class Topic:
    activity_kind = "topic"

    def __init__(self, pk):
        self.pk = pk


def start_topic(member, pk=1, **options):
    topic = Topic(pk)
    return record_activity(
        member=member, verb=Verb.TOPIC_STARTED, target=topic, **options
    )


def is_held_out(rule, member):
    deed = holdouts.Deed(rule.family, member.pk, timezone.now())
    return holdouts.refused([deed]) == {deed}


def test_the_groups_are_what_was_set_and_no_pattern_of_numbers():
    trial = make_hold_out(rule=make_rule(), percent=20)
    arms = [holdouts.arm_of(trial, number) for number in range(20_000)]
    out = sum(arm == Arm.HELD_OUT for arm in arms)

    assert ratio_p(len(arms) - out, out, 0.2) > 0.001
    both = sum(a == b == Arm.HELD_OUT for a, b in pairwise(arms))
    assert both / len(arms) == pytest.approx(0.04, abs=0.006)


def test_another_trial_holds_out_others():
    trials = [HoldOut(percent=50), HoldOut(percent=50)]
    arms = [[holdouts.arm_of(it, number) for number in range(4000)] for it in trials]

    same = sum(a == b for a, b in zip(*arms, strict=True))

    assert trials[0].salt != trials[1].salt
    assert same / 4000 == pytest.approx(0.5, abs=0.04)


def test_who_is_held_out_is_not_paid_and_the_others_are(trial, crowd):
    for members in crowd.values():
        for member in members:
            award_for(start_topic(member, member.pk))

    for arm, members in crowd.items():
        paid = 3 if arm == Arm.TREATED else 0
        assert {balance(member) for member in members} == {paid}
        drawn = Exposure.objects.filter(member__in=members)
        assert set(drawn.values_list("arm", flat=True)) == {arm}
    assert Exposure.objects.count() == 40


def test_the_group_is_written_down_once(trial, crowd):
    member = crowd[Arm.HELD_OUT][0]

    for _ in range(3):
        assert is_held_out(trial.rule, member)

    assert Exposure.objects.count() == 1


def test_nobody_is_drawn_before_the_start_or_after_the_end(rule, member, operator):
    trial = make_hold_out(rule=rule, percent=50)
    assert not is_held_out(rule, member)
    holdouts.start(hold_out=trial, by=operator, hypothesis="It moves nobody.")
    holdouts.end(hold_out=trial, by=operator, hypothesis="It is decided.")

    assert not is_held_out(rule, member)
    assert not Exposure.objects.exists()


def test_a_deed_of_the_trial_stays_unpaid_when_the_sweep_comes_after_its_end(
    trial, crowd, operator
):
    member = crowd[Arm.HELD_OUT][0]
    start_topic(member)
    holdouts.end(hold_out=trial, by=operator, hypothesis="It is decided.")
    later = start_topic(member, 2)

    award_recent()

    paid = Award.objects.filter(points__gt=0)
    assert [it.activity_id for it in paid] == [later.pk]


def test_the_database_gives_nothing_to_who_is_held_out(trial, crowd):
    member = crowd[Arm.HELD_OUT][0]
    is_held_out(trial.rule, member)

    with pytest.raises(IntegrityError, match="held_out_never_receives"):
        award(trial.rule, member)


def test_nor_to_who_was_never_drawn(trial, crowd):
    with pytest.raises(IntegrityError, match="held_out_never_receives"):
        award(trial.rule, crowd[Arm.TREATED][0])


def test_nor_to_one_among_many(trial, crowd):
    everybody = [*crowd[Arm.TREATED], crowd[Arm.HELD_OUT][0]]
    holdouts.enrol(trial, {member.pk: timezone.now() for member in everybody})

    with (
        pytest.raises(IntegrityError, match="held_out_never_receives"),
        transaction.atomic(),
    ):
        Award.objects.bulk_create(unsaved(trial.rule, it) for it in everybody)
    assert not Award.objects.exists()


def award(rule, member, **fields):
    with transaction.atomic():
        unsaved(rule, member, **fields).save()


def unsaved(rule, member, **fields):
    facts = {
        "activity_id": member.pk,
        "object_kind": "topic",
        "object_id": 1,
        "points": 3,
        "awarded_at": timezone.now(),
        "counts_from": timezone.now(),
    }
    return Award(rule=rule, family=rule.family, member=member, **{**facts, **fields})


def test_a_group_is_never_changed_nor_forgotten(trial, member):
    is_held_out(trial.rule, member)

    for change in (
        lambda rows: rows.update(arm=Arm.TREATED),
        lambda rows: rows.delete(),
    ):
        with (
            pytest.raises(DatabaseError, match="exposure_is_kept"),
            transaction.atomic(),
        ):
            change(Exposure.objects.all())


@pytest.mark.parametrize(
    "change",
    [
        {"percent": 10},
        {"outcome": "paid"},
        {"smallest_effect": 0.1},
        {"until": dt.date(2030, 1, 1)},
        {"salt": "sugar"},
        {"started_at": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_tried_stands_once_it_has_started(trial, change):
    with pytest.raises(DatabaseError, match="hold_out_terms_stand"):
        HoldOut.objects.filter(pk=trial.pk).update(**change)


def test_an_end_is_an_end(trial, operator):
    holdouts.end(hold_out=trial, by=operator, hypothesis="It is decided.")

    with pytest.raises(DatabaseError, match="hold_out_terms_stand"):
        HoldOut.objects.filter(pk=trial.pk).update(ended_at=None)


def test_before_the_start_everything_may_be_changed(rule):
    trial = make_hold_out(rule=rule)

    HoldOut.objects.filter(pk=trial.pk).update(percent=10, outcome="paid")
    trial.delete()

    assert not HoldOut.objects.exists()


def test_a_trial_that_could_count_nobody_does_not_start(rule, operator):
    trial = make_hold_out(rule=rule, until=timezone.localdate())

    with pytest.raises(CountsNobody):
        holdouts.start(hold_out=trial, by=operator, hypothesis="It moves nobody.")


def test_start_and_end_are_in_the_journal(trial, operator):
    for _ in range(2):
        holdouts.end(hold_out=trial, by=operator, hypothesis="It is decided.")

    written = JournalEntry.objects.filter(object_id=trial.pk).order_by("pk")
    assert [it.deed for it in written] == ["started", "stopped"]
    assert written[0].look_on == trial.until + 29 * DAY


def test_a_new_version_of_the_rule_does_not_end_its_trial(trial, crowd, operator):
    new = rules.draft_next(rule=trial.rule, by=operator)
    rules.go_live(rule=new, by=operator)
    treated, out = (crowd[arm][0] for arm in (Arm.TREATED, Arm.HELD_OUT))

    for member in (treated, out):
        award_for(start_topic(member))

    assert (balance(treated), balance(out)) == (3, 0)
    with pytest.raises(IntegrityError, match="held_out_never_receives"):
        award(new, out, activity_id=7)


def test_two_versions_are_not_tried_at_once(trial, operator):
    new = rules.draft_next(rule=trial.rule, by=operator)
    another = make_hold_out(rule=new)

    with pytest.raises(NotYet):
        holdouts.start(hold_out=another, by=operator, hypothesis="It moves nobody.")


def test_the_batch_holds_out_as_the_bell_does(trial, crowd):
    for members in crowd.values():
        for member in members:
            start_topic(member, member.pk)

    paid = award_recent()

    assert paid == len(crowd[Arm.TREATED])
    unpaid = Award.objects.filter(outcome="held_out")
    assert {it.member_id for it in unpaid} == {it.pk for it in crowd[Arm.HELD_OUT]}
    assert award_recent() == 0
    assert replay.differences(days=1) == []


def test_whoever_would_get_nothing_anyhow_is_not_drawn(trial, crowd):
    PointRule.objects.filter(pk=trial.rule.pk).update(cap_all=3)
    member = crowd[Arm.TREATED][0]
    award_for(start_topic(member, 1))
    before = Exposure.objects.get()

    award_for(start_topic(member, 2))

    assert Exposure.objects.get().at == before.at


def test_a_rule_has_one_trial_at_a_time(trial):
    with pytest.raises(IntegrityError, match="hold_out_once_a_rule"):
        make_hold_out(rule=trial.rule)


def test_members_read_of_their_group_in_their_own_data(trial, member):
    is_held_out(trial.rule, member)

    (row,) = export_all(member)["incentives"]["trials"]

    assert row["arm"] in Arm.values
