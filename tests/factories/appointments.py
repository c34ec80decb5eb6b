"""Experts who can be met, and appointments with them."""

import datetime as dt
from typing import Any

from django.utils import timezone

from content.models import Consultation
from content.services import appointments, consultations
from tests.factories.billing import buy
from tests.factories.paid_questions import give_points, make_expert

EVERY_DAY = range(7)
LINK = "https://meet.example/room"


def make_adviser(username="adviser", *, zone="UTC", share=700, hours=(0, 24 * 60)):
    """An expert who is there at these hours (in minutes) of every day."""
    expert = make_expert(username, share=share)
    consultations.save_calendar(
        expert=expert, time_zone=zone, notice_hours=4, days_ahead=14, join_url=LINK
    )
    begins, ends = hours
    consultations.add_hours(expert=expert, weekdays=EVERY_DAY, begins=begins, ends=ends)
    return expert


def make_consultation(expert, **says) -> Consultation:
    told: dict[str, Any] = {
        "title": "Your soil",
        "about": "We look at it *together*.",
        "minutes": 60,
        "price": 20001,
        "points": 101,
    } | says
    return consultations.add_consultation(expert=expert, **told)


def some_time(consultation, *, ahead=dt.timedelta(days=3)):
    """The first hour that is free after that."""
    since = timezone.now() + ahead
    times = consultations.free_slots(
        expert=consultation.expert, minutes=consultation.minutes
    )
    return next(it for it in times if it >= since)


def book(asker, consultation, *, starts_at=None, **says):
    says = {"brief": "Mine is *wet*."} | says
    return appointments.book(
        asker=asker,
        consultation=consultation,
        starts_at=starts_at or some_time(consultation),
        **says,
    )


def pay_money(appointment):
    buy(appointment.asker, appointments.offer_for(appointment=appointment))
    appointment.refresh_from_db()


def pay_points(appointment):
    give_points(appointment.asker, appointment.points, key=f"hour {appointment.pk}")
    appointments.pay_with_points(appointment=appointment)
    appointment.refresh_from_db()


def asked(asker, consultation, *, pay=pay_points, **says):
    appointment = book(asker, consultation, **says)
    pay(appointment)
    return appointment


def confirmed(asker, consultation, *, pay=pay_points, **says):
    appointment = asked(asker, consultation, pay=pay, **says)
    appointments.confirm(appointment=appointment, join_url=LINK)
    appointment.refresh_from_db()
    return appointment
