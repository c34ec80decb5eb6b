"""At the door: who helps there, and who comes without having registered."""

from django.db import transaction

from accounts.models import Notification, User
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from content.errors import EventOver, NotIncluded
from content.models import DoorHelper, Event, Registration
from content.services import attendance, registrations


@transaction.atomic
def name_helper(*, event: Event, member: User, by: User) -> DoorHelper:
    """They may check in at this event, and are told; twice is once.

    Raises EventOver, and NotIncluded where they may not see the event themselves.
    """
    if event.is_cancelled or event.is_over:
        raise EventOver
    if not Event.objects.visible_to(member).filter(pk=event.pk).exists():
        raise NotIncluded
    helper, is_new = DoorHelper.objects.get_or_create(event=event, member=member)
    if is_new:
        tell(
            [member.pk],
            kind=Notification.Kind.EVENT_DOOR,
            key=f"door:{helper.pk}",
            target=event,
            actor=by,
        )
    return helper


def dismiss_helper(*, helper: DoorHelper) -> None:
    helper.delete()


def helpers_of(event: Event) -> list[DoorHelper]:
    return list(event.door_helpers.select_related("member"))


@transaction.atomic
def walk_in(*, event: Event, member: User) -> Registration:
    """They had not registered, and stand at the door: a seat, and they are here.

    What is to be paid is paid by themselves, on its page. Raises NoSeatKept where none
    is free, NotIncluded, EventOver, and TooEarly.
    """
    hold_members(member.pk)
    if not Event.objects.visible_to(member).filter(pk=event.pk).exists():
        raise NotIncluded
    registration = registrations.seat_at_door(event=event, member=member)
    return attendance.check_in(registration=registration)
