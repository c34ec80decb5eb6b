"""What those who keep order do with a topic as a whole."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Notification, Space, User, Verb
from accounts.services import audit
from accounts.services.activity import record_activity
from accounts.services.notifications import tell
from content.errors import NotHere, TooManyPinned
from content.models import Topic
from content.models.discussions import place_of
from content.services.discussions import changed, hold

MOST_PINNED = 3  # in one space: more at its top, and nothing stands out


@transaction.atomic
def pin(*, topic: Topic) -> None:
    """Keep a topic at the top of its space. Raises TooManyPinned."""
    space = _hold_space(topic.space_id)
    topic = hold(topic.pk)
    if topic.pinned_at:
        return
    if topic.space_id != space.pk or topic.hidden_at:
        raise NotHere
    pinned = space.topics.filter(hidden_at=None, pinned_at__isnull=False)
    if pinned.count() >= MOST_PINNED:
        raise TooManyPinned
    topic.pinned_at = timezone.now()
    changed(topic, "pinned_at")


def _hold_space(pk: int | None) -> Space:
    """Whoever counts what is pinned holds the space first."""
    space = Space.objects.select_for_update(no_key=True).filter(pk=pk or 0).first()
    if space is None:
        raise NotHere
    return space


@transaction.atomic
def unpin(*, topic: Topic) -> None:
    topic = hold(topic.pk)
    if topic.pinned_at:
        topic.pinned_at = None
        changed(topic, "pinned_at")


@transaction.atomic
def feature(*, topic: Topic, by: User) -> None:
    """Choose a topic as one of the best; its author is told."""
    topic = hold(topic.pk)
    if topic.featured_at:
        return
    topic.featured_at = timezone.now()
    changed(topic, "featured_at")
    _record_featured(Verb.TOPIC_FEATURED, topic, by)
    tell(
        [topic.author_id],
        kind=Notification.Kind.TOPIC_FEATURED,
        key=f"featured:{topic.pk}",
        target=topic,
        actor=by,
    )


@transaction.atomic
def unfeature(*, topic: Topic, by: User) -> None:
    topic = hold(topic.pk)
    if topic.featured_at:
        topic.featured_at = None
        changed(topic, "featured_at")
        _record_featured(Verb.TOPIC_UNFEATURED, topic, by)


def _record_featured(verb: Verb, topic: Topic, by: User) -> None:
    record_activity(
        member=topic.author,
        verb=verb,
        target=topic,
        space=place_of(topic),
        by=by.pk,
    )


@transaction.atomic
def set_slow_mode(*, topic: Topic, seconds: int) -> None:
    """How long one member waits between two posts in a topic; 0: not at all."""
    topic = hold(topic.pk)
    if topic.slow_seconds != seconds:
        topic.slow_seconds = seconds
        changed(topic, "slow_seconds")


@transaction.atomic
def change_kind(*, topic: Topic, kind: str, link: str = "") -> None:
    """Make another kind of topic of it. Raises NotHere for a poll, and for a question
    whose answer was accepted."""
    topic = hold(topic.pk)
    link = link if kind == Topic.Kind.SHARE else ""
    if (topic.kind, topic.link) == (kind, link):
        return
    if Topic.Kind.POLL in (topic.kind, kind) or topic.is_answered:
        raise NotHere
    topic.kind, topic.link = kind, link
    changed(topic, "kind", "link")


@transaction.atomic
def move(*, topic: Topic, space: Space, by: User, reason: str = "") -> None:
    """Let a topic stand in another space; its address stays, its author is told."""
    topic = hold(topic.pk)
    if topic.space_id == space.pk:
        return
    if topic.space_id is None or topic.hidden_at:
        raise NotHere
    before, topic.space, topic.pinned_at = topic.space_id, space, None
    changed(topic, "space", "pinned_at")
    tell(
        [topic.author_id],
        kind=Notification.Kind.TOPIC_MOVED,
        key=f"moved:{topic.pk}:{topic.revision}",
        target=topic,
        actor=by,
    )
    audit.record(
        act="topic moved",
        actor=by,
        target=topic,
        reason=reason,
        before=before,
        after=space.pk,
    )
