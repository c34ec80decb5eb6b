"""Reminding who has a seat: a day before, an hour before, and when it begins.

Nothing is planned ahead: each run asks whose time has come, by when the event begins
now. So a moved event is reminded of by its new time, a cancelled one not at all, and
whoever comes later than the reminder would have gone does not get it.
"""

import datetime as dt
import time

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Mail, Notification, Way
from accounts.models.news import group_of
from accounts.services import mails, news_choices, news_mails
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.apart import apart
from content.models import Event, EventReminder, Registration
from content.services.events import When

Kind = EventReminder.Kind
TEMPLATE = "event_reminder"

# Due so long before it begins, and of use until so long before: what a worker that was
# away has missed is told late, but not when the next one tells it better.
LEADS = {
    Kind.DAY: (dt.timedelta(days=1), dt.timedelta(hours=1)),
    Kind.HOUR: (dt.timedelta(hours=1), dt.timedelta()),
    Kind.START: (dt.timedelta(), -dt.timedelta(minutes=15)),
}
NEWS = {
    Kind.DAY: Notification.Kind.EVENT_SOON,
    Kind.HOUR: Notification.Kind.EVENT_SOON,
    Kind.START: Notification.Kind.EVENT_BEGINS,
}
MOST = 500  # looked for at a time
SECONDS = 50  # the clock starts the next run soon


def remind_due() -> int:
    """Tell everybody whose time has come; how many were told."""
    ends = time.monotonic() + SECONDS
    return sum(_remind_all(kind, ends) for kind in Kind)


def _remind_all(kind: EventReminder.Kind, ends: float) -> int:
    """Each in a transaction of its own: the next run does what this one could not."""
    done, after = 0, 0
    while time.monotonic() < ends:
        rows = due(kind, timezone.now()).filter(pk__gt=after).order_by("pk")
        found = list(rows.values_list("pk", "member")[:MOST])
        if not found:
            break
        for number, member in found:
            done += apart(_remind, registration=number, member=member, kind=kind)
        after = found[-1][0]
    return done


def due(kind: EventReminder.Kind, now: dt.datetime) -> QuerySet[Registration]:
    """Who is to be reminded so, and was not; by the index on the beginnings."""
    lead, until = LEADS[kind]
    told = EventReminder.objects.filter(
        registration=OuterRef("pk"), kind=kind, starts_at=OuterRef("event__starts_at")
    )
    time_for_it = F("event__starts_at") - lead
    return Registration.objects.filter(
        ~Exists(told),
        Q(event__moved_at=None) | Q(event__moved_at__lt=time_for_it),
        state=Registration.State.GOING,
        registered_at__lt=time_for_it,
        event__state=Event.State.PUBLISHED,
        event__starts_at__lte=now + lead,
        event__starts_at__gt=now + until,
    )


@transaction.atomic
def _remind(*, registration: int, member: int, kind: EventReminder.Kind) -> bool:
    """The claim, the news and the mail come to be together, or not at all. Under the
    lock of the member nobody else reminds them, nor do they go away meanwhile."""
    hold_members(member)
    rows = due(kind, timezone.now()).select_related("event", "member")
    mine = rows.filter(pk=registration).first()
    if mine is None:
        return False
    event = mine.event
    mine.reminders.create(kind=kind, starts_at=event.starts_at)
    tell(
        [member],
        kind=NEWS[kind],
        key=f"begins:{event.pk}:{kind}:{event.starts_at:%Y%m%d%H%M}",
        target=When(event.pk),
        mail=_mail(mine, kind),
    )
    return True


def _mail(registration: Registration, kind: EventReminder.Kind) -> Mail | None:
    """At once, as it is of no use later; in quiet hours, and for who wants no mail
    soon, it goes the way of other news."""
    member, event = registration.member, registration.event
    choice, now = news_choices.choice_of(member), timezone.now()
    is_quiet = choice.quiet_until(now, news_choices.zone_of(member)) is not None
    is_wanted = choice.way_of(NEWS[kind]) == Way.NOW
    if is_quiet or not is_wanted or not mails.can_be_reached(member):
        return None
    starts_at = event.starts_at.isoformat()
    return mails.send(
        key=f"begins {registration.pk} {kind} {starts_at}",
        member=member,
        template=TEMPLATE,
        registration=registration.pk,
        kind=kind.value,
        starts_at=starts_at,
    )


def words_of(mail: Mail) -> mails.Words | None:
    """Nothing, once they go there no more, or it is moved, cancelled or over."""
    kind = Kind(mail.context["kind"])
    rows = Registration.objects.filter(
        pk=mail.context["registration"],
        state=Registration.State.GOING,
        event__in=Event.objects.visible_to(mail.member).published().coming(),
        event__starts_at=dt.datetime.fromisoformat(mail.context["starts_at"]),
    )
    registration = rows.select_related("event").first()
    if registration is None:
        return None
    stop = news_choices.stop_link(mail.member, group_of(NEWS[kind]).value)
    context = {
        "event": registration.event,
        "begins_now": kind == Kind.START,
        "stop": stop,
    }
    return mails.Words(context, news_mails.stop_headers(stop))
