import datetime as dt
import zoneinfo
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Notification, Space
from accounts.privacy import erase_all, export_all
from accounts.services.activity import ensure_partitions
from content.errors import (
    EventOver,
    NotIncluded,
    RuleMissesItsFirst,
    SeatsTaken,
    TooEarlyInSeries,
)
from content.models import Event, EventSeries, Registration, SeriesGuest
from content.services import events, registrations, series
from tests.factories.accounts import make_member, make_space
from tests.factories.events import DAY, go, go_for_money, make_event
from tests.factories.series import TUESDAY, dates, local, make_series

WEEK = 7 * DAY


@pytest.fixture
def spring():
    with time_machine.travel(dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def database(db, spring):
    """With the day on which the clocks stand still."""
    ensure_partitions(dt.date(2027, 3, 1), dt.date(2027, 8, 31))


def seats_of(member):
    going = Registration.objects.filter(member=member, state="going")
    return list(going.order_by("event__starts_at").values_list("event", flat=True))


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def says_of(event, **otherwise):
    names = ("title", "starts_at", "ends_at", "time_zone", "opens_at", "closes_at")
    return {name: getattr(event, name) for name in names} | otherwise


# The rule ---------------------------------------------------------------------


def rule(frequency, first, **ends):
    return EventSeries(
        frequency=frequency,
        first_on=first,
        begins_at=dt.time(19),
        time_zone="Europe/Berlin",
        minutes=60,
        **ends,
    )


@pytest.mark.parametrize(
    ("frequency", "first", "second", "words"),
    [
        ("weekly", "2027-03-02", "2027-03-09", "every Tuesday"),
        ("biweekly", "2027-03-02", "2027-03-16", "every second Tuesday"),
        ("monthly_day", "2027-03-02", "2027-04-02", "every month on day 2"),
        (
            "monthly_day",
            "2027-01-31",
            "2027-02-28",
            "every month on day 31, or on its last day",
        ),
        (
            "monthly_weekday",
            "2027-03-09",
            "2027-04-13",
            "on the second Tuesday of every month",
        ),
        (
            "monthly_weekday",
            "2027-03-30",
            "2027-04-27",
            "on the last Tuesday of every month",
        ),
        (
            "monthly_last",
            "2027-02-23",
            "2027-03-30",
            "on the last Tuesday of every month",
        ),
    ],
)
def test_a_rule_names_its_days_and_says_so(frequency, first, second, words):
    made = rule(frequency, dt.date.fromisoformat(first), count=3)
    assert [f"{it:%Y-%m-%d}" for it in made.dates][:2] == [first, second]
    assert len(list(made.dates)) == 3
    assert made.words == f"{words}, 3 times"


def test_a_rule_says_in_chinese_how_often_and_how_long():
    with translation.override("zh-hans"):
        assert rule("weekly", TUESDAY, count=4).words == "每个星期二，共 4 次"
        until = rule("monthly_weekday", TUESDAY, until=dt.date(2027, 6, 1))
        assert until.words == "每月第一个星期二，直到 2027年6月1日"


def test_the_last_day_of_a_rule_is_one_of_its_days():
    made = rule("weekly", TUESDAY, until=TUESDAY + 2 * WEEK)
    assert made.between(TUESDAY, TUESDAY + 9 * WEEK)[-1] == TUESDAY + 2 * WEEK


ZONES = sorted(
    {"Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"}
    | {"Africa/Casablanca", "America/St_Johns", "Asia/Tehran", "Pacific/Apia"}
)


@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(dt.date(2020, 1, 1), dt.date(2035, 1, 1)),
    clock=st.times().map(lambda it: it.replace(second=0, microsecond=0, fold=0)),
    frequency=st.sampled_from(EventSeries.Frequency.values),
)
def test_every_occurrence_keeps_the_local_time_unless_there_is_no_such_time(
    zone, first, clock, frequency
):
    made = rule(frequency, first, count=30)
    made.time_zone, made.begins_at = zone, clock
    there = zoneinfo.ZoneInfo(zone)
    for date in (it.date() for it in made.dates):
        starts = made.starts_at(date)
        shown = starts.astimezone(there)
        wanted = dt.datetime.combine(date, clock)
        if shown.replace(tzinfo=None) != wanted:
            # The clock left this hour out: it is told by the clock before.
            before = dt.datetime.combine(date, clock, there).utcoffset()
            assert starts.replace(tzinfo=None) == wanted - before
            assert shown.utcoffset() != before
        else:
            assert shown.fold == 0 or shown.replace(fold=0).utcoffset() == (
                shown.utcoffset()
            )


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        # Forward on 28 March 2027, and on 14 March.
        ("Europe/Berlin", "2027-03-23", [18, 17]),
        ("America/New_York", "2027-03-09", [24, 23]),
        ("Asia/Shanghai", "2027-03-23", [11, 11]),
        # Back on 31 October, and on 7 November.
        ("Europe/Berlin", "2027-10-26", [17, 18]),
        ("America/New_York", "2027-11-02", [23, 24]),
    ],
)
def test_a_series_keeps_its_hour_when_the_clocks_change(zone, first, hours):
    first = dt.date.fromisoformat(first)
    made = rule("weekly", first, count=2)
    made.time_zone = zone
    midnight = dt.datetime.combine(first, dt.time(), dt.UTC)
    found = [made.starts_at(date) for date in (first, first + WEEK)]
    assert found == [
        midnight + dt.timedelta(hours=hours[0]),
        midnight + WEEK + dt.timedelta(hours=hours[1]),
    ]


