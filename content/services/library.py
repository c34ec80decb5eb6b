"""What the library and the course pages say about getting in."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from taggit.models import Tag, TaggedItem

from accounts.models import MEMBERSHIP, Field, Follow, Interest, Offer, User
from accounts.services import entitlements, offers
from community.lib.dates import site_day
from content.models import (
    CoAuthor,
    Cohort,
    Enrolment,
    EventOutcome,
    Item,
    Lesson,
    Registration,
    Revision,
)
from content.models.items import ItemQuerySet
from content.services.search import items_with
from content.services.tags import slug_meant

TAGS_ARE_KEPT = 600  # seconds
HOT = dt.timedelta(days=14)
NEW = dt.timedelta(days=30)
MOST_IN_DIGEST = 10
WRITES, GUIDES, HAD_A_SEAT = range(3)
GUIDED_AFTER = dt.timedelta(days=31)  # the last work is looked at after the last day


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
    if item.access == Item.Access.LEVEL:
        return reader.level >= (item.level_needed or 0)
    if item.opened_by & entitlements.held(reader) or item.pk in attended(reader):
        return True
    return _works_on(item, reader)


def _works_on(item: Item, reader: User) -> bool:
    """Writes it beside its author or guides a cohort; or is to judge what is not out
    yet."""
    in_review = item.state in {Item.State.SUBMITTED, Item.State.IN_REVIEW}
    helps = item.pk in co_written(reader) or item.pk in guided(reader)
    return (reader.is_reviewer and in_review) or helps


def co_written(reader: User) -> set[int]:
    """What the reader writes beside others."""
    return {pk for pk, how in _own(reader) if how == WRITES}


def guided(reader: User) -> set[int]:
    """The courses in which the reader guides a cohort."""
    return {pk for pk, how in _own(reader) if how == GUIDES}


def attended(reader: User) -> set[int]:
    """The recordings of events at which the reader had a seat, whatever it cost."""
    return {pk for pk, how in _own(reader) if how == HAD_A_SEAT}


def _own(reader: User) -> list[tuple[int, int]]:
    """Items, and how they are the reader's own; asked once a request."""
    known: list[tuple[int, int]] | None = reader.__dict__.get("_own_items")
    if known is None:
        writes = CoAuthor.objects.filter(member=reader.pk)
        guides = Cohort.objects.filter(
            mentor=reader.pk, ends_on__gte=site_day() - GUIDED_AFTER
        ).order_by()
        seats = EventOutcome.objects.filter(
            recording__isnull=False,
            event__registrations__member=reader.pk,
            event__registrations__state=Registration.State.GOING,
        ).order_by()
        found = (
            writes.order_by()
            .values_list("item_id", Value(WRITES))
            .union(guides.values_list("course_id", Value(GUIDES)))
            .union(seats.values_list("recording_id", Value(HAD_A_SEAT)))
        )
        known = reader.__dict__["_own_items"] = list(found)
    return known


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
    """Items with `lessons`, their number; author, tags, news and recording at hand."""
    lessons = (
        Lesson.objects.filter(section__item=OuterRef("pk"))
        .order_by()
        .values("section__item")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        items.select_related("author", "news", "recording")
        .with_tags()
        .annotate(lessons=Subquery(lessons))
    )


def with_changed_at(items: ItemQuerySet) -> ItemQuerySet:
    """Items with `changed_at`: when they came out, or were saved last since."""
    saved = Revision.objects.filter(item=OuterRef("pk")).order_by("-number")
    latest = Subquery(saved.values("created_at")[:1])
    return items.annotate(changed_at=Greatest("published_at", latest))


ORDERS = {
    "newest": (F("published_at").desc(), F("id").desc()),
    "rated": (F("quality_low").desc(nulls_last=True), F("id").desc()),
    "taken": (F("taken").desc(), F("id").desc()),
}
SHOWN = ("all", "free", "mine", "followed")
FREE = (Item.Access.FREE, Item.Access.MEMBERS)


@dataclass(frozen=True)
class Asked:
    """What a reader asked the library for; what makes no sense counts as not asked."""

    shown: str = "all"
    kind: str = ""
    field: str = ""
    difficulty: str = ""
    format: str = ""
    language: str = ""
    tag: str = ""
    words: str = ""
    order: str = "newest"

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Asked":
        return cls(
            shown=_one_of(given.get("show"), SHOWN) or "all",
            kind=_one_of(given.get("kind"), Item.Kind.values),
            field=given.get("field", "")[:60],
            difficulty=_one_of(given.get("level"), User.Experience.values),
            format=_one_of(given.get("format"), Item.Format.values),
            language=_one_of(given.get("language"), dict(settings.LANGUAGES)),
            tag=given.get("tag", "")[:100],
            words=given.get("q", "").strip()[:100],
            order=_one_of(given.get("sort"), ORDERS) or "newest",
        )

    @property
    def is_everything(self) -> bool:
        return self == Asked(order=self.order)


def _one_of(asked: str | None, choices: Collection[str]) -> str:
    return asked if asked and asked in choices else ""


