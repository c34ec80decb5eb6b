"""What people do in topics.

Locks are always taken in this order: the writing member, then the topic. The
first makes a form sent twice and the pace of one member exact, the second gives
posts their numbers and keeps the counters true.
"""

import datetime as dt
from collections.abc import Iterable
from math import ceil
from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import Notification, Space, User, Verb
from accounts.services import news, notifications, robots
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from community.lib.markdown import escaped
from content.errors import ChangedMeanwhile, TooManyPosts, TooSoon, TopicClosed
from content.models import (
    AcceptedAnswer,
    AnswerVote,
    Item,
    Lesson,
    Poll,
    Post,
    PostLike,
    PostRevision,
    Reaction,
    Topic,
)
from content.models.discussions import place_of
from content.services import duties, following, mentions, post_files
from content.services.answers import recount_votes
from content.services.guides import is_guide_of
from content.services.polls import add_poll
from content.services.texts import fingerprint

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
    link: str = "",
    tell_everyone: bool = False,
    field: int | None = None,
    form_key: UUID | None = None,
    poll: dict[str, Any] | None = None,
    is_paced: bool = True,
) -> Topic:
    """Open a topic in a space, or under an item or one lesson of it; `body` becomes
    its first post. A share has a `link`; `tell_everyone` tells all of the space.
    `poll` are the terms of the poll in it, see `polls.add_poll`. A question may name
    the field of knowledge it is in.

    The same form sent again returns the topic already there. Raises TooManyPosts,
    but not of what waited until now and is not paced by its author.
    """
    from content import tasks

    hold_members(author.pk)
    key = _key_of(form_key, title + body)
    sent = _already_sent(author, key)
    if sent:
        return sent.topic
    if is_paced:
        _check_pace(author)

    topic = Topic.objects.create(
        author=author,
        kind=kind,
        title=title,
        space=space,
        item=item,
        lesson=lesson,
        link=link if kind == Topic.Kind.SHARE else "",
    )
    if poll:
        add_poll(topic=topic, **poll)
    add_post(topic, author, body, key)
    if kind == Topic.Kind.QUESTION:
        duties.begin(topic=topic, space=place_of(topic), field=field)
    record_activity(
        member=author, verb=Verb.TOPIC_STARTED, target=topic, space=place_of(topic)
    )
    robots.tell(
        target=topic,
        space_id=topic.space_id,
        is_announcement=topic.kind == Topic.Kind.ANNOUNCEMENT,
    )
    tasks.tell_of_topic.delay_on_commit(topic.pk, everyone=tell_everyone)
    return topic


@transaction.atomic
def reply(
    *,
    topic: Topic,
    author: User,
    body: str,
    reply_to: int | None = None,
    form_key: UUID | None = None,
    is_paced: bool = True,
) -> Post:
    """Add a post to the end of a topic, perhaps in answer to post `reply_to` of it.

    The same form sent again returns the post already there. Raises TopicClosed,
    TooManyPosts and, in slow mode, TooSoon.
    """
    from content import tasks

    hold_members(author.pk)
    key = _key_of(form_key, body)
    sent = _already_sent(author, key)
    if sent:
        return sent
    topic = hold(topic.pk)
    if topic.closed_at:
        raise TopicClosed
    if is_paced:
        _check_pace(author)
        check_slow_mode(topic, author)

    answered = topic.posts.filter(number=reply_to or 0, hidden_at=None).first()
    post = add_post(topic, author, body, key, answered)
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
    tasks.tell_of_reply.delay_on_commit(post.pk)
    return post


def texts_of(post: Post) -> dict[str, str]:
    """What its author may change of it: of an opening post, the title too."""
    texts = {"body": post.body}
    return {"title": post.topic.title, **texts} if post.number == 1 else texts


def base_of(post: Post) -> str:
    """Names what it says now: an edit tells from which state it began."""
    return fingerprint(texts_of(post))