def test_an_hour_left_out_is_told_by_the_clock_before_and_of_two_the_first_is_meant():
    made = rule("weekly", dt.date(2027, 3, 21))
    made.begins_at = dt.time(2, 30)
    gap = made.starts_at(dt.date(2027, 3, 28)).astimezone(
        zoneinfo.ZoneInfo("Europe/Berlin")
    )
    assert (gap.hour, gap.minute) == (3, 30)
    twice = made.starts_at(dt.date(2027, 10, 31))
    assert twice == dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)


# Beginning and making ahead ---------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_series_is_made_ahead_once_and_goes_on_as_time_passes():
    made = make_series(seats=4)
    first = dates(made)
    assert (len(first), first[0]) == (12, local(TUESDAY))
    assert {it.strftime("%a %H:%M") for it in first} == {"Tue 19:00"}
    assert {it.utcoffset() for it in first} == {1 * DAY / 24, 2 * DAY / 24}
    assert set(made.events.values_list("state", "seats")) == {
        ("published", 4),
        ("draft", 4),
    }

    assert series.make_due() == 0
    with time_machine.travel(dt.datetime(2027, 3, 15, 12, tzinfo=dt.UTC)):
        assert series.make_due() == 2


@pytest.mark.usefixtures("database")
def test_what_was_missed_while_nothing_ran_is_not_made_up_for():
    made = make_series()
    with time_machine.travel(dt.datetime(2027, 8, 1, 12, tzinfo=dt.UTC)):
        series.make_due()
    with time_machine.travel(dt.datetime(2027, 8, 2, 12, tzinfo=dt.UTC)):
        assert dates(made)[0] == local(dt.date(2027, 8, 3))
    assert not made.events.filter(series_date=dt.date(2027, 6, 15)).exists()


@pytest.mark.usefixtures("database")
def test_a_series_ends_after_so_many_times():
    assert len(dates(make_series(count=3))) == 3


@pytest.mark.usefixtures("database")
def test_each_has_its_own_programme_and_opens_so_long_before():
    event = make_event(
        starts_at=local(TUESDAY),
        ends_at=local(TUESDAY, "20:00"),
        opens_at=local(TUESDAY) - 2 * DAY,
        time_zone="Europe/Berlin",
        publish=False,
    )
    speaker = event.speakers.create(name="A. Guest")
    event.agenda.create(begins_after=0, minutes=5, title="Hello", speaker=speaker)
    made = series.start_series(event=event, frequency="weekly", count=2)

    second = series.coming_of(made).last()
    assert second.starts_at - second.opens_at == 2 * DAY
    assert second.agenda.get().speaker == second.speakers.get() != speaker


