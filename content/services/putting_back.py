"""A split or a merge is taken back, while it is fresh.

What was written meanwhile stays with the talk that goes on. Locks as when it was done:
both topics, in the order of their numbers.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Notification, User
from accounts.services import audit
from accounts.services.notifications import tell
from content.errors import NotHere, TooLateToUndo
from content.models import (
    AcceptedAnswer,
    Post,
    ReadMarker,
    Rearrangement,
    Topic,
    TopicFollow,
)
from content.services.discussions import accept_answer, hold, take_all_marks
from content.services.rearranging import settle

Act = Rearrangement.Act
UNDO_FOR = dt.timedelta(days=1)


def fresh(topic: Topic) -> QuerySet[Rearrangement]:
    """What was done with it as it stands now, and may still be taken back."""
    done = Rearrangement.objects.filter(
        Q(act=Act.SPLIT, topic=topic) | Q(act=Act.MERGE, into=topic),
        undone_at=None,
        at__gt=timezone.now() - UNDO_FOR,
    )
    return done.select_related("topic", "into", "by").order_by("-at", "-pk")


@transaction.atomic
def put_back(*, done: Rearrangement, by: User) -> Topic:
    """Let the posts stand where they stood; return the topic they are in again.

    Raises TooLateToUndo after a day, and NotHere where one of the two topics has been
    hidden or merged since.
    """
    held = {pk: hold(pk) for pk in sorted({done.topic_id, done.into_id})}
    topic, into = held[done.topic_id], held[done.into_id]
    done.refresh_from_db(fields=["undone_at", "before"])
    if done.undone_at:
        return topic
    if done.at <= timezone.now() - UNDO_FOR:
        raise TooLateToUndo
    put = _unite if done.act == Act.SPLIT else _part
    put(done, topic, into, by)
    _mark_again(done, topic)
    done.undone_at = timezone.now()
    done.save(update_fields=["undone_at"])
    audit.record(
        act=f"topic {done.act} taken back", actor=by, target=topic, into=into.pk
    )
    return topic


def _unite(done: Rearrangement, topic: Topic, new: Topic, by: User) -> None:
    """The posts that got a topic of their own come home; that leads here."""
    if topic.hidden_at or new.hidden_at:
        raise NotHere
    new = take_all_marks(topic=new, numbers=range(1, new.last_number + 1), by=by)
    before = done.before
    numbers = dict(before["posts"])
    posts = list(new.posts.order_by("number"))
    first = min(numbers.values())
    for post in posts:
        if post.pk not in numbers:  # written since
            topic.last_number += 1
        post.topic, post.number = topic, numbers.get(post.pk, topic.last_number)
    Post.objects.bulk_update(posts, ["topic", "number"], batch_size=100)
    _answer_again(topic, before["answers"])
    topic.posts.filter(pk=before["note"]).update(hidden_at=timezone.now())
    new.hidden_at, new.pinned_at = timezone.now(), None
    new.merged_into, new.merged_at_number = topic, first
    Topic.objects.filter(merged_into=new).update(
        merged_into=topic, merged_at_number=first
    )
    settle(topic, new)


def _answer_again(topic: Topic, answers: list[list[int]]) -> None:
    numbers = {pk for pair in answers for pk in pair}
    here = set(topic.posts.filter(pk__in=numbers).values_list("pk", flat=True))
    found = [pair for pair in answers if here.issuperset(pair)]
    posts = [Post(pk=pk, reply_to_id=answered) for pk, answered in found]
    Post.objects.bulk_update(posts, ["reply_to"], batch_size=100)


def _part(done: Rearrangement, topic: Topic, into: Topic, by: User) -> None:
    """The merged topic is shown again, with the posts that came of it."""
    if topic.merged_into_id != into.pk or into.hidden_at:
        raise NotHere
    behind = done.before["behind"]
    last = behind + topic.last_number
    into = take_all_marks(topic=into, numbers=range(behind + 1, last + 1), by=by)
    came = into.posts.filter(number__gt=behind, number__lte=last)
    came.update(topic=topic, number=F("number") - behind)
    if into.last_number == last:  # nobody wrote since: no gap is left
        into.last_number = behind
        markers = ReadMarker.objects.filter(topic=into, last_number__gt=behind)
        markers.update(last_number=behind)
    topic.hidden_at = topic.merged_into = topic.merged_at_number = None
    settle(topic, into)
    Topic.objects.filter(pk__in=done.before["led_here"], merged_into=into).update(
        merged_into=topic, merged_at_number=F("merged_at_number") - behind
    )
    _unfollow(topic, into)
    tell(
        [topic.author_id],
        kind=Notification.Kind.TOPIC_MOVED,
        key=f"unmerged:{done.pk}",
        target=topic,
        actor=by,
    )


def _unfollow(topic: Topic, into: Topic) -> None:
    """Who followed the one only does not follow the other any more."""
    carried = TopicFollow.objects.filter(
        topic=topic,
        member=OuterRef("member"),
        stance=OuterRef("stance"),
        since=OuterRef("since"),
    )
    TopicFollow.objects.filter(Exists(carried), topic=into).delete()


def _mark_again(done: Rearrangement, topic: Topic) -> None:
    """The answers that were accepted are so again, by the same people."""
    if topic.kind != Topic.Kind.QUESTION:
        return
    marks: list[list[Any]] = done.before["marks"]
    for pk, role, by in marks:
        post = topic.posts.filter(pk=pk, hidden_at=None).first()
        member = User.objects.filter(pk=by, erased_at=None).first()
        if post and member:
            accept_answer(post=post, by=member, role=AcceptedAnswer.Role(role))
