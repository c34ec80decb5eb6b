"""An appointment for a calendar, as each of the two reads it."""

import datetime as dt
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from content.models import Appointment

STANDS = (Appointment.State.CONFIRMED, Appointment.State.DONE)
TO_COME = (Appointment.State.WAITING, Appointment.State.ASKED)


def file_of(appointment: Appointment, *, reader: User) -> bytes:
    made = icalendar.Calendar()
    made.add("prodid", "-//Zhiqun//appointments//EN")
    made.add("version", "2.0")
    made.add_component(entry_of(appointment, reader=reader))
    return made.to_ical()


def entry_of(appointment: Appointment, *, reader: User) -> icalendar.Event:
    """The link to meet stays on the page, which keeps who came."""
    is_asker = reader.pk == appointment.asker_id
    other = appointment.expert if is_asker else appointment.asker
    page = settings.SITE_URL + appointment.get_absolute_url()
    entry = icalendar.Event()
    # The same one after every change: `sequence` says which is the newest.
    host = urlsplit(settings.SITE_URL).hostname
    entry.add("uid", f"appointment-{appointment.pk}@{host}")
    entry.add("sequence", appointment.revision)
    entry.add("dtstamp", appointment.changed_at.astimezone(dt.UTC))
    entry.add("dtstart", appointment.starts_at.astimezone(dt.UTC))
    entry.add("dtend", appointment.ends_at.astimezone(dt.UTC))
    titled = {"title": appointment.title, "other": other}
    entry.add("summary", _("%(title)s, with %(other)s") % titled)
    entry.add("description", page)
    entry.add("url", page)
    if appointment.place:
        entry.add("location", appointment.place)
    entry.add("status", _status(appointment))
    return entry


def _status(appointment: Appointment) -> str:
    if appointment.state in STANDS:
        return "CONFIRMED"
    return "TENTATIVE" if appointment.state in TO_COME else "CANCELLED"