@pytest.mark.usefixtures("database")
def test_to_begin_a_series_again_gives_the_one_that_there_is():
    made = make_series()
    event = series.coming_of(made).first()
    assert series.start_series(event=event, frequency="biweekly") == made


@pytest.mark.usefixtures("database")
def test_a_series_does_not_begin_with_what_is_over_nor_on_a_day_that_it_has_not():
    with pytest.raises(EventOver):
        series.start_series(event=make_event(days=-1), frequency="weekly")
    with pytest.raises(RuleMissesItsFirst):
        make_series(frequency="monthly_last")


@pytest.mark.usefixtures("database")
def test_the_pattern_is_neither_published_nor_removed_nor_seen():
    made = make_series()
    pattern = series.pattern_of(made)
    with pytest.raises(EventOver):
        events.publish_event(event=pattern, by=made.host)
    with pytest.raises(EventOver):
        events.remove_draft(event=pattern)
    assert pattern not in events.hosted_by(made.host, everything=True)


@pytest.mark.usefixtures("database")
def test_the_database_keeps_one_event_a_date():
    made = make_series()
    event = series.coming_of(made).first()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(series_date=TUESDAY + WEEK)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_each_occurrence_once(spring):
    made = make_series()
    made.events.filter(series_date__gt=TUESDAY).delete()

    def work():
        try:
            return series.make_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        new = [it.result() for it in [pool.submit(work) for _ in range(2)]]
    assert sorted(new) == [0, 11]
    assert made.events.filter(series_date__isnull=False).count() == 12


# Changing ---------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_one_that_is_left_out_is_not_made_again(member):
    made = make_series()
    second = series.coming_of(made)[1]
    go(second, member)
    events.cancel_event(event=second, by=made.host)

    assert series.make_due() == 0
    assert told(member) == ["event_cancelled"]
    with time_machine.travel(dt.datetime(2027, 3, 3, 12, tzinfo=dt.UTC)):
        series.make_due()
    assert made.events.filter(series_date=TUESDAY + WEEK).count() == 1


@pytest.mark.usefixtures("database")
def test_one_is_moved_alone_and_stays_when_the_others_are_moved(member):
    made = make_series()
    first, second = series.coming_of(made)[:2]
    go(second, member)
    wednesday = local(TUESDAY + WEEK + DAY)
    series.change_one(
        event=second,
        by=made.host,
        **says_of(second, starts_at=wednesday, ends_at=wednesday + DAY / 24),
    )
    assert told(member) == ["event_changed"]
    assert dates(made)[:3] == [local(TUESDAY), wednesday, local(TUESDAY + 2 * WEEK)]

    later = local(TUESDAY, "20:00")
    series.change_following(
        event=first,
        by=made.host,
        **says_of(first, starts_at=later, ends_at=later + DAY / 24),
    )
    assert dates(made)[:3] == [
        later,
        wednesday,
        local(TUESDAY + 2 * WEEK, "20:00"),
    ]
    assert told(member) == ["event_changed"]
    assert series.make_due() == 0


@pytest.mark.usefixtures("database")
def test_what_follows_gets_only_what_is_otherwise_and_guests_hear_of_it_once(member):
    made = make_series()
    second, third = series.coming_of(made)[1:3]
    series.come_to_all(series=made, member=member)
    series.change_one(event=third, by=made.host, **says_of(third, title="A special"))

    series.change_following(
        event=second, by=made.host, **says_of(second, title="Open hours")
    )
    titles = [it.title for it in series.coming_of(made)]
    assert titles[:4] == ["Office hours", "Open hours", "A special", "Open hours"]
    assert (series.pattern_of(made).title, told(member)) == ("Open hours", [])

    at = local(TUESDAY + WEEK, "18:30")
    second.refresh_from_db()
    series.change_following(
        event=second,
        by=made.host,
        **says_of(second, starts_at=at, ends_at=at + DAY / 12),
    )
    assert told(member) == ["event_changed"]
    last = series.coming_of(made).last()
    assert last.starts_there.strftime("%H:%M") == "18:30"
    assert last.ends_at - last.starts_at == DAY / 12
    assert dates(made)[0] == local(TUESDAY)
    with time_machine.travel(dt.datetime(2027, 3, 20, 12, tzinfo=dt.UTC)):
        series.make_due()
        assert dates(made)[-1].strftime("%a %H:%M") == "Tue 18:30"


