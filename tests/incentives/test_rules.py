import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.models import AuditRecord, Verb
from accounts.services import ledger
from incentives.errors import RuleInForce
from incentives.models import Award, PointRule
from incentives.numerics.shares import gini
from incentives.rules import DEFAULTS
from incentives.services import replay, rules, trials
from incentives.services.awarding import award_all, award_for, award_recent
from incentives.services.points import balance
from tests.incentives.deeds import DAY, HOUR, do, noon, on_days, rule, worth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log")]


def draft(**terms):
    return rule(**{"since": None, **terms})


def test_a_draft_pays_nothing_until_it_is_in_force(member, operator):
    kept = draft()
    assert worth(do(member, at=timezone.now())) == [0]

    rules.go_live(rule=kept, by=operator)
    assert worth(do(member, at=timezone.now())) == [10]
    assert AuditRecord.objects.filter(act="put a point rule in force").exists()


def test_a_new_version_ends_the_old_one_in_the_same_moment(member, operator):
    old = rule()
    new = rules.draft_next(rule=old, by=operator)
    assert rules.draft_next(rule=old, by=operator) == new
    new.points = 30
    rules.save_draft(rule=new, by=operator)
    before = do(member, at=timezone.now() - HOUR)

    for _ in range(2):
        rules.go_live(rule=new, by=operator)

    old.refresh_from_db()
    new.refresh_from_db()
    assert old.until == new.since
    assert (old.family, new.version) == (new.family, 2)
    assert worth(before, do(member, at=timezone.now())) == [10, 30]


def test_caps_count_over_versions(member, operator):
    new = rules.draft_next(rule=rule(cap_all=15), by=operator)
    assert worth(do(member, at=timezone.now())) == [10]
    rules.go_live(rule=new, by=operator)

    assert worth(do(member, at=timezone.now())) == [5]


def test_what_pays_is_not_rewritten(operator):
    paying = rule()
    for act in (rules.save_draft, rules.drop_draft):
        with pytest.raises(RuleInForce):
            act(rule=paying, by=operator)
    with pytest.raises(RuleInForce):
        rules.end(rule=draft(), by=operator)


def test_an_ended_rule_pays_what_was_done_before(member, operator):
    paying = rule()
    early = do(member, at=timezone.now() - HOUR)
    for _ in range(2):
        rules.end(rule=paying, by=operator)

    assert worth(early, do(member, at=timezone.now() + HOUR)) == [10, 0]


@pytest.mark.parametrize(
    "terms",
    [
        {"points": 0},
        {"until": noon(-61)},
        {"since": None, "until": noon()},
        {"turn": "streak", "turn_number": 61},
        {"turn_number": 0},
        {"further_percent": 101},
        {"detail_from": 3},
    ],
)
def test_the_database_refuses_what_cannot_be(terms):
    with pytest.raises(IntegrityError), transaction.atomic():
        rule(**terms)


def test_new_communities_pay_for_outcomes_only():
    mere_presence = {Verb.VISITED, Verb.VIEWED, Verb.REPLIED, Verb.TOPIC_STARTED}
    verbs = {it["verb"] for it in DEFAULTS}

    assert not verbs & mere_presence
    assert {Verb.EVENT_ATTENDED, Verb.CHALLENGE_DONE, Verb.QUALITY_REACHED} <= verbs


# Trials -----------------------------------------------------------------------------


def rows_of(decisions):
    return sorted((it.deed.pk, it.points) for it in trials.net(decisions))


def given(paying):
    awards = Award.objects.filter(family=paying.family, undone_at=None, points__gt=0)
    return sorted(awards.values_list("activity_id", "points"))