@transaction.atomic
def edit_post(
    *,
    post: Post,
    body: str,
    title: str | None = None,
    kind: str = "",
    link: str = "",
    base: str = "",
) -> Post:
    """Change a post's text, and with the opening post also the topic's title, kind and
    link. An answered question stays one. What it said before is kept.

    Raises ChangedMeanwhile, with the texts as they are, when it says something else
    by now than the state `base` that the edit began from.
    """
    topic = hold(post.topic_id)
    post.refresh_from_db()
    post.topic = topic
    new = _new_of_topic(topic, title, kind, link) if post.number == 1 else {}
    if body == post.body and not new:
        return post
    if base and base != base_of(post):
        raise ChangedMeanwhile(texts_of(post))

    _keep_revision(post)
    if body != post.body:
        post.body, post.body_html = body, mentions.render(body)
        post_files.attach(post)
        mentions.tell_mentioned(post)
    post.edited_at = timezone.now()
    post.save(update_fields=["body", "body_html", "edited_at"])
    for name, value in new.items():
        setattr(topic, name, value)
    changed(topic, *new)
    return post


def _new_of_topic(
    topic: Topic, title: str | None, kind: str, link: str
) -> dict[str, str]:
    """What its author says of it otherwise than until now."""
    said = {"title": title or topic.title}
    if kind and not topic.is_answered:
        said |= {"kind": kind, "link": link if kind == Topic.Kind.SHARE else ""}
    return {name: it for name, it in said.items() if it != getattr(topic, name)}


def _keep_revision(post: Post) -> None:
    """Its topic is held."""
    last = post.revisions.first()
    PostRevision.objects.create(
        post=post, number=last.number + 1 if last else 1, **texts_of(post)
    )


@transaction.atomic
def hide_revision(*, revision: PostRevision, by: User) -> None:
    """Take an earlier text away from readers; operators see it, marked as hidden."""
    PostRevision.objects.filter(pk=revision.pk, hidden_at=None).update(
        hidden_at=timezone.now(), hidden_by=by
    )


@transaction.atomic
def show_revision(*, revision: PostRevision) -> None:
    PostRevision.objects.filter(pk=revision.pk).update(hidden_at=None, hidden_by=None)


@transaction.atomic
def accept_answer(*, post: Post, by: User, role: Role = Role.ASKER) -> Topic:
    """Mark `post` as an accepted answer of its question; return the question.

    A question may have several, and an answer may be accepted by who asked and by an
    expert. For its author it is accepted once, by the first mark: marking it twice
    records nothing. The activity names who accepted and who asked: an answer of one's
    own is accepted, but earns nothing.
    """
    topic = hold(post.topic_id)
    post.refresh_from_db(fields=["hidden_at"])
    if post.hidden_at or post.marks.filter(role=role).exists():
        return topic
    is_first = not post.marks.exists()
    post.marks.create(role=role, by=by)
    _answers_changed(topic)
    if is_first:
        _record_answer(Verb.ANSWER_ACCEPTED, post, topic, by)
    if role == Role.ASKER:
        _record_answer(Verb.ANSWER_CHOSEN, post, topic, by)
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
    topic = hold(post.topic_id)
    _take_marks(post.marks.filter(role=role), post, topic, by)
    return topic


@transaction.atomic
def take_all_marks(*, topic: Topic, numbers: Iterable[int], by: User) -> Topic:
    """Posts that go elsewhere are no accepted answers any more; return the topic."""
    topic = hold(topic.pk)
    for post in topic.posts.filter(number__in=numbers, marks__isnull=False).distinct():
        _take_marks(post.marks.all(), post, topic, by)
    return topic


def _take_marks(
    marks: QuerySet[AcceptedAnswer], post: Post, topic: Topic, by: User
) -> None:
    is_chosen = marks.filter(role=Role.ASKER).exists()
    taken, _ = marks.delete()
    if not taken:
        return
    _answers_changed(topic)
    if is_chosen:
        _record_answer(Verb.ANSWER_UNCHOSEN, post, topic, by)
    if not post.marks.exists():
        _record_answer(Verb.ANSWER_UNACCEPTED, post, topic, by)


