import datetime as dt

import numpy as np
import pytest
import time_machine
from django.utils import timezone

from accounts.models import Activity, Consent, SpaceMember, User
from accounts.services.activity import ensure_partitions
from analytics import effect_data
from analytics.effect_data import COVARIATES
from analytics.models import EffectRun, MemberDay
from analytics.services.effect import measure
from community.lib.dates import site_day, start_of
from content.models import (
    ChallengeMember,
    CheckIn,
    Event,
    EventRating,
    Registration,
    Speaker,
)
from tests.factories.accounts import make_space
from tests.factories.billing import buy, make_offer
from tests.factories.challenges import make_challenge
from tests.factories.discussions import make_post
from tests.factories.events import DAY, make_event

pytestmark = pytest.mark.django_db


def make_members(number, *, agree=True, days=400, prefix="m"):
    joined = timezone.now() - days * DAY
    members = User.objects.bulk_create(
        User(username=f"{prefix}-{n}", date_joined=joined) for n in range(number)
    )
    if agree:
        Consent.objects.bulk_create(
            Consent(member=it, purpose="profiling", version=0) for it in members
        )
    return members


def active(member, event, *days, **counts):
    """So many days after the day of the event, or before it."""
    MemberDay.objects.bulk_create(
        MemberDay(
            day=site_day(event.starts_at) + dt.timedelta(days=n),
            member_id=member.pk,
            **counts,
        )
        for n in days
    )


def seat(event, member, *, came):
    return Registration.objects.create(
        event=event,
        member=member,
        state="going",
        registered_at=event.starts_at,
        no_show=None if came is None else not came,
    )


def rows_of(event):
    """member -> its row of the one event."""
    (ended,) = [it for it in effect_data.ended(site_day()) if it.pk == event.pk]
    people = effect_data.people([ended], site_day())
    return {
        member: {
            "came": people.came[n],
            "paying": people.paying[n],
            **dict(zip(COVARIATES, people.covariates[n], strict=True)),
            "after": people.after[n],
            "took_part": people.took_part[n],
            "before": people.before[n],
            "renewed": people.renewed[n],
        }
        for n, member in enumerate(people.member.tolist())
    }


def test_each_day_counts_in_its_own_window():
    noon = start_of(site_day() - 40 * DAY) + DAY / 2  # within one day, whenever asked
    event = make_event(starts_at=noon, ends_at=noon + DAY / 24)
    here, _other = make_members(2)
    seat(event, here, came=True)
    active(here, event, -85, 29, interactions=9, content=9)  # outside of all
    active(here, event, -84, -57, -58)
    active(here, event, -56, -29)
    active(here, event, -28, interactions=2, content=5)
    active(here, event, -7, -1)
    active(here, event, 0, interactions=9, content=9)  # the day itself is in none
    active(here, event, 1, 28)
    active(here, event, 2, interactions=1)

    row = rows_of(event)[here.pk]

    assert (row["came"], row["paying"]) == (1, False)
    assert (row["visits"], row["last_week"], row["long_before"]) == (3, 2, 3)
    assert row["interactions"] == pytest.approx(np.log1p(2))
    assert row["content"] == pytest.approx(np.log1p(5))
    assert (row["after"], row["took_part"], row["before"]) == (3, 1, 2)
    assert np.isnan(row["renewed"])


def test_a_day_in_two_spaces_is_one_day():
    event = make_event(days=-40)
    (here,) = make_members(1)
    seat(event, here, came=True)
    for space in (make_space("one"), make_space("two")):
        active(here, event, -3, 3, space_id=space.pk)

    row = rows_of(event)[here.pk]

    assert (row["visits"], row["after"]) == (1, 1)