@pytest.mark.usefixtures("database")
def test_what_follows_moves_to_another_weekday_as_often_as_before(member):
    made = make_series(count=5)
    second, third = series.coming_of(made)[1:3]
    events.cancel_event(event=third, by=made.host)
    at = local(TUESDAY + WEEK + 2 * DAY)

    series.change_following(
        event=second, by=made.host, **says_of(second, starts_at=at, ends_at=at + DAY)
    )

    assert dates(made) == [local(TUESDAY)] + [
        local(TUESDAY + days * DAY) if days != 14 else local(TUESDAY + 2 * WEEK)
        for days in (9, 14, 23, 30)
    ]
    made.refresh_from_db()
    assert made.words == "every Thursday, 4 times"
    assert series.make_due() == 0
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.usefixtures("database")
def test_what_follows_moves_across_the_change_of_the_clocks_and_keeps_its_time():
    made = make_series(dt.date(2027, 3, 26), until=dt.date(2027, 4, 9))
    first = series.coming_of(made).first()
    at = local(dt.date(2027, 3, 29))  # the clocks went forward on the 28th
    series.change_following(
        event=first, by=made.host, **says_of(first, starts_at=at, ends_at=at + DAY / 24)
    )
    assert dates(made) == [at, at + WEEK, at + 2 * WEEK]
    made.refresh_from_db()
    assert made.until == dt.date(2027, 4, 12)


@pytest.mark.usefixtures("database")
def test_what_follows_takes_another_zone():
    made = make_series()
    first = series.coming_of(made).first()
    at = local(TUESDAY, zone="Asia/Shanghai")
    series.change_following(
        event=first,
        by=made.host,
        **says_of(
            first, starts_at=at, ends_at=at + DAY / 24, time_zone="Asia/Shanghai"
        ),
    )
    assert {it.strftime("%H:%M %z") for it in dates(made)} == {"19:00 +0800"}


@pytest.mark.usefixtures("database")
def test_nothing_moves_before_what_precedes_it_nor_below_its_taken_seats(member):
    made = make_series(seats=2)
    second, third = series.coming_of(made)[1:3]
    before = local(TUESDAY - DAY)
    with pytest.raises(TooEarlyInSeries):
        series.change_following(
            event=second,
            by=made.host,
            **says_of(second, starts_at=before, ends_at=before + DAY),
        )
    go(third, member)
    go(third, make_member("other"))
    with pytest.raises(SeatsTaken):
        series.change_following(event=second, by=made.host, seats=1)
    assert dates(made)[1] == local(TUESDAY + WEEK)


# Ending -----------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_series_that_ends_cancels_what_would_come_later_and_tells_once(
    member, django_capture_on_commit_callbacks
):
    made = make_series()
    series.come_to_all(series=made, member=member)
    with django_capture_on_commit_callbacks(execute=True):
        series.end_series(
            series=made, by=made.host, last_on=TUESDAY + WEEK, reason="Enough"
        )

    assert len(seats_of(member)) == 2
    assert told(member) == ["event_cancelled"]
    cancelled = made.events.filter(state="cancelled")
    assert set(cancelled.values_list("cancel_reason", flat=True)) == {"Enough"}
    assert cancelled.count() == 10
    assert series.make_due() == 0