def _answers_changed(topic: Topic) -> None:
    marked = topic.posts.filter(marks__isnull=False)
    by_role = marked.annotate(first=Min("marks__role")).order_by("first", "number")
    topic.accepted = list(by_role.values_list("number", flat=True))
    topic.is_answered = bool(topic.accepted)
    changed(topic, "accepted", "is_answered")


@transaction.atomic
def like_post(*, post: Post, by: User) -> None:
    """Thank the author of a post; thanking twice counts once."""
    topic = hold(post.topic_id)
    _, new = PostLike.objects.get_or_create(post=post, member=by)
    if not new:
        return
    Post.objects.filter(pk=post.pk).update(like_count=F("like_count") + 1)
    changed(topic)
    record_activity(member=by, verb=Verb.LIKED, target=post, space=place_of(topic))


@transaction.atomic
def unlike_post(*, post: Post, by: User) -> None:
    topic = hold(post.topic_id)
    gone, _ = PostLike.objects.filter(post=post, member=by).delete()
    if gone:
        Post.objects.filter(pk=post.pk).update(like_count=F("like_count") - 1)
        changed(topic)


@transaction.atomic
def react(*, post: Post, kind: Reaction.Kind, by: User) -> None:
    """Set one's sign under a post; twice is once."""
    topic = hold(post.topic_id)
    _, new = Reaction.objects.get_or_create(post=post, member=by, kind=kind)
    if not new:
        return
    changed(topic)
    record_activity(member=by, verb=Verb.REACTED, target=post, space=place_of(topic))


@transaction.atomic
def take_back_reaction(*, post: Post, kind: Reaction.Kind, by: User) -> None:
    topic = hold(post.topic_id)
    gone, _ = Reaction.objects.filter(post=post, member=by, kind=kind).delete()
    if gone:
        changed(topic)


@transaction.atomic
def vote_on_answer(*, post: Post, by: User, is_helpful: bool | None) -> None:
    """Say that an answer helps or does not, change one's mind, or (None) say nothing.

    One member has one vote.
    """
    topic = hold(post.topic_id)
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
    changed(topic)


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


def hear_of(member: User | AnonymousUser, topic_id: int, last_number: int) -> None:
    """Who sees a topic's posts down to this number needs no more news of them."""
    if member.is_authenticated and member.unread_news:
        posts = Post.objects.filter(topic=topic_id, number__lte=last_number)
        polls = Poll.objects.filter(topic=topic_id)
        news.read_about(
            member, topic=[topic_id], post=posts.values("pk"), poll=polls.values("pk")
        )


def topics_shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """How news name the topics of these numbers that the member may read."""
    topics = Topic.objects.visible_to(member).filter(pk__in=numbers, hidden_at=None)
    return {topic.pk: (topic.title, topic.get_absolute_url()) for topic in topics}


def posts_shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """The same for posts: by the topic they are in."""
    posts = Post.objects.filter(
        pk__in=numbers,
        hidden_at=None,
        topic__hidden_at=None,
        topic__in=Topic.objects.visible_to(member),
    ).select_related("topic")
    return {post.pk: (post.topic.title, post.get_absolute_url()) for post in posts}


@transaction.atomic
def close_topic(*, topic: Topic, reason: str = "") -> None:
    """Nobody writes in it any more; closed again, it is for the new reason given."""
    topic = hold(topic.pk)
    if topic.closed_at and reason in ("", topic.closed_reason):
        return
    topic.closed_at = topic.closed_at or timezone.now()
    topic.closed_reason = reason
    changed(topic, "closed_at", "closed_reason")


@transaction.atomic
def reopen_topic(*, topic: Topic) -> None:
    topic = hold(topic.pk)
    if topic.closed_at:
        topic.closed_at, topic.closed_reason = None, ""
        changed(topic, "closed_at", "closed_reason")


@transaction.atomic
def hide_topic(*, topic: Topic, reason: str) -> None:
    topic = hold(topic.pk)
    if topic.hidden_at is None:
        _record_removal(Verb.TOPIC_REMOVED, topic, topic)
    topic.hidden_at = topic.hidden_at or timezone.now()
    topic.hidden_reason = reason
    changed(topic, "hidden_at", "hidden_reason")


