"""What members say they look for."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count
from taggit.models import Tag

from accounts.models import Interest, User

MOST_OFFERED = 40


def offered() -> list[Tag]:
    """The subjects that are used most, to choose from."""
    used = Tag.objects.annotate(used=Count("taggit_taggeditem_items"))
    return list(used.filter(used__gt=0).order_by("-used", "name")[:MOST_OFFERED])


def of(member: User) -> set[int]:
    return set(member.interests.values_list("tag_id", flat=True))


@transaction.atomic
def declare(*, member: User, tags: Iterable[Tag], experience: str) -> None:
    """From now on these, and no others; those said before keep their date."""
    User.objects.select_for_update(no_key=True).get(pk=member.pk)
    wanted = {tag.pk for tag in tags}
    known = of(member)
    member.interests.exclude(tag__in=wanted).delete()
    Interest.objects.bulk_create(
        Interest(member=member, tag_id=pk) for pk in sorted(wanted - known)
    )
    User.objects.filter(pk=member.pk).update(experience=experience)
    member.experience = experience
