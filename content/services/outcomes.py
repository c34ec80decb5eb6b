"""What comes of an event: its numbers, notes, recording, discussion; and whether
somebody should look into how it went."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import Muted
from accounts.models import Notification, Space, User
from accounts.services import audit
from accounts.services.notifications import tell
from community.lib import markdown
from community.lib.intervals import wilson
from content.errors import DiscussedAlready, NotYetOver
from content.models import (
    Event,
    EventOutcome,
    Item,
    Recording,
    Registration,
    Topic,
)
from content.services import discussions, writing

ENOUGH_PEOPLE = 10
FEW = 0.4  # of those who had a seat
ENOUGH_RATINGS = 5
BAD = 3.5  # stars
MOST_MINUTES = 24 * 60
TOPIC_KINDS = {Event.Kind.CASE: Topic.Kind.CASE}

# An event's recording is open to whom the event was; see also library.is_open.
ACCESS = {
    Event.Access.FREE: Item.Access.MEMBERS,
    Event.Access.MEMBERSHIP: Item.Access.MEMBERSHIP,
    Event.Access.SOLD: Item.Access.SOLD,
}


def hold(event: Event) -> EventOutcome:
    """The one of this event; nobody else changes it until the transaction ends."""
    made, _is_new = EventOutcome.objects.get_or_create(event=event)
    rows = EventOutcome.objects.select_for_update(of=("self",), no_key=True)
    outcome = rows.get(pk=made.pk)
    outcome.event = event
    return outcome


def of(event: Event) -> EventOutcome | None:
    found = EventOutcome.objects.select_related("recording", "topic", "looked_by")
    return found.filter(event=event).first()


# The numbers ------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """The mean of the stars, and between what it surely lies."""

    number: int
    value: float
    low: float
    high: float


def standing_of(outcome: EventOutcome) -> Standing | None:
    """Stars from 1 to 5 spread at most as much as hits and misses with the same mean,
    so the interval of a share is wide enough for them."""
    number = outcome.rating_count
    if not number:
        return None
    value = outcome.rating_sum / number
    low, high = wilson((outcome.rating_sum - number) / 4, number)
    return Standing(number, value, 1 + 4 * low, 1 + 4 * high)


def recount(outcome: EventOutcome) -> None:
    """The outcome is held."""
    people = outcome.event.registrations.filter(state=Registration.State.GOING)
    outcome.came = people.filter(no_show=False).count()
    outcome.missed = people.filter(no_show=True).count()
    ratings = outcome.event.ratings.filter(hidden_at=None)
    stars = list(ratings.values_list("stars", flat=True))
    outcome.rating_count, outcome.rating_sum = len(stars), sum(stars)
    if not went_badly(outcome):
        outcome.poor_since = None
    elif outcome.poor_since is None:
        outcome.poor_since = timezone.now()
    outcome.save()


def went_badly(outcome: EventOutcome) -> bool:
    known = outcome.came + outcome.missed
    if known >= ENOUGH_PEOPLE and outcome.came < FEW * known:
        return True
    standing = standing_of(outcome)
    is_rated = standing is not None and standing.number >= ENOUGH_RATINGS
    return bool(is_rated and standing and standing.high < BAD)


def to_look_into() -> QuerySet[EventOutcome]:
    found = EventOutcome.objects.filter(poor_since__isnull=False, looked_at=None)
    return found.select_related("event__host").order_by("poor_since", "pk")


@transaction.atomic
def look_into(*, event: Event, by: User, words: str) -> None:
    """Somebody has asked why, and says what they found. Once."""
    outcome = hold(event)
    if outcome.looked_at or not outcome.poor_since:
        return
    outcome.looked_at, outcome.looked_by = timezone.now(), by
    outcome.looked_words = words
    outcome.save(update_fields=["looked_at", "looked_by", "looked_words"])
    audit.record(act="looked into an event", actor=by, target=event)


# What remains -----------------------------------------------------------------


@transaction.atomic
def save_notes(*, event: Event, by: User, notes: str) -> None:
    """Who had a seat is told of the first ones. Empty: takes them away.

    Raises NotYetOver.
    """
    _check_begun(event)
    outcome = hold(event)
    outcome.notes, outcome.notes_html = notes, markdown.render(notes)
    is_first = bool(notes) and outcome.notes_at is None
    if is_first:
        outcome.notes_at = timezone.now()
    outcome.save(update_fields=["notes", "notes_html", "notes_at"])
    if is_first:
        _tell_of(event, "notes", by)


def _check_begun(event: Event) -> None:
    if not event.is_published or event.starts_at > timezone.now():
        raise NotYetOver


def _tell_of(event: Event, what: str, by: User | None = None) -> None:
    people = event.registrations.filter(state=Registration.State.GOING)
    tell(
        people.values_list("member_id", flat=True),
        kind=Notification.Kind.EVENT_REMAINS,
        key=f"remains:{event.pk}:{what}",
        target=event,
        actor=by,
    )


@transaction.atomic
def begin_recording(*, event: Event, by: User) -> Item:
    """A recording in the library, still a draft: there come the film, its captions and
    its chapters, and the way to its readers. Open to whom the event was; and to those
    who had a seat, whatever they paid with.

    Again is the same one. Raises NotYetOver and TooManyDrafts.
    """
    _check_begun(event)
    outcome = hold(event)
    if outcome.recording:
        return outcome.recording
    item = writing.begin(
        kind=Item.Kind.RECORDING, title=event.title, author=by, space=event.space
    )
    item.summary, item.format = event.summary, Item.Format.VIDEO
    item.access = ACCESS[Event.Access(event.access)]
    item.included_in_membership = event.included_in_membership
    item.save(update_fields=["summary", "format", "access", "included_in_membership"])
    minutes = int((event.ends_at - event.starts_at).total_seconds() // 60)
    Recording.objects.create(
        item=item,
        held_on=event.starts_there.date(),
        minutes=max(1, min(minutes, MOST_MINUTES)),
    )
    _link(outcome, item)
    return item


@transaction.atomic
def link_recording(*, event: Event, item: Item | None) -> None:
    """One that is there already; None takes it off. Raises NotYetOver."""
    _check_begun(event)
    _link(hold(event), item)


def _link(outcome: EventOutcome, item: Item | None) -> None:
    outcome.recording = item
    outcome.save(update_fields=["recording"])


def recordings_by(member: User) -> QuerySet[Item]:
    """What this member might link."""
    kinds = writing.written_by(member).filter(kind=Item.Kind.RECORDING)
    return kinds.exclude(state=Item.State.ARCHIVED).order_by("-created_at", "-pk")


def tell_of_recordings() -> int:
    """Who had a seat hears of the recording as soon as it is out; once an event."""
    live = Item.objects.live().values("pk")
    ready = EventOutcome.objects.filter(recording_told_at=None, recording__in=live)
    told = 0
    for pk in ready.values_list("pk", flat=True):
        told += _tell_of_recording(pk)
    return told


@transaction.atomic
def _tell_of_recording(pk: int) -> bool:
    rows = EventOutcome.objects.select_for_update(of=("self",), no_key=True)
    outcome = rows.select_related("event").get(pk=pk)
    if outcome.recording_told_at:
        return False
    outcome.recording_told_at = timezone.now()
    outcome.save(update_fields=["recording_told_at"])
    _tell_of(outcome.event, "recording")
    return True


@transaction.atomic
def open_discussion(
    *,
    event: Event,
    by: User,
    title: str,
    body: str,
    space: Space | None = None,
    form_key: UUID | None = None,
) -> Topic:
    """The one topic about the event, in its space; in `space` where it has none.

    Raises DiscussedAlready, NotYetOver before it went out, Muted and TooManyPosts.
    """
    if not event.is_published:
        raise NotYetOver
    if by.is_muted:
        raise Muted
    topic = discussions.start_topic(
        author=by,
        kind=TOPIC_KINDS.get(Event.Kind(event.kind), Topic.Kind.DISCUSSION),
        title=title,
        body=body,
        space=event.space or space,
        form_key=form_key,
    )
    outcome = hold(event)
    if outcome.topic_id == topic.pk:
        return topic
    if outcome.topic_id:
        raise DiscussedAlready  # and the second topic is undone with it
    outcome.topic = topic
    outcome.save(update_fields=["topic"])
    return topic


# For one reader ---------------------------------------------------------------


@dataclass(frozen=True)
class Remains:
    """What this reader may see of it."""

    notes_html: str
    recording: Item | None
    topic: Topic | None
    standing: Standing | None


def remains_of(event: Event, reader: User, *, may_read: bool) -> Remains | None:
    """`may_read`: the event is open to them, so its notes are, too."""
    outcome = of(event)
    if outcome is None:
        return None
    return Remains(
        notes_html=outcome.notes_html if may_read else "",
        recording=_readable(outcome.recording, reader),
        topic=_visible(outcome.topic, reader),
        standing=standing_of(outcome),
    )


def _readable(item: Item | None, reader: User) -> Item | None:
    if item is None:
        return None
    return Item.objects.readable_by(reader).filter(pk=item.pk).first()


def _visible(topic: Topic | None, reader: User) -> Topic | None:
    if topic is None:
        return None
    found = Topic.objects.visible_to(reader)
    return found.filter(pk=topic.pk).first()