def test_a_trial_of_a_rule_in_force_is_what_it_gave_row_by_row(
    member, other_member, operator
):
    paying = rule(cap_day=25, further_percent=80, undone_by=Verb.LEFT_SPACE)
    for who in (member, other_member):
        told = [do(who, pk=n, at=noon(n // 4) + n * HOUR) for n in range(9)]
        told.append(do(who, Verb.LEFT_SPACE, pk=1, at=noon(3)))
        for deed in told:
            award_for(deed)
    do(member, Verb.LIKED)

    found = trials.decisions_of(paying, days=80, now=timezone.now())

    assert rows_of(found) == given(paying) != []
    assert Award.objects.count() == 18


def test_a_trial_of_a_draft_is_what_it_would_have_given(member, other_member):
    tried = draft(cap_week=25)
    on_days(member, 0, 1, 2, 7)
    on_days(other_member, 3)

    trial = trials.try_out(tried, days=80)
    expected = rows_of(trials.decisions_of(tried, days=80, now=timezone.now()))

    assert (trial.points, trial.times, trial.members) == (45, 5, 2)
    assert [(it.member, it.points) for it in trial.top] == [
        (member, 35),
        (other_member, 10),
    ]
    assert Award.objects.count() == 0
    PointRule.objects.filter(pk=tried.pk).update(since=noon(-60))
    award_recent()
    assert expected == given(tried)


def test_a_trial_says_in_words_why_deeds_are_not_paid(member):
    tried = draft(cap_day=10)
    on_days(member, 0, 0, 0)

    with translation.override("zh-hans"):
        assert trials.try_out(tried, days=80).unpaid == [("超过上限", 2)]


def test_the_share_of_newcomers(member, other_member):
    tried = draft()
    type(member).objects.update(date_joined=noon(-31))
    on_days(member, 0, 0, 0)
    type(member).objects.filter(pk=other_member.pk).update(date_joined=noon(-1))
    on_days(other_member, 0)

    assert trials.try_out(tried, days=80).newcomers == 0.25


def test_gini_is_none_of_equals_and_nearly_one_of_a_single_receiver():
    assert gini([5, 5, 5]) == 0
    assert gini([0] * 99 + [7]) == 0.99
    assert gini([1, 2, 3, 4]) == 0.25
    assert gini([]) == 0


# Replay -----------------------------------------------------------------------------


def test_a_replay_finds_nothing_after_bells_in_order(member):
    rule(cap_day=15, once_a_thing=True, undone_by=Verb.LEFT_SPACE)
    for pk, verb in enumerate([Verb.CHECKED_IN, Verb.CHECKED_IN, Verb.LEFT_SPACE]):
        award_for(do(member, verb, pk % 2, at=noon() + pk * HOUR))

    assert replay.differences(days=80) == []


def test_what_arrived_late_is_put_right_once(member, operator):
    rule(cap_day=15)
    first, second, third = (do(member, at=noon() + n * HOUR) for n in range(3))
    assert worth(third, first) == [10, 5]  # the second is lost, the order wrong

    found = replay.differences(days=80)
    assert [(it.was, it.is_now) for it in found] == [(5, 10), (0, 5), (10, 0)]
    assert replay.replay(days=80, by=operator) == 3

    assert balance(member) == 15
    assert replay.differences(days=80) == []
    assert replay.replay(days=80, by=operator) == 0
    award_all(type(second).objects.all())
    assert balance(member) == 15
    assert ledger.check() == {}


def test_the_command_shows_first_and_applies_when_told(member, capsys):
    rule()
    on_days(member, 0, 1)

    call_command("replay_awards", days=80)
    assert "2 differ" in capsys.readouterr().out
    assert balance(member) == 0
    call_command("replay_awards", days=80, apply=True)
    assert balance(member) == 20


# The desk ---------------------------------------------------------------------------

WHY = {"hypothesis": "More of it."}
DESK = "/admin/incentives/pointrule/"
TYPED = {
    "verb": Verb.CHECKED_IN,
    "title": "Deed",
    "points": "7",
    "turn": "every",
    "turn_number": "1",
    "once_a_thing": "on",
    "further_percent": "100",
    "further_in": "day",
    "rest_minutes": "0",
    "wait_days": "0",
}


def test_from_a_draft_to_a_rule_in_force_at_the_desk(client, operator, member):
    client.force_login(operator)
    client.post(f"{DESK}add/", TYPED)
    kept = PointRule.objects.get(verb=Verb.CHECKED_IN)
    assert kept.is_draft
    do(member, at=timezone.now() - DAY)

    trial = client.get(f"{DESK}{kept.pk}/try/").content.decode()
    assert "Cost in points" in trial
    assert f"{DESK}{kept.pk}/go-live/" in trial
    asked = client.get(f"{DESK}{kept.pk}/go-live/").content.decode()
    assert asked.index("jsi18n") < asked.index("calendar.js")
    assert "It pays for what is done from now on." in asked
    client.post(f"{DESK}{kept.pk}/go-live/", {"form_key": "1", **WHY})

    kept.refresh_from_db()
    assert not kept.is_draft
    client.post(f"{DESK}{kept.pk}/change/", {**TYPED, "points": "700"})
    kept.refresh_from_db()
    assert kept.points == 7

    client.post(f"{DESK}{kept.pk}/next/", {"form_key": "0"})
    draft_of_it = PointRule.objects.drafts().get()
    client.post(f"{DESK}{draft_of_it.pk}/change/", {**TYPED, "points": "9"})
    client.post(f"{DESK}{draft_of_it.pk}/go-live/", {"form_key": "2", **WHY})
    client.post(f"{DESK}{draft_of_it.pk}/end/", {"form_key": "3", **WHY})
    versions = PointRule.objects.filter(family=kept.family).order_by("version")
    assert list(versions.values_list("points", flat=True)) == [7, 9]
    assert all(it.until for it in versions)


def test_a_replay_at_the_desk(client, operator, member):
    rule()
    on_days(member, 0)
    client.force_login(operator)

    shown = client.get(f"{DESK}replay/", {"days": "80"}).content.decode()
    assert "1 difference" in shown
    assert balance(member) == 0
    client.post(f"{DESK}replay/", {"days": "80"})
    assert balance(member) == 10
    again = client.get(f"{DESK}replay/", {"days": "80"}).content.decode()
    assert "Nothing differs." in again
