"""What people do in topics.

Locks are always taken in this order: the writing member, then the topic. The
first makes a form sent twice and the pace of one member exact, the second gives
posts their numbers and keeps the counters true.
"""

import datetime as dt
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import Notification, Space, User, Verb
from accounts.services import notifications
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from community.lib import markdown
from content.errors import TooManyPosts, TopicClosed
from content.models import (
    AcceptedAnswer,
    AnswerVote,
    Item,
    Lesson,
    Post,
    PostLike,
    Topic,
)
from content.services import duties
from content.services.answers import recount_votes

Role = AcceptedAnswer.Role
TOLD = {
    Role.ASKER: Notification.Kind.ANSWER_ACCEPTED,
    Role.EXPERT: Notification.Kind.ANSWER_CHECKED,
}
POSTS_PER_MINUTE = 6
QUOTE_LENGTH = 600


@transaction.atomic
def start_topic(
    *,
    author: User,
    kind: str,
    title: str,
    body: str,
    space: Space | None = None,
    item: Item | None = None,
    lesson: Lesson | None = None,
    field: int | None = None,
    form_key: UUID | None = None,
) -> Topic:
    """Open a topic in a space, or under an item or one lesson of it; `body` becomes
    its first post. A question may name the field of knowledge it is in.

    The same form sent again returns the topic already there. Raises TooManyPosts.
    """
    hold_members(author.pk)
    key = _key_of(form_key, title + body)
    sent = _already_sent(author, key)
    if sent:
        return sent.topic
    _check_pace(author)

    topic = Topic.objects.create(
        author=author,
        kind=kind,
        title=title,
        space=space,
        item=item,
        lesson=lesson,
    )
    _add_post(topic, author, body, key)
    if kind == Topic.Kind.QUESTION:
        duties.begin(topic=topic, space=place_of(topic), field=field)
    record_activity(
        member=author, verb=Verb.TOPIC_STARTED, target=topic, space=place_of(topic)
    )
    return topic


@transaction.atomic
def reply(
    *,
    topic: Topic,
    author: User,
    body: str,
    reply_to: int | None = None,
    form_key: UUID | None = None,
) -> Post:
    """Add a post to the end of a topic, perhaps in answer to post `reply_to` of it.

    The same form sent again returns the post already there. Raises TopicClosed
    and TooManyPosts.
    """
    hold_members(author.pk)
    key = _key_of(form_key, body)
    sent = _already_sent(author, key)
    if sent:
        return sent
    topic = _hold(topic.pk)
    if topic.closed_at:
        raise TopicClosed
    _check_pace(author)

    answered = topic.posts.filter(number=reply_to or 0, hidden_at=None).first()
    post = _add_post(topic, author, body, key, answered)
    if topic.kind == Topic.Kind.QUESTION:
        duties.note_answer(post, topic.author_id)
    record_activity(
        member=author,
        verb=Verb.REPLIED,
        target=post,
        space=place_of(topic),
        topic=topic.pk,
        asker=topic.author_id,
    )
    return post


@transaction.atomic
def edit_post(*, post: Post, body: str, title: str | None = None) -> Post:
    """Change a post's text, and with the opening post also the topic's title."""
    topic = _hold(post.topic_id)
    post.refresh_from_db()
    new_title = title if title and post.number == 1 else topic.title
    if (body, new_title) == (post.body, topic.title):
        return post

    if body != post.body:
        post.body, post.body_html = body, markdown.render(body)
        post.edited_at = timezone.now()
        post.save(update_fields=["body", "body_html", "edited_at"])
    topic.title = new_title
    _changed(topic, "title")
    return post


