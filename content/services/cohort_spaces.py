"""The space of a cohort: who learns in it is inside, its mentor is mentor there."""

from secrets import token_hex

from django.db import transaction

from accounts.models import JoinMode, Space, SpaceMember, User
from accounts.services import audit
from accounts.services.spaces import give_place_role, join_space, leave_space
from community.lib.dates import site_day
from content.models import Cohort
from content.services.library import is_open

NAME_LENGTH = 80


@transaction.atomic
def open_space(*, cohort: Cohort, by: User) -> Space:
    """A closed room for this cohort; asked for again, the one that is there."""
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    if cohort.space:
        return cohort.space
    cohort.space = Space.objects.create(
        slug=f"cohort-{cohort.pk}-{token_hex(3)}",
        name=f"{cohort.name} · {cohort.course.title}"[:NAME_LENGTH],
        access=Space.Access.JOINED,
        join_mode=JoinMode.INVITATION,
    )
    cohort.save(update_fields=["space"])
    for enrolment in cohort.learners.select_related("member"):
        let_in(cohort, enrolment.member)
    change_mentor(cohort=cohort, before=None, by=by)
    audit.record(
        act="cohort given a space", actor=by, target=cohort, space=cohort.space.pk
    )
    return cohort.space


def let_in(cohort: Cohort, member: User) -> None:
    if cohort.space and is_open(cohort.course, member):
        join_space(space=cohort.space, member=member)


def let_out(cohort: Cohort, member: User) -> None:
    """Unless they are there as its mentor."""
    if cohort.space and cohort.mentor_id != member.pk:
        leave_space(space=cohort.space, member=member)


def change_mentor(*, cohort: Cohort, before: User | None, by: User) -> None:
    """Whoever guides the cohort now is mentor of its space, and nobody else for it."""
    space = cohort.space
    if space is None or before == cohort.mentor:
        return
    if before:
        give_place_role(space=space, member=before, role=SpaceMember.Role.MEMBER, by=by)
        if not cohort.learners.filter(member=before).exists():
            leave_space(space=space, member=before)
    if cohort.mentor:
        give_place_role(
            space=space, member=cohort.mentor, role=SpaceMember.Role.MENTOR, by=by
        )


def let_out_who_may_not_learn() -> int:
    """Of cohorts that are not over: a plan ended, a purchase was given back. Who may
    learn again comes in by the cohort's page. How many went."""
    inside = SpaceMember.objects.filter(
        left_at=None,
        role=SpaceMember.Role.MEMBER,
        space__cohort__ends_on__gte=site_day(),
    )
    went = 0
    for place in inside.select_related("member", "space__cohort__course"):
        cohort = place.space.cohort
        learns = cohort.learners.filter(member=place.member_id).exists()
        if learns and not is_open(cohort.course, place.member):
            leave_space(space=place.space, member=place.member)
            went += 1
    return went


def is_inside(cohort: Cohort, member: User) -> bool:
    if cohort.space_id is None:
        return False
    places = SpaceMember.objects.filter(space=cohort.space_id, left_at=None)
    return places.filter(member=member).exists()
