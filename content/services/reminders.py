"""Reminding who has a seat, who leads and who speaks: a day before, an hour before, and
when it begins.

Nothing is planned ahead: each run asks whose time has come, by when the event begins
now. So a moved event is reminded of by its new time, a cancelled one not at all, and
whoever comes later than the reminder would have gone does not get it.
"""

import datetime as dt
import time

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Mail, Notification, User, Way
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
        key=_key(event, kind),
        target=When(event.pk),
        mail=_mail(mine.member, event, kind, f"begins {mine.pk}", registration=mine.pk),
    )
    return True


# Who leads and who speaks -----------------------------------------------------


def remind_leaders_due() -> int:
    """Few, who have no seat and are to be there, too; how many were told."""
    return sum(_remind_leaders(kind) for kind in Kind)


def _remind_leaders(kind: EventReminder.Kind) -> int:
    done = 0
    for event in _beginning(kind, timezone.now()):
        leaders = _leaders_of(event)
        told = Notification.objects.filter(member__in=leaders, key=_key(event, kind))
        for member in leaders - set(told.values_list("member", flat=True)):
            done += apart(_remind_leader, number=event.pk, member=member, kind=kind)
    return done


def _beginning(kind: EventReminder.Kind, now: dt.datetime) -> QuerySet[Event]:
    """Of what was planned before the reminder would have gone."""
    lead, until = LEADS[kind]
    time_for_it = F("starts_at") - lead
    return Event.objects.published().filter(
        Q(moved_at=None) | Q(moved_at__lt=time_for_it),
        published_at__lt=time_for_it,
        starts_at__lte=now + lead,
        starts_at__gt=now + until,
    )


def _leaders_of(event: Event) -> set[int]:
    """Those who have a seat besides are reminded of that."""
    speakers = event.speakers.filter(member__isnull=False)
    leaders = {event.host_id, *speakers.values_list("member", flat=True)}
    seated = event.registrations.filter(
        member__in=leaders, state=Registration.State.GOING
    )
    return leaders - set(seated.values_list("member", flat=True))


def _key(event: Event, kind: EventReminder.Kind) -> str:
    return f"begins:{event.pk}:{kind}:{event.starts_at:%Y%m%d%H%M}"


@transaction.atomic
def _remind_leader(*, number: int, member: int, kind: EventReminder.Kind) -> bool:
    """The news are the claim: under the lock of the member nobody else writes them."""
    hold_members(member)
    event = _beginning(kind, timezone.now()).filter(pk=number).first()
    if event is None or member not in _leaders_of(event):
        return False
    key = _key(event, kind)
    if Notification.objects.filter(member=member, key=key).exists():
        return False
    leader = User.objects.get(pk=member)
    name = f"begins {event.pk} for {member}"
    mail = _mail(leader, event, kind, name)
    tell([member], kind=NEWS[kind], key=key, target=When(event.pk), mail=mail)
    return True


# The mail ---------------------------------------------------------------------


def _mail(
    member: User, event: Event, kind: EventReminder.Kind, name: str, **seat: int
) -> Mail | None:
    """At once, as it is of no use later; in quiet hours, and for who wants no mail
    soon, it goes the way of other news."""
    choice, now = news_choices.choice_of(member), timezone.now()
    is_quiet = choice.quiet_until(now, news_choices.zone_of(member)) is not None
    is_wanted = choice.way_of(NEWS[kind]) == Way.NOW
    if is_quiet or not is_wanted or not mails.can_be_reached(member):
        return None
    starts_at = event.starts_at.isoformat()
    return mails.send(
        key=f"{name} {kind} {starts_at}",
        member=member,
        template=TEMPLATE,
        event=event.pk,
        **seat,
        kind=kind.value,
        starts_at=starts_at,
    )


def words_of(mail: Mail) -> mails.Words | None:
    """Nothing, once they go there no more, or it is moved, cancelled or over."""
    kind = Kind(mail.context["kind"])
    event = _still_theirs(mail)
    if event is None:
        return None
    stop = news_choices.stop_link(mail.member, group_of(NEWS[kind]).value)
    context = {
        "event": event,
        "leads": "registration" not in mail.context,
        "begins_now": kind == Kind.START,
        "stop": stop,
    }
    return mails.Words(context, news_mails.stop_headers(stop))


def _still_theirs(mail: Mail) -> Event | None:
    starts_at = dt.datetime.fromisoformat(mail.context["starts_at"])
    events = Event.objects.visible_to(mail.member).published().coming()
    events = events.filter(starts_at=starts_at)
    if "registration" not in mail.context:
        event = events.filter(pk=mail.context["event"]).first()
        return event if event and mail.member_id in _leaders_of(event) else None
    seats = Registration.objects.filter(
        pk=mail.context["registration"], state=Registration.State.GOING
    )
    return events.filter(pk__in=seats.values("event")).first()