def test_who_is_on_which_side():
    event = make_event(days=-40)
    came, absent, unknown, none, waited, left, speaks = make_members(7)
    seat(event, came, came=True)
    seat(event, absent, came=False)
    seat(event, unknown, came=None)
    waiting = {"queued_at": timezone.now()}
    for member, state, more in [(waited, "waiting", waiting), (left, "cancelled", {})]:
        Registration.objects.create(event=event, member=member, state=state, **more)
    Speaker.objects.create(event=event, member=speaks)
    Consent.objects.create(member=event.host, purpose="profiling", version=0)
    (silent,) = make_members(1, agree=False, prefix="silent")
    seat(event, silent, came=True)
    make_members(1, days=60, prefix="new")

    rows = rows_of(event)

    assert {pk: row["came"] for pk, row in rows.items()} == {
        came.pk: 1,
        absent.pk: -1,
        none.pk: 0,
    }
    (ended,) = effect_data.ended(site_day())
    assert (ended.came, ended.missed, ended.unknown) == (2, 1, 1)


def test_only_members_of_the_space_could_have_come():
    space = make_space("room")
    event = make_event(days=-40, space=space)
    came, there, gone, later, outside = make_members(5)
    seat(event, came, came=True)
    long_ago = event.starts_at - 100 * DAY
    for member, joined, went in [
        (there, long_ago, None),
        (gone, long_ago, event.starts_at - DAY),
        (later, event.starts_at + DAY, None),
    ]:
        SpaceMember.objects.create(
            space=space, member=member, joined_at=joined, left_at=went
        )

    assert set(rows_of(event)) == {came.pk, there.pk}
    assert outside.pk not in rows_of(event)


def test_earlier_events_count_once_they_are_over():
    here, _other = make_members(2)
    event = make_event("This", days=-40)
    for title, days, came in [
        ("Last", -60, True),
        ("Missed", -70, False),
        ("Long ago", -300, True),
        ("After", -10, True),
    ]:
        seat(make_event(title, days=days), here, came=came)
    seat(event, here, came=True)

    assert rows_of(event)[here.pk]["earlier_events"] == pytest.approx(np.log1p(1))


@pytest.fixture
def log_of_months(db):
    ensure_partitions(site_day() - dt.timedelta(days=90), site_day())


def test_renewal_is_judged_two_weeks_after_what_they_had_ran_out(log_of_months):
    offer = make_offer(days=30)
    renews, stops, ahead, never = make_members(4)
    now = timezone.now()
    with time_machine.travel(now - 60 * DAY, tick=False):
        for member in (renews, stops, ahead, ahead):
            buy(member, offer)
    with time_machine.travel(now - 32 * DAY, tick=False):
        buy(renews, offer)
    event = make_event(days=-40)
    seat(event, stops, came=True)

    rows = rows_of(event)

    assert [rows[it.pk]["paying"] for it in (renews, stops, ahead, never)] == [
        *(True, True, True, False)
    ]
    assert (rows[renews.pk]["renewed"], rows[stops.pk]["renewed"]) == (1, 0)
    # Paid before the event, or nothing to renew: the event has no part in it.
    assert np.isnan([rows[ahead.pk]["renewed"], rows[never.pk]["renewed"]]).all()


def test_what_fell_due_within_two_weeks_is_not_judged_yet(log_of_months):
    offer = make_offer(days=30)
    member, _other = make_members(2)
    with time_machine.travel(timezone.now() - 42 * DAY, tick=False):
        buy(member, offer)
    event = make_event(days=-40)
    seat(event, member, came=True)

    assert np.isnan(rows_of(event)[member.pk]["renewed"])


# The run ----------------------------------------------------------------------