def filtered(items: ItemQuerySet, reader: User, asked: Asked) -> ItemQuerySet:
    if asked.shown == "free":
        items = items.filter(access__in=FREE)
    if asked.shown == "mine":
        # Not across the relation: for a visitor that asks for what nobody takes.
        mine = Enrolment.objects.filter(member=reader.pk)
        items = items.filter(pk__in=mine.values("item"))
    if asked.shown == "followed":
        items = followed_by(reader, items)
    same = {
        name: value
        for name in ("kind", "difficulty", "format", "language")
        if (value := getattr(asked, name))
    }
    items = items.filter(**same)
    if asked.field:
        items = items.filter(field__in=_field_and_parts(asked.field))
    if asked.tag:
        items = items.filter(tags__slug=slug_meant(asked.tag))
    if asked.words:
        items = items.filter(pk__in=items_with(asked.words, reader))
    return items.order_by(*ORDERS[asked.order])


def followed_by(reader: User, items: ItemQuerySet) -> ItemQuerySet:
    """Those of the subjects and by the people that the reader follows."""
    subjects = TaggedItem.objects.filter(
        content_type__app_label="content",
        content_type__model="item",
        object_id=OuterRef("pk"),
        tag__in=Interest.objects.filter(member=reader.pk).values("tag"),
    )
    people = Follow.objects.filter(follower=reader.pk).values("followed")
    beside = CoAuthor.objects.filter(item=OuterRef("pk"), member__in=people)
    return items.filter(Exists(subjects) | Q(author__in=people) | Exists(beside))


def items_shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """How news name the items of these numbers that the member may see."""
    items = Item.objects.readable_by(member).filter(pk__in=numbers)
    return {item.pk: (item.title, item.get_absolute_url()) for item in items}


def followed_news(member: User, since: dt.datetime) -> list[tuple[str, str]]:
    """Of what the member follows, what has appeared since: for the digest."""
    listed = Item.objects.readable_by(member).listed().filter(published_at__gte=since)
    found = followed_by(member, listed).exclude(author=member)
    latest = found.order_by(*ORDERS["newest"])[:MOST_IN_DIGEST]
    return [(item.title, item.get_absolute_url()) for item in latest]


def new_from_followed(reader: User, limit: int = 4) -> list[Item]:
    """What has appeared in the last weeks that the reader wanted to hear of."""
    since = timezone.now() - NEW
    listed = Item.objects.readable_by(reader).listed().filter(published_at__gte=since)
    found = followed_by(reader, listed).exclude(author=reader)
    return list(with_counts(found).order_by(*ORDERS["newest"])[:limit])


def _field_and_parts(slug: str) -> list[int]:
    """A field of knowledge with what is part of it, two levels down."""
    within = Q(slug=slug) | Q(parent__slug=slug) | Q(parent__parent__slug=slug)
    return list(Field.objects.filter(within).values_list("pk", flat=True))


def fields_in_use() -> list[Field]:
    return list(Field.objects.filter(items__isnull=False).distinct())


def common_tags(limit: int = 12) -> list[Tag]:
    """The tags that most of what everybody may read carries; some minutes old."""
    return _kept_for_a_while("common_tags", lambda: most_used_tags(limit))


def hot_tags(limit: int = 6) -> list[Tag]:
    """What the news of the last days is about."""
    since = timezone.now() - HOT
    return _kept_for_a_while(
        "hot_tags",
        lambda: most_used_tags(limit, kind=Item.Kind.NEWS, published_at__gte=since),
    )


def _kept_for_a_while(name: str, find: Callable[[], list[Tag]]) -> list[Tag]:
    found: list[Tag] | None = cache.get_or_set(name, find, TAGS_ARE_KEPT)
    return found or []


def most_used_tags(limit: int, **which: Any) -> list[Tag]:
    """Of what everybody may read: a tag of something hidden would tell of it."""
    public = Item.objects.readable_by(AnonymousUser()).listed().filter(**which)
    of_items = TaggedItem.objects.filter(
        content_type__app_label="content", object_id__in=public.values("pk")
    )
    counts = of_items.values("tag").annotate(used=Count("pk")).order_by("-used", "tag")
    used = [row["tag"] for row in counts[:limit]]
    found = Tag.objects.in_bulk(used)
    return [found[pk] for pk in used]


def continued_by(member: User, limit: int = 3) -> list[Enrolment]:
    """The courses a member has begun and not finished, latest first."""
    begun = Enrolment.objects.filter(
        member=member, done_at=None, item__kind=Item.Kind.COURSE
    )
    return list(begun.select_related("item").order_by("-last_at")[:limit])


@dataclass(frozen=True)
class TagAsked:
    """The tag that the shelf is narrowed to, and whether the reader follows it."""

    tag: Tag
    is_followed: bool


def tag_asked(asked: Asked, reader: User) -> TagAsked | None:
    tag = asked.tag and Tag.objects.filter(slug=slug_meant(asked.tag)).first()
    if not tag:
        return None
    followed = Interest.objects.filter(member=reader.pk, tag=tag)
    return TagAsked(tag, reader.is_authenticated and followed.exists())
