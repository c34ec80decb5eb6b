"""What members say they look for."""

from collections.abc import Callable, Iterable

from django.db import transaction
from taggit.models import Tag

from accounts.models import Interest, Space, User
from accounts.services.members import hold_members

MOST_OFFERED = 40


# Who has subjects says which of them everybody may know of, the most used first.
_sources: list[Callable[[int], list[Tag]]] = []


def register(source: Callable[[int], list[Tag]]) -> None:
    _sources.append(source)


def offered() -> list[Tag]:
    """The subjects that are used most, to choose from."""
    found = [tag for source in _sources for tag in source(MOST_OFFERED)]
    open_spaces = Space.objects.filter(
        access__in=[Space.Access.PUBLIC, Space.Access.MEMBERS]
    )
    found += Tag.objects.filter(space__in=open_spaces).order_by("name")
    return list(dict.fromkeys(found))[:MOST_OFFERED]


def of(member: User) -> set[int]:
    return set(member.interests.values_list("tag_id", flat=True))


def follow(*, member: User, tag: Tag, is_on: bool) -> None:
    """One subject more, or one less; harmless to repeat."""
    if is_on:
        Interest.objects.get_or_create(member=member, tag=tag)
    else:
        member.interests.filter(tag=tag).delete()


@transaction.atomic
def declare(*, member: User, tags: Iterable[Tag], experience: str) -> None:
    """From now on these, and no others; those said before keep their date."""
    hold_members(member.pk)
    wanted = {tag.pk for tag in tags}
    known = of(member)
    member.interests.exclude(tag__in=wanted).delete()
    Interest.objects.bulk_create(
        Interest(member=member, tag_id=pk) for pk in sorted(wanted - known)
    )
    User.objects.filter(pk=member.pk).update(experience=experience)
    member.experience = experience