@transaction.atomic
def accept_answer(*, post: Post, by: User, role: Role = Role.ASKER) -> Topic:
    """Mark `post` as an accepted answer of its question; return the question.

    A question may have several, and an answer may be accepted by who asked and by an
    expert. For its author it is accepted once, by the first mark: marking it twice
    records nothing. The activity names who accepted and who asked: an answer of one's
    own is accepted, but earns nothing.
    """
    topic = _hold(post.topic_id)
    post.refresh_from_db(fields=["hidden_at"])
    if post.hidden_at or post.marks.filter(role=role).exists():
        return topic
    is_first = not post.marks.exists()
    post.marks.create(role=role, by=by)
    _answers_changed(topic)
    if is_first:
        _record_answer(Verb.ANSWER_ACCEPTED, post, topic, by)
    notifications.tell(
        [post.author_id],
        kind=TOLD[role],
        key=f"{TOLD[role]}:{post.pk}",
        target=post,
        actor=by,
    )
    return topic


@transaction.atomic
def unaccept_answer(*, post: Post, by: User, role: Role = Role.ASKER) -> Topic:
    """Take one mark back; with the last one, the answer is no longer accepted."""
    topic = _hold(post.topic_id)
    _take_marks(post.marks.filter(role=role), post, topic, by)
    return topic


def _take_marks(
    marks: QuerySet[AcceptedAnswer], post: Post, topic: Topic, by: User
) -> None:
    taken, _ = marks.delete()
    if not taken:
        return
    _answers_changed(topic)
    if not post.marks.exists():
        _record_answer(Verb.ANSWER_UNACCEPTED, post, topic, by)


def _answers_changed(topic: Topic) -> None:
    marks = AcceptedAnswer.objects.filter(post__topic=topic)
    topic.is_answered = marks.exists()
    _changed(topic, "is_answered")


@transaction.atomic
def like_post(*, post: Post, by: User) -> None:
    """Thank the author of a post; thanking twice counts once."""
    topic = _hold(post.topic_id)
    _, new = PostLike.objects.get_or_create(post=post, member=by)
    if not new:
        return
    Post.objects.filter(pk=post.pk).update(like_count=F("like_count") + 1)
    _changed(topic)
    record_activity(member=by, verb=Verb.LIKED, target=post, space=place_of(topic))


@transaction.atomic
def unlike_post(*, post: Post, by: User) -> None:
    topic = _hold(post.topic_id)
    gone, _ = PostLike.objects.filter(post=post, member=by).delete()
    if gone:
        Post.objects.filter(pk=post.pk).update(like_count=F("like_count") - 1)
        _changed(topic)


@transaction.atomic
def vote_on_answer(*, post: Post, by: User, is_helpful: bool | None) -> None:
    """Say that an answer helps or does not, change one's mind, or (None) say nothing.

    One member has one vote.
    """
    topic = _hold(post.topic_id)
    mine = AnswerVote.objects.filter(post=post, member=by)
    if is_helpful == mine.values_list("is_helpful", flat=True).first():
        return
    if is_helpful is None:
        mine.delete()
    else:
        AnswerVote.objects.update_or_create(
            post=post, member=by, defaults={"is_helpful": is_helpful}
        )
    recount_votes([post.pk])
    _changed(topic)


def mark_read(*, member_id: int, topic_id: int, last_number: int) -> None:
    """Remember how far a member has read; never goes backwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO content_readmarker (member_id, topic_id, last_number)
            VALUES (%s, %s, %s)
            ON CONFLICT (member_id, topic_id)
            DO UPDATE SET last_number = excluded.last_number
            WHERE content_readmarker.last_number < excluded.last_number
            """,
            [member_id, topic_id, last_number],
        )


@transaction.atomic
def close_topic(*, topic: Topic) -> None:
    topic = _hold(topic.pk)
    if not topic.closed_at:
        topic.closed_at = timezone.now()
        _changed(topic, "closed_at")


@transaction.atomic
def reopen_topic(*, topic: Topic) -> None:
    topic = _hold(topic.pk)
    if topic.closed_at:
        topic.closed_at = None
        _changed(topic, "closed_at")


@transaction.atomic
def hide_topic(*, topic: Topic, reason: str) -> None:
    topic = _hold(topic.pk)
    topic.hidden_at = topic.hidden_at or timezone.now()
    topic.hidden_reason = reason
    _changed(topic, "hidden_at", "hidden_reason")


