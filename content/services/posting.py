"""The way in for what members write: posted, or held until somebody has looked.

What is held is a Case with the arguments of the service that posts it, so everything
given here must be words, numbers, or rows that a Case names. The author's row is the
lock, as in `discussions`.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import Muted
from accounts.models import Space, User
from accounts.services import rules
from accounts.services.members import hold_members
from content.errors import NeedsALook, RulesNotAgreed, TooManyPosts, TopicClosed
from content.models import (
    Case,
    Item,
    Lesson,
    LiveMessage,
    LiveQuestion,
    Poll,
    Post,
    Theme,
    ThemeWeek,
    Topic,
)
from content.services import checks, discussions, polls, reports, themes
from content.services.checks import Reason, Text

What = Case.What

MOST_WAITING = 30  # of one member


@transaction.atomic
def post_topic(
    *,
    author: User,
    kind: str,
    title: str,
    body: str,
    space: Space | None = None,
    item: Item | None = None,
    lesson: Lesson | None = None,
    form_key: UUID | None = None,
    agrees: bool = False,
    **more: Any,
) -> Topic | Case:
    """Open a topic as `discussions.start_topic` does, or hold it.

    `agrees` says that its author agrees to the rules as they stand now. Raises Muted,
    RulesNotAgreed and TooManyPosts.
    """
    _check_author(author, agrees=agrees)
    hold_members(author.pk)
    sent = _sent_before(author, form_key, title + body)
    if sent:
        return sent if isinstance(sent, Case) else sent.topic

    where = item.space if item else space
    text = Text(author, where, title, body, beside=checks.beside(more))
    reasons = checks.reasons_to_hold(text)
    if reasons:
        arguments = {"kind": kind, "title": title, "body": body, **more}
        if lesson:
            arguments["lesson"] = lesson.pk
        place = {"space": text.space, "item": item}
        return _hold(What.TOPIC, text, reasons, arguments, form_key, **place)
    topic = discussions.start_topic(
        author=author,
        kind=kind,
        title=title,
        body=body,
        space=space,
        item=item,
        lesson=lesson,
        form_key=form_key,
        **more,
    )
    _posted(text, topic.posts.get(number=1))
    return topic


@transaction.atomic
def post_reply(
    *,
    topic: Topic,
    author: User,
    body: str,
    form_key: UUID | None = None,
    agrees: bool = False,
    **more: Any,
) -> Post | Case:
    """Reply as `discussions.reply` does, or hold the reply.

    Raises Muted, RulesNotAgreed, TopicClosed, TooSoon and TooManyPosts.
    """
    _check_author(author, agrees=agrees)
    hold_members(author.pk)
    sent = _sent_before(author, form_key, body)
    if sent:
        return sent
    if topic.closed_at:
        raise TopicClosed
    discussions.check_slow_mode(topic, author)

    text = Text(author, discussions.place_of(topic), "", body)
    reasons = checks.reasons_to_hold(text)
    if reasons:
        place = {"space": text.space, "item": topic.item, "topic": topic}
        arguments = {"body": body, **more}
        return _hold(What.REPLY, text, reasons, arguments, form_key, **place)
    post = discussions.reply(
        topic=topic, author=author, body=body, form_key=form_key, **more
    )
    _posted(text, post)
    return post


@transaction.atomic
def change_post(
    *,
    post: Post,
    author: User,
    body: str,
    title: str | None = None,
    base: str = "",
    form_key: UUID | None = None,
    **more: Any,
) -> Post | Case:
    """Change a post as `discussions.edit_post` does, or hold the change: until it is
    let through the old text stands. A later change takes the place of a held one.

    The same text twice is one change, whatever its `form_key`. Raises Muted, and
    ChangedMeanwhile as `edit_post` does with `base`.
    """
    if author.is_muted:
        raise Muted
    hold_members(post.author_id)
    topic = post.topic
    title = title if title and post.number == 1 else ""
    old_title = topic.title if post.number == 1 else ""
    text = Text(
        post.author,
        discussions.place_of(topic),
        title,
        body,
        before=(old_title, post.body, topic.link),
        beside=checks.beside(more),
    )
    waiting = post.cases.filter(what=What.EDIT, closed_at=None)
    waiting.update(outcome=Case.Outcome.WITHDRAWN, closed_at=timezone.now())
    said = (title or old_title, body, more.get("link") or topic.link)
    is_same = said == (old_title, post.body, topic.link)
    reasons = [] if is_same else checks.reasons_to_hold(text)
    if reasons:
        arguments = {"body": body, "title": title, **more}
        place = {"space": text.space, "item": topic.item, "topic": topic, "post": post}
        return _hold(What.EDIT, text, reasons, arguments, None, **place)
    # Before the topic is held: whoever reports a post holds its case first, too.
    _flag(text, post)
    return discussions.edit_post(
        post=post, body=body, title=title or None, base=base, **more
    )


@transaction.atomic
def change_poll(*, poll: Poll, by: User, closes_at: str | None, **terms: Any) -> Poll:
    """Change a poll as `polls.change_poll` does. A poll that is in the talk is read by
    the same checks as a post; of one in a lesson, only the words are.

    Raises Muted, NeedsALook, PollOver and PollChanged.
    """
    topic = poll.topic
    if topic is None and terms:
        _check_words(by, "", "", before=(poll.question, *poll.choices), poll=terms)
    if topic is None or not terms:
        return polls.change_poll(poll=poll, closes_at=closes_at, **terms)
    if by.is_muted:
        raise Muted
    hold_members(by.pk)
    opening = topic.posts.get(number=1)
    text = Text(
        by,
        discussions.place_of(topic),
        "",
        "",
        before=(topic.title, opening.body, *poll.choices),
        beside=checks.beside({"poll": terms}),
    )
    if terms.get("choices") != poll.choices:
        _check_at_once(text)
    poll = polls.change_poll(poll=poll, closes_at=closes_at, **terms)
    _flag(text, opening)
    return poll


@transaction.atomic
def propose_theme(
    *, by: User, title: str, why: str, form_key: UUID | None = None
) -> Theme:
    """Propose a theme as `themes.propose` does. All members see it at once, so nobody
    could look at it before: what would wait as a post is refused.

    Raises Muted, NeedsALook and TooManyThemes.
    """
    if by.is_muted:
        raise Muted
    hold_members(by.pk)
    text = Text(by, None, title, why)
    is_sent = form_key and by.themes.filter(form_key=form_key).exists()
    if not is_sent:
        _check_at_once(text)
        checks.leave_trace(text)
    return themes.propose(by=by, title=title, why=why, form_key=form_key)


def ask_in_lesson(*, lesson: Lesson, by: User, **terms: Any) -> Poll:
    """Ask as `polls.add_poll` does: no editor reads it first, but words are looked at.
    Raises NeedsALook."""
    _check_words(by, "", "", poll=terms)
    return polls.add_poll(lesson=lesson, **terms)


@transaction.atomic
def summarise_week(*, week: ThemeWeek, by: User, title: str, body: str) -> Topic:
    """Sum a themed week up as `themes.summarise` does. Its host speaks for the house:
    only words and links can stop it. Raises NeedsALook and TooManyPosts."""
    if week.summary:
        return week.summary
    text = _check_words(by, title, body)
    summary = themes.summarise(week=week, by=by, title=title, body=body)
    _flag(text, summary.posts.get(number=1))
    return summary


def _check_words(
    by: User, title: str, body: str, before: tuple[str, ...] | None = None, **more: Any
) -> Text:
    text = Text(by, None, title, body, before=before, beside=checks.beside(more))
    if reasons := checks.not_to_be_said(text):
        raise NeedsALook(reasons)
    return text


def hold_line(
    *, line: LiveMessage | LiveQuestion, text: Text, reasons: list[Reason]
) -> Case:
    """A line in a live room, which was just written and is hidden. Raises
    TooManyPosts."""
    is_message = isinstance(line, LiveMessage)
    place = {"space": text.space, "message" if is_message else "question": line}
    arguments = {"body": line.body}
    return _hold(What.SAID, text, reasons, arguments, line.form_key, **place)


def _check_at_once(text: Text) -> None:
    reasons = checks.reasons_to_hold(text)
    if reasons:
        raise NeedsALook(reasons)


def _check_author(author: User, *, agrees: bool) -> None:
    if author.is_muted:
        raise Muted
    if not rules.must_agree(author):
        return
    if not agrees:
        raise RulesNotAgreed
    rules.agree(member=author)


def _sent_before(author: User, form_key: UUID | None, text: str) -> Post | Case | None:
    if form_key is None:
        return None
    held = author.cases.filter(form_key=form_key).first()
    return held or discussions.sent_before(author, form_key, text)


def _hold(
    what: str,
    text: Text,
    reasons: list[Reason],
    arguments: dict[str, Any],
    form_key: UUID | None,
    **place: Any,
) -> Case:
    """Raises TooManyPosts from somebody who has very much waiting already."""
    waiting = text.author.cases.filter(closed_at=None)
    if waiting[:MOST_WAITING].count() >= MOST_WAITING:
        raise TooManyPosts
    case = Case.objects.create(
        what=what,
        author=text.author,
        arguments=arguments,
        reasons=reasons,
        form_key=form_key,
        **place,
    )
    if what not in {What.EDIT, What.SAID}:
        checks.leave_trace(text)
    codes = {reason["code"] for reason in reasons}
    if codes & {"burst", "rush"}:
        reports.hide_the_storm_soon(whole="burst" in codes)
    return case


def _posted(text: Text, post: Post) -> None:
    checks.leave_trace(text, post=post)
    _flag(text, post)


def _flag(text: Text, post: Post) -> None:
    """What was posted all the same, and is to be looked at."""
    if checks.guides(text.author):
        return
    words = checks.flagged_words(text)
    if words:
        said = ", ".join(dict.fromkeys(words))
        reports.flag(post=post, reason=reports.Reason.WORD, words=said)