@transaction.atomic
def unhide_topic(*, topic: Topic) -> None:
    """Not one whose posts stand elsewhere: there is nothing to show."""
    topic = hold(topic.pk)
    if topic.merged_into_id:
        return
    if topic.hidden_at:
        _record_removal(Verb.TOPIC_RESTORED, topic, topic)
    topic.hidden_at, topic.hidden_reason = None, ""
    changed(topic, "hidden_at", "hidden_reason")


@transaction.atomic
def hide_post(*, post: Post, reason: str, by: User) -> None:
    """Take a post's text away from readers; its place and number stay.

    A hidden answer is no answer: it loses its marks.
    """
    topic = hold(post.topic_id)
    _take_marks(post.marks.all(), post, topic, by)
    post.refresh_from_db()
    if post.hidden_at is None:
        _record_removal(Verb.POST_REMOVED, post, topic)
        topic.reply_count -= post.number > 1
    post.hidden_at = post.hidden_at or timezone.now()
    post.hidden_reason = reason
    post.save(update_fields=["hidden_at", "hidden_reason"])
    changed(topic, "reply_count")


@transaction.atomic
def unhide_post(*, post: Post) -> None:
    topic = hold(post.topic_id)
    post.refresh_from_db()
    if post.hidden_at is None:
        return
    _record_removal(Verb.POST_RESTORED, post, topic)
    if post.number > 1:
        topic.reply_count += 1
    post.hidden_at, post.hidden_reason = None, ""
    post.save(update_fields=["hidden_at", "hidden_reason"])
    changed(topic, "reply_count")


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
    return _quoted(post.body)


def quotation_of(post: Post) -> str:
    """The same with who said it and where, for elsewhere."""
    name = escaped(str(post.author))
    return f"> [{name}]({post.get_absolute_url()}):\n>\n{_quoted(post.body)}"


def _quoted(text: str) -> str:
    words = Truncator(text).chars(QUOTE_LENGTH)
    return "".join(f"> {line}\n" for line in words.splitlines()) + "\n"


def sent_before(author: User, form_key: UUID | None, text: str) -> Post | None:
    """What this form has posted already."""
    return _already_sent(author, _key_of(form_key, text))


def hold(topic_id: int) -> Topic:
    """The topic as it is now, and stays until the transaction ends."""
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


def check_slow_mode(topic: Topic, author: User) -> None:
    """In slow mode one waits between one's posts; not who keeps order here."""
    if not topic.slow_seconds:
        return
    space = place_of(topic)
    if is_guide_of(author, space.pk if space else None):
        return
    since = timezone.now() - dt.timedelta(seconds=topic.slow_seconds)
    mine = topic.posts.filter(author=author, created_at__gt=since)
    last = mine.order_by("-created_at").first()
    if last:
        raise TooSoon(seconds=ceil((last.created_at - since).total_seconds()))


def add_post(
    topic: Topic,
    author: User,
    body: str,
    key: UUID | None = None,
    reply_to: Post | None = None,
) -> Post:
    """Write the next post of a held topic."""
    topic.last_number += 1
    post = Post.objects.create(
        topic=topic,
        number=topic.last_number,
        author=author,
        body=body,
        body_html=mentions.render(body),
        reply_to=reply_to,
        form_key=key,
    )
    if post.number > 1:
        topic.reply_count += 1
    topic.last_post_at = post.created_at
    changed(topic, "last_number", "reply_count", "last_post_at")
    # Nobody has to read what they wrote themselves.
    mark_read(member_id=author.pk, topic_id=topic.pk, last_number=post.number)
    following.follow_as_writer(topic=topic, member=author)
    post_files.attach(post)
    mentions.tell_mentioned(post)
    return post


def changed(topic: Topic, *fields: str) -> None:
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


def _record_removal(verb: Verb, what: Post | Topic, topic: Topic) -> None:
    """What was earned with it goes and comes with it; nobody else did anything."""
    if what.author:
        record_activity(
            member=what.author, verb=verb, target=what, space=place_of(topic)
        )
