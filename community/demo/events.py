"""What has taken place in the demo community, what is full, and what is coming."""

import datetime as dt
from typing import Any

from accounts.models import User
from community.lib.dates import site_day, site_zone, start_of
from content.models import Event, Item
from content.services import events, registrations


def convene(words: list[dict[str, Any]]) -> None:
    for told in words:
        course = Item.objects.get(slug=told["course"])
        event = _planned(told, course)
        events.publish_event(event=event)
        learners = User.objects.filter(enrolments__item=course).order_by("pk")
        for member in learners[: told["guests"]]:
            registrations.register(event=event, member=member)
        if told["in_days"] < 0:
            back = dt.timedelta(days=7 - told["in_days"])
            starts_at, ends_at = event.starts_at - back, event.ends_at - back
            Event.objects.filter(pk=event.pk).update(
                starts_at=starts_at, ends_at=ends_at
            )


def _planned(told: dict[str, Any], course: Item) -> Event:
    # What is over was registered for before: it is moved back afterwards.
    in_days = told["in_days"] if told["in_days"] > 0 else 7
    day = start_of(site_day() + dt.timedelta(days=in_days))
    starts_at = day + dt.timedelta(hours=told["hour"])
    says = {name: told[name] for name in ("kind", "title", "summary", "body")}
    return events.make_event(
        by=course.author,
        **says,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=1),
        time_zone=site_zone().key,
        join_url="https://meet.example.org/room",
        seats=told.get("seats"),
    )
