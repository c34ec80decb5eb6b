"""What has taken place in the demo community, what is full, and what is coming."""

import datetime as dt
from typing import Any, cast

from accounts.models import Activity, User, Verb
from community.lib.dates import site_day, site_zone, start_of
from content.models import Event, Item
from content.services import (
    attendance,
    event_ratings,
    events,
    live,
    outcomes,
    registrations,
    series,
)
from incentives.services.awarding import award_for


def convene(words: list[dict[str, Any]]) -> None:
    for told in words:
        course = Item.objects.get(slug=told["course"])
        event = _planned(told, course)
        events.publish_event(event=event)
        if frequency := told.get("repeats"):
            series.start_series(event=event, frequency=frequency, count=told["times"])
        learners = User.objects.filter(enrolments__item=course).order_by("pk")
        for member in learners[: told["guests"]]:
            registrations.register(event=event, member=member)
        if told["in_days"] < 0:
            back = dt.timedelta(days=7 - told["in_days"])
            starts_at, ends_at = event.starts_at - back, event.ends_at - back
            Event.objects.filter(pk=event.pk).update(
                starts_at=starts_at, ends_at=ends_at
            )
            event.refresh_from_db()
            _talk(event, told)
            _take_place(event, told)


def _talk(event: Event, told: dict[str, Any]) -> None:
    """What was said in its room; all but the first question were answered."""
    room = live.room_of(event)
    guests = [it.member for it in event.registrations.order_by("pk")]
    for number, body in enumerate(told.get("said", [])):
        at = event.starts_at + dt.timedelta(minutes=3 * number)
        room.messages.create(author=guests[number % len(guests)], body=body, at=at)
    for number, body in enumerate(told.get("asked", [])):
        at = event.starts_at + dt.timedelta(minutes=20 + number)
        room.questions.create(
            author=guests[-1 - number % len(guests)],
            body=body,
            at=at,
            answered_at=at + dt.timedelta(minutes=5) if number else None,
        )


def _take_place(event: Event, told: dict[str, Any]) -> None:
    """All but one came, and say what it gave them."""
    came = list(event.registrations.select_related("member"))[:-1]
    event.registrations.filter(pk__in=[it.pk for it in came]).update(
        checked_in_at=event.starts_at
    )
    attendance.settle(event=event, now=event.ends_at + attendance.COUNTED_AFTER)
    for deed in Activity.objects.filter(verb=Verb.EVENT_ATTENDED, object_id=event.pk):
        award_for(deed)
    outcomes.save_notes(event=event, by=event.host, notes=told["notes"])
    events.note_staff_time(event=event, minutes=6 * 60)
    for number, (registration, words) in enumerate(
        zip(came, told["rated"], strict=False)
    ):
        event_ratings.rate(
            event=event, member=registration.member, stars=5 - number, words=words
        )


def _planned(told: dict[str, Any], course: Item) -> Event:
    # What is over was registered for before: it is moved back afterwards.
    in_days = told["in_days"] if told["in_days"] > 0 else 7
    day = start_of(site_day() + dt.timedelta(days=in_days))
    starts_at = day + dt.timedelta(hours=told["hour"])
    says = {name: told[name] for name in ("kind", "title", "summary", "body")}
    return events.make_event(
        by=cast("User", course.author),
        **says,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=1),
        time_zone=site_zone().key,
        join_url="https://meet.example.org/room",
        seats=told.get("seats"),
    )
