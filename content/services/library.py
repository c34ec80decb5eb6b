"""What the library and the course pages say about getting in."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from taggit.models import Tag

from accounts.models import MEMBERSHIP, Offer, User
from accounts.services import entitlements, offers
from content.models import Enrolment, Item, Lesson
from content.models.items import ItemQuerySet


@dataclass(frozen=True)
class Entry:
    """An item and how this reader gets in: open already, or by which offer."""

    item: Item
    is_open: bool
    offer: Offer | None

    @property
    def is_free(self) -> bool:
        return self.item.access == Item.Access.FREE

    @property
    def needs_sign_in_only(self) -> bool:
        return self.item.access == Item.Access.MEMBERS and not self.is_open


def is_open(item: Item, reader: User) -> bool:
    """Whether this reader may use the whole item."""
    if item.access == Item.Access.FREE:
        return True
    if not getattr(reader, "is_member", False):
        return False
    if reader.is_operator or item.author_id == reader.pk:
        return True
    if item.access == Item.Access.MEMBERS:
        return True
    return bool(item.opened_by & entitlements.held(reader))


def entries(items: list[Item], reader: User) -> list[Entry]:
    """Two queries more, however many items: what is held, what is on sale."""
    closed = {item.pk for item in items if not is_open(item, reader)}
    keys = {item.key for item in items if item.pk in closed}
    found = offers.for_keys({*keys, MEMBERSHIP}) if closed else {}
    return [
        Entry(
            item=item,
            is_open=item.pk not in closed,
            offer=_offer_for(item, found) if item.pk in closed else None,
        )
        for item in items
    ]


def _offer_for(item: Item, found: dict[str, Offer]) -> Offer | None:
    """The item's own offer before the membership's."""
    keys = sorted(item.opened_by, key=lambda key: key == MEMBERSHIP)
    return next((found[key] for key in keys if key in found), None)


def ways_in(item: Item) -> list[Offer]:
    """Every offer on sale that opens the item, its own first."""
    found = {
        offer.pk: offer for key in item.opened_by for offer in offers.opening(key)
    }.values()
    return sorted(found, key=lambda offer: (offer.what == MEMBERSHIP, offer.position))


def with_counts(items: ItemQuerySet) -> ItemQuerySet:
    """Items with `lessons`, their number, and author and tags at hand."""
    lessons = (
        Lesson.objects.filter(section__item=OuterRef("pk"))
        .order_by()
        .values("section__item")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        items.select_related("author").with_tags().annotate(lessons=Subquery(lessons))
    )


def filtered(
    items: ItemQuerySet, reader: User, *, shown: str, tag: str, words: str
) -> ItemQuerySet:
    if shown == "free":
        items = items.filter(access__in=[Item.Access.FREE, Item.Access.MEMBERS])
    if shown == "mine":
        # Not across the relation: for a visitor that asks for what nobody takes.
        mine = Enrolment.objects.filter(member=reader.pk)
        items = items.filter(pk__in=mine.values("item"))
    if tag:
        items = items.filter(tags__slug=tag)
    if words:
        items = items.matching(words)
    return items.order_by("-published_at", "-pk")


def common_tags(items: QuerySet[Item], limit: int = 12) -> list[Tag]:
    """The tags that most of these items carry."""
    used = Count("taggit_taggeditem_items", filter=Q(item__in=items.values("pk")))
    return list(
        Tag.objects.annotate(used=used)
        .filter(used__gt=0)
        .order_by("-used", "name")[:limit]
    )


def continued_by(member: User, limit: int = 3) -> list[Enrolment]:
    """The courses a member has begun and not finished, latest first."""
    begun = Enrolment.objects.filter(member=member, done_at=None)
    return list(begun.select_related("item").order_by("-last_at")[:limit])