@pytest.mark.usefixtures("database")
def test_what_was_paid_for_one_of_an_ended_series_goes_back(
    member, django_capture_on_commit_callbacks
):
    made = make_series(price=2000)
    event = series.coming_of(made).first()
    registration, order = go_for_money(event, member)
    with django_capture_on_commit_callbacks(execute=True):
        series.end_series(series=made, by=made.host)
    registration.refresh_from_db()
    assert registration.is_cancelled
    assert registration.settled_at
    assert order.payments.get().refunds.get().amount == 2000


@pytest.mark.usefixtures("database")
def test_a_series_goes_on_until_a_later_day():
    made = make_series(count=2)
    series.end_series(series=made, by=made.host, last_on=TUESDAY + 3 * WEEK)
    assert len(dates(made)) == 4


# Coming to all ----------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_who_comes_to_all_is_registered_for_each_and_for_those_made_later(member):
    made = make_series(questions=["Why?"])
    series.come_to_all(series=made, member=member, answers=["So"])
    series.come_to_all(series=made, member=member, answers=["Other"])
    assert len(seats_of(member)) == 12

    left = series.coming_of(made)[5]
    registrations.cancel_registration(registration=left.registrations.get())
    with time_machine.travel(dt.datetime(2027, 3, 15, 12, tzinfo=dt.UTC)):
        series.make_due()
        assert series.register_guests() == 0
    assert len(seats_of(member)) == 13
    assert left.pk not in seats_of(member)
    newest = made.events.order_by("-series_date").exclude(series_date=None).first()
    assert newest.registrations.get().answers == [["Why?", "So"]]


@pytest.mark.usefixtures("database")
def test_a_full_one_puts_who_comes_to_all_on_its_waiting_list(member):
    made = make_series(seats=1)
    full = series.coming_of(made)[1]
    go(full, make_member("first"))
    series.come_to_all(series=made, member=member)
    assert full.registrations.get(member=member).is_waiting
    assert len(seats_of(member)) == 11


@pytest.mark.usefixtures("database")
def test_who_leaves_gives_every_coming_seat_back(member):
    made = make_series(seats=1)
    series.come_to_all(series=made, member=member)
    series.leave_all(series=made, member=member)
    series.leave_all(series=made, member=member)
    assert seats_of(member) == []
    assert set(made.events.values_list("taken", flat=True)) == {0}
    assert series.register_guests() == 0


@pytest.mark.usefixtures("database")
def test_nobody_comes_to_all_of_what_they_have_to_pay(member):
    made = make_series(price=1000)
    with pytest.raises(NotIncluded):
        series.come_to_all(series=made, member=member)


@pytest.mark.usefixtures("database")
def test_who_may_not_read_there_any_more_gets_no_new_seat(member):
    space = make_space(slug="open")
    made = make_series(space=space)
    series.come_to_all(series=made, member=member)
    Space.objects.filter(pk=space.pk).update(access=Space.Access.JOINED)
    with time_machine.travel(dt.datetime(2027, 3, 15, 12, tzinfo=dt.UTC)):
        assert series.make_due() == 2
    assert len(seats_of(member)) == 12


@pytest.mark.usefixtures("database")
def test_news_name_a_series_only_where_it_may_be_seen(member):
    space = make_space(slug="few", access=Space.Access.JOINED)
    hidden, shown = make_series(space=space), make_series(title="Shown")
    found = series.shown_to(member, [hidden.pk, shown.pk])
    assert found == {shown.pk: ("Shown", f"/events/series/{shown.pk}/")}


@pytest.mark.usefixtures("database")
def test_who_goes_takes_their_series_and_their_places_along(
    member, django_capture_on_commit_callbacks
):
    made = make_series()
    series.come_to_all(series=made, member=member)
    exported = export_all(member)["content"]
    assert exported["series of events attended"][0]["answers"] == []

    with django_capture_on_commit_callbacks(execute=True):
        erase_all(member)
    assert not SeriesGuest.objects.exists()
    assert seats_of(member) == []

    with django_capture_on_commit_callbacks(execute=True):
        erase_all(made.host)
    assert not made.events.filter(state="published").exists()
    assert series.pattern_of(made).title == "…"
    assert series.make_due() == 0
    assert not Notification.objects.filter(kind="event_changed").exists()