def make_history(true, *, members=260, kinds=("webinar",), hidden=False):
    """Busy members come more; with `true`, who came is active on so many days more.
    `hidden` busyness was there long before, and not in the last 28 days."""
    rng = np.random.default_rng(8)
    people = make_members(members)
    rows = []
    for number, kind in enumerate(kinds):
        event = make_event(f"No. {number}", kind=kind, days=-40 - 120 * number)
        day = site_day(event.starts_at)
        habit = rng.uniform(0.1, 0.6, members)
        placebo = rng.random((members, 28)) < habit[:, None]
        usual = np.full(members, 0.3) if hidden else habit
        before = rng.random((members, 28)) < usual[:, None]
        seen = (placebo if hidden else before).sum(axis=1)
        came = rng.random(members) < 1 / (1 + np.exp(0.8 - (seen - 10) / 6))
        after = rng.random((members, 28)) < (habit + came * true / 28)[:, None]
        for n in np.flatnonzero(came):
            seat(event, people[n], came=rng.random() < 0.8)
        for first, table in ((-56, placebo), (-28, before), (1, after)):
            rows += [
                MemberDay(
                    day=day + dt.timedelta(days=int(first + d)), member_id=people[n].pk
                )
                for n, d in zip(*np.nonzero(table), strict=True)
            ]
    MemberDay.objects.bulk_create(rows)


def whole():
    return EffectRun.objects.get().numbers["whole"]


def test_what_was_planted_is_found_and_the_plain_difference_is_too_large():
    make_history(2.0, members=400)

    told = measure(site_day())

    assert told["verdict"] == "alike"
    found = whole()
    assert found["pairs"] >= 60
    assert found["days"]["low"] <= 2.0 <= found["days"]["high"]
    assert found["days"]["low"] > 0
    assert found["plain"]["low"] > 2.0
    assert found["placebo"]["low"] <= 0 <= found["placebo"]["high"]
    assert found["renewal"] is None  # nobody had anything to renew
    assert found["absent"]["others"] > 5
    visits = found["balance"][0]
    assert visits["before"] > 0.5
    assert abs(visits["after"]) <= 0.1


def test_members_who_were_unlike_long_before_allow_no_conclusion(admin_client):
    make_history(0.0, members=400, hidden=True)

    assert measure(site_day())["verdict"] == "unlike"
    assert whole()["placebo"]["low"] > 0

    page = admin_client.get("/admin/analytics/events/").content.decode()
    assert "does not say what the event did" in page


def test_too_few_pairs_give_no_difference(admin_client):
    make_history(2.0, members=60)

    assert measure(site_day())["verdict"] == "too_little"
    found = whole()
    assert 0 < found["pairs"] < 30
    assert "days" not in found
    assert "too little data" in admin_client.get("/admin/analytics/events/").text


def test_an_event_of_the_last_weeks_is_counted_and_not_compared():
    event = make_event(days=-20)
    for n, member in enumerate(make_members(40)):
        if n < 20:
            seat(event, member, came=n < 15)

    assert measure(site_day())["pairs"] == 0
    (row,) = EffectRun.objects.get().numbers["events"]
    assert (row["came"], row["known"], row["pairs"]) == (15, 20, None)
    assert row["rate"][0] < 0.75 < row["rate"][1]


def test_where_nobody_was_noted_nobody_is_said_to_have_stayed_away():
    event = make_event(days=-40)
    for member in make_members(5):
        seat(event, member, came=None)

    measure(site_day())

    (row,) = EffectRun.objects.get().numbers["events"]
    assert (row["rate"], row["unknown"]) == (None, 5)


def test_stars_and_questions_are_those_of_the_event():
    event = make_event(days=-40)
    quiet = make_event("Quiet", days=-41)
    ensure_partitions(event.starts_at.date(), event.ends_at.date())
    *raters, spiteful = make_members(4)
    EventRating.objects.create(
        event=event, member=spiteful, stars=1, hidden_at=timezone.now()
    )
    for stars, member in zip((5, 4, 3), raters, strict=True):
        EventRating.objects.create(event=event, member=member, stars=stars)
        for hours in (0.5, 0.6, 10):  # the last is none of this event
            Activity.objects.create(
                at=event.starts_at + dt.timedelta(hours=hours),
                member=member,
                verb="live_asked",
                data={"event": event.pk},
            )

    measure(site_day())

    numbers = EffectRun.objects.get().numbers
    row, other = numbers["events"]
    assert (row["event"], other["event"]) == (event.pk, quiet.pk)
    assert (row["ratings"], row["stars"]["value"], row["questions"]) == (3, 4, 6)
    assert 1 <= row["stars"]["low"] < 4 < row["stars"]["high"] <= 5
    assert (other["ratings"], other["stars"], other["questions"]) == (0, None, 0)
    (form,) = numbers["forms"]
    assert (form["stars"]["value"], form["questions"]) == (4, 6)


