"""Events, and people who come to them."""

import datetime as dt

from django.utils import timezone

from content.models import Event
from content.services import events, registrations
from tests.factories.accounts import make_member
from tests.factories.billing import buy
from tests.factories.paid_questions import give_points

DAY = dt.timedelta(days=1)


def make_event(title="Soils", *, host=None, days=7, publish=True, **says):
    starts_at = timezone.now() + days * DAY
    says = {
        "kind": Event.Kind.WEBINAR,
        "title": title,
        "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(hours=1),
        "time_zone": "Asia/Shanghai",
    } | says
    if "price" in says or "points" in says:
        says.setdefault("access", Event.Access.SOLD)
    host = host or make_member(f"host-{Event.objects.count()}")
    event = events.make_event(by=host, **says)
    if publish:
        if event.is_over:  # it went out before it took place
            Event.objects.filter(pk=event.pk).update(state=Event.State.PUBLISHED)
        else:
            events.publish_event(event=event, by=host)
        event.refresh_from_db()
    return event


def go(event, member):
    """A free seat, or a place in the queue."""
    return registrations.register(event=event, member=member)


def go_for_money(event, member):
    registration = registrations.register(event=event, member=member)
    order = buy(member, registrations.offer_for(registration=registration))
    registration.refresh_from_db()
    return registration, order


def go_for_points(event, member, *, has=100):
    registration = registrations.register(event=event, member=member)
    give_points(member, has, key=f"seat {registration.pk}")
    registrations.pay_with_points(registration=registration)
    registration.refresh_from_db()
    return registration
