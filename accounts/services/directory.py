"""The list of people: of those only who agreed to be found, for as long as they do."""

from django.db.models import Q, QuerySet

from accounts.models import Consent, Expert, Field, Purpose, Role, User

# What people may be searched by: being a member is no difference.
ROLES = (Role.MENTOR, Role.VOLUNTEER, Role.REVIEWER, Role.PLANNER, Role.OPERATOR)


def listed() -> QuerySet[User]:
    """Everyone who may be found, by name; read anew at each look."""
    agreed = Consent.objects.filter(purpose=Purpose.DIRECTORY, withdrawn_at=None)
    return (
        User.objects.people()
        .filter(is_active=True, suspended_at=None, pk__in=agreed.values("member"))
        .order_by("name", "pk")
    )


def found(*, words: str, role: str, field: str) -> QuerySet[User]:
    people = listed()
    for word in words.split()[:8]:
        people = people.filter(
            Q(name__icontains=word)
            | Q(username__icontains=word)
            | Q(about__icontains=word)
        )
    if role:
        people = people.filter(roles__contains=[role])
    if field:
        experts = Expert.objects.verified().filter(fields__slug=field)
        people = people.filter(pk__in=experts.values("member"))
    return people.select_related("expert").prefetch_related("expert__fields")


def fields_known() -> list[Field]:
    """The fields of knowledge that somebody can be found by."""
    listed_experts = Expert.objects.verified().filter(member__in=listed())
    return list(Field.objects.filter(experts__in=listed_experts).distinct())