def test_without_events_it_says_so(admin_client):
    assert "the night does it" in admin_client.get("/admin/analytics/events/").text

    assert measure(site_day()) == {"events": 0, "pairs": 0, "verdict": "too_little"}
    assert measure(site_day())["events"] == 0
    assert EffectRun.objects.count() == 1


def test_forms_are_compared_for_each_hour_of_work(admin_client):
    make_history(2.0, members=300, kinds=("webinar", "salon", "case"))
    Event.objects.filter(kind="webinar").update(staff_minutes=600)

    measure(site_day())

    run = EffectRun.objects.get()
    forms = {row["kind"]: row for row in run.numbers["forms"]}
    webinar = forms["webinar"]
    assert set(forms) == {"webinar", "salon", "case"}
    each = webinar["days"]["value"] * webinar["came"] / 10
    assert webinar["days_an_hour"]["value"] == pytest.approx(each)
    assert forms["salon"]["days_an_hour"] is None
    drawn = [row["days"]["value"] for row in forms.values()]
    alone = [row["days"]["alone"] for row in forms.values()]
    assert np.ptp(drawn) < np.ptp(alone)

    Event.objects.filter(kind="salon").update(title="Tea and <b>talk</b>")
    for address in ("events/", f"effectrun/{run.pk}/change/", "effectrun/"):
        page = admin_client.get(f"/admin/analytics/{address}")
        assert page.status_code == 200, address
    page = admin_client.get("/admin/analytics/events/").text
    assert "Tea and &lt;b&gt;talk" in page
    assert "10" in page
    assert "What misleads" in page


def past_challenge():
    """Of five days, forty days ago."""
    camp = make_challenge("Twenty pages")
    camp.first_day -= dt.timedelta(days=45)
    camp.last_day -= dt.timedelta(days=45)
    camp.save()
    return camp


def test_a_challenge_is_one_more_form():
    camp = past_challenge()
    came, stayed_away, left, other = members = make_members(4)
    SpaceMember.objects.bulk_create(
        SpaceMember(space=camp.space, member=it, joined_at=it.date_joined)
        for it in members
    )
    for member in (came, stayed_away, left):
        ChallengeMember.objects.create(
            challenge=camp,
            member=member,
            time_zone="UTC",
            left_at=timezone.now() if member == left else None,
        )
    part = ChallengeMember.objects.get(member=came)
    post = make_post(camp.topic, came)
    CheckIn.objects.create(participant=part, day=camp.first_day, post=post)
    last = camp.last_day - camp.first_day
    MemberDay.objects.bulk_create(
        MemberDay(day=camp.first_day + dt.timedelta(days=n), member_id=came.pk)
        for n in (-3, 1, last.days + 1)
    )

    (ended,) = effect_data.ended(site_day())
    assert (ended.pk, ended.kind) == (-camp.pk, "challenge")
    assert (ended.came, ended.missed) == (1, 1)
    people = effect_data.people([ended], site_day())
    found = dict(zip(people.member.tolist(), people.came.tolist(), strict=True))
    assert found == {came.pk: 1, stayed_away.pk: -1, other.pk: 0}
    ours = people.member == came.pk
    assert (people.covariates[ours][0, 0], people.after[ours][0]) == (1, 1)


def test_the_page_names_a_challenge_among_the_events(client, operator):
    camp = past_challenge()
    measure(site_day())
    client.force_login(operator)
    text = client.get("/admin/analytics/events/").content.decode()
    assert "Twenty pages" in text
    assert camp.get_absolute_url() in text
