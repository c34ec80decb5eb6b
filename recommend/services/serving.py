"""Reading the lists for a page: one query, a second one where the first falls short."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Consent, Purpose, SpaceMember, User
from accounts.services import consents
from content.models import Enrolment, Item
from content.services import quality
from recommend.models import Dismissal, Neighbour, PopularItem, Recommendation


@dataclass(frozen=True)
class Suggestion:
    """An item, and the known item it is suggested because of; none: it is popular."""

    item: Item
    because: Item | None = None
    is_new: bool = False
    is_declared: bool = False  # it is about what the member said to look for


def for_you(member: User, limit: int = 6) -> list[Suggestion]:
    """A member's list, filled up with what fits the interests that they declared,
    then with what is popular, then with what is new."""
    own = _fitting(Recommendation.objects.filter(member=member), member)
    own = own.filter(_agrees(member))
    own = own.select_related("item__author", "reason_item").order_by("rank")
    found = [Suggestion(row.item, row.reason_item) for row in own[:limit]]
    if len(found) < limit:
        found += _declared(member, limit - len(found), [it.item.pk for it in found])
    if len(found) < limit:
        found += _popular(member, limit - len(found), [it.item.pk for it in found])
    if len(found) < limit:
        found += _newest(member, limit - len(found), [it.item.pk for it in found])
    return found


def _agrees(member: User) -> Q:
    """A consent withdrawn while the night was at work counts, too.

    Whoever never was asked, as in an imported history, has no consent row at all.
    """
    asked = Consent.objects.filter(member=member)
    return Exists(asked.filter(purpose=Purpose.PROFILING, withdrawn_at=None)) | ~Exists(
        asked
    )


def _declared(member: User, limit: int, known: list[int]) -> list[Suggestion]:
    """What carries most of the subjects that this member said to look for. Choosing by
    what one said oneself is no profiling, and needs no consent to it."""
    fits = Q(tags__in=member.interests.values("tag"))
    items = Item.objects.readable_by(member).listed().exclude(pk__in=known)
    items = items.exclude(_settled(member, OuterRef("pk"))).select_related("author")
    items = items.annotate(fits=Count("tags", filter=fits, distinct=True))
    fitting = items.filter(fits__gt=0)
    best = fitting.order_by("-fits", quality.surely().desc(), "-published_at")[:limit]
    return [Suggestion(item, is_declared=True) for item in best]


def _newest(member: User, limit: int, known: list[int]) -> list[Suggestion]:
    """For a community where nobody has used anything yet."""
    items = Item.objects.readable_by(member).listed().exclude(pk__in=known)
    items = items.exclude(_settled(member, OuterRef("pk"))).select_related("author")
    newest = items.order_by("-published_at", "-pk")[:limit]
    return [Suggestion(item, is_new=True) for item in newest]


def _popular(member: User, limit: int, known: list[int]) -> list[Suggestion]:
    """What is popular, in the spaces this member has joined first."""
    rows = _fitting(PopularItem.objects.exclude(item__in=known), member)
    rows = rows.annotate(is_mine=_is_mine(member)).select_related("item__author")
    return [Suggestion(row.item) for row in rows.order_by("-is_mine", "rank")[:limit]]


def _fitting(rows: QuerySet[Any], member: User) -> QuerySet[Any]:
    """Of the current run, readable, not begun and not dismissed by this member.

    What was imported without its text is shown only in the circle it belongs to.
    """
    return rows.filter(
        ~Q(item__kind=Item.Kind.MATERIAL) | _is_mine(member),
        run__is_current=True,
        item__in=Item.objects.readable_by(member),
    ).exclude(_settled(member, OuterRef("item")))


def _is_mine(member: User) -> Exists:
    """The item stands in a space that this member has joined."""
    return Exists(
        SpaceMember.objects.filter(
            space=OuterRef("item__space"), member=member, left_at=None
        )
    )


def _settled(member: User, item: OuterRef) -> Q:
    """Begun, or not wanted: nothing to suggest any more."""
    return Exists(Enrolment.objects.filter(member=member, item=item)) | Exists(
        Dismissal.objects.filter(member=member, item=item)
    )


def related(item: Item, reader: User, limit: int = 4) -> list[Item]:
    """The items that the same members use; one query."""
    rows = Neighbour.objects.filter(
        run__is_current=True,
        item=item,
        neighbour__in=Item.objects.readable_by(reader),
    )
    rows = rows.select_related("neighbour__author").order_by("rank")
    return [row.neighbour for row in rows[:limit]]


@transaction.atomic
def dismiss(*, member: User, item: Item) -> None:
    Dismissal.objects.get_or_create(member=member, item=item)


@transaction.atomic
def forget_lists(member: User) -> None:
    """After a withdrawn consent: the list goes at once, not with the next night."""
    if not consents.has_given(member, Purpose.PROFILING):
        Recommendation.objects.filter(member=member).delete()
