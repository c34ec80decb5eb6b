import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Space
from community.lib.dates import site_day
from content.models import Event, ThemeWeek
from tests.factories.accounts import make_member, make_space
from tests.factories.challenges import make_challenge
from tests.factories.events import go, make_event

pytestmark = pytest.mark.django_db

LAST_OF_MONTH = dt.datetime(2027, 4, 30, 20, tzinfo=dt.UTC)


def titles(answer):
    return [event.title for event in answer.context["coming"]]


def test_at_the_end_of_a_month_one_sees_what_comes_and_not_what_was(client):
    with time_machine.travel(LAST_OF_MONTH, tick=False):
        host = make_member("host")
        make_event("Yesterday's", host=host, days=-1)
        make_event("Next week's", host=host, days=6)
        make_event("Tomorrow's", host=host, days=1)

        assert titles(client.get("/events/")) == ["Tomorrow's", "Next week's"]


def test_what_is_far_away_comes_only_as_long_as_there_is_little_else(client):
    host = make_member("host")
    for number in range(8):
        make_event(f"Soon {number}", host=host, days=2 + number)
    for number in range(4):
        make_event(f"Far {number}", host=host, days=60 + number)

    assert titles(client.get("/events/"))[8:] == ["Far 0", "Far 1"]


def test_another_month_stands_alone(client):
    make_event("Next week's")
    answer = client.get("/events/?month=2027-03")
    assert "coming" not in answer.context
    assert "Next week" not in answer.content.decode()


def test_with_nothing_planned_the_page_says_so(client, member):
    client.force_login(member)
    assert "Nothing is planned" in client.get("/events/").content.decode()
    make_event("For others")
    mine = client.get("/events/?show=mine").content.decode()
    assert "You are registered for nothing that is to come" in mine


def test_challenges_and_themed_weeks_stand_among_events(client, member):
    today = site_day()
    camp = make_challenge("Twenty pages")
    ThemeWeek.objects.create(
        title="Soil week", space=camp.space, host=camp.host, starts_on=today
    )
    hidden = make_space("private", access=Space.Access.JOINED)
    ThemeWeek.objects.create(
        title="Week of the few", space=hidden, host=camp.host, starts_on=today
    )
    client.force_login(member)

    text = client.get("/events/").content.decode()
    assert text.count("Soil week") >= 2  # coming, and in the month
    assert "Twenty pages" in text
    assert "Week of the few" not in text
    # What lasts for days is of no kind of event; and only the joined is one's own.
    for query in ("?kind=salon", "?show=mine"):
        assert "Twenty pages" not in client.get(f"/events/{query}").content.decode()


def test_a_week_over_the_end_of_a_month_ends_in_the_next_ones_calendar(client, member):
    client.force_login(member)
    space = make_space("open")
    ThemeWeek.objects.create(
        title="Soil week",
        space=space,
        host=make_member("host"),
        starts_on=dt.date(2027, 3, 29),
    )
    month = client.get("/events/?month=2027-04").context["month"]
    days = {day.date: day for week in month.weeks for day in week}
    assert [it.title for it in days[dt.date(2027, 4, 4)].ends] == ["Soil week"]
    assert client.get("/events/?month=2027-05").context["month"].spans == []


def test_more_events_cost_no_more_statements(client, member):
    client.force_login(member)

    def statements():
        with CaptureQueriesContext(connection) as caught:
            client.get("/events/")
        return len(caught)

    go(make_event("One", kind=Event.Kind.SALON), member)
    statements()
    few = statements()
    host = make_member("host2")
    for number in range(6):
        make_event(f"More {number}", host=host)
    assert statements() == few