@transaction.atomic
def unhide_topic(*, topic: Topic) -> None:
    topic = _hold(topic.pk)
    topic.hidden_at, topic.hidden_reason = None, ""
    _changed(topic, "hidden_at", "hidden_reason")


@transaction.atomic
def hide_post(*, post: Post, reason: str, by: User) -> None:
    """Take a post's text away from readers; its place and number stay.

    A hidden answer is no answer: it loses its marks.
    """
    topic = _hold(post.topic_id)
    _take_marks(post.marks.all(), post, topic, by)
    post.refresh_from_db()
    if post.hidden_at is None and post.number > 1:
        topic.reply_count -= 1
    post.hidden_at = post.hidden_at or timezone.now()
    post.hidden_reason = reason
    post.save(update_fields=["hidden_at", "hidden_reason"])
    _changed(topic, "reply_count")


@transaction.atomic
def unhide_post(*, post: Post) -> None:
    topic = _hold(post.topic_id)
    post.refresh_from_db()
    if post.hidden_at is None:
        return
    if post.number > 1:
        topic.reply_count += 1
    post.hidden_at, post.hidden_reason = None, ""
    post.save(update_fields=["hidden_at", "hidden_reason"])
    _changed(topic, "reply_count")


def show_author_anew(member_id: int) -> None:
    """What is cached of a topic names its authors, and the experts who checked them:
    let it be made again."""
    named = Post.objects.filter(Q(author=member_id) | Q(marks__by=member_id))
    named_in = named.values("topic")
    Topic.objects.filter(pk__in=named_in).update(revision=F("revision") + 1)


def quotation(*, topic_id: int, number: int) -> str:
    """A post as Markdown quotes it, cut where a quote becomes a copy."""
    post = Post.objects.filter(topic=topic_id, number=number, hidden_at=None).first()
    if post is None:
        return ""
    words = Truncator(post.body).chars(QUOTE_LENGTH)
    return "".join(f"> {line}\n" for line in words.splitlines()) + "\n"


def place_of(topic: Topic) -> Space | None:
    """The space a topic belongs to, directly or through its item."""
    return topic.item.space if topic.item else topic.space


def _hold(topic_id: int) -> Topic:
    return Topic.objects.select_for_update(no_key=True).get(pk=topic_id)


def _key_of(form_key: UUID | None, text: str) -> UUID | None:
    """Text and form together: going back and writing something else is new."""
    return uuid5(form_key, text) if form_key else None


def _already_sent(author: User, key: UUID | None) -> Post | None:
    if key is None:
        return None
    return author.posts.filter(form_key=key).select_related("topic").first()


def _check_pace(author: User) -> None:
    minute_ago = timezone.now() - dt.timedelta(minutes=1)
    if author.posts.filter(created_at__gt=minute_ago).count() >= POSTS_PER_MINUTE:
        raise TooManyPosts


def _add_post(
    topic: Topic,
    author: User,
    body: str,
    key: UUID | None,
    reply_to: Post | None = None,
) -> Post:
    topic.last_number += 1
    post = Post.objects.create(
        topic=topic,
        number=topic.last_number,
        author=author,
        body=body,
        body_html=markdown.render(body),
        reply_to=reply_to,
        form_key=key,
    )
    if post.number > 1:
        topic.reply_count += 1
    topic.last_post_at = post.created_at
    _changed(topic, "last_number", "reply_count", "last_post_at")
    # Nobody has to read what they wrote themselves.
    mark_read(member_id=author.pk, topic_id=topic.pk, last_number=post.number)
    return post


def _changed(topic: Topic, *fields: str) -> None:
    """Save these fields of a held topic, under a new revision."""
    topic.revision += 1
    topic.save(update_fields=["revision", *fields])


def _record_answer(verb: Verb, answer: Post, topic: Topic, by: User) -> None:
    record_activity(
        member=answer.author,
        verb=verb,
        target=answer,
        space=place_of(topic),
        topic=topic.pk,
        asker=topic.author_id,
        by=by.pk,
    )
