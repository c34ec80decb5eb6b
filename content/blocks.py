"""The repeated parts of talk pages: rendered once for everybody, then kept.

A template marks with `{{ cut }}` where parts begin that not every reader gets.
What is kept are the parts; what is the viewer's own only chooses among them, so
that a page of posts costs one look into the cache and some joining of strings.
"""

from collections.abc import Iterable
from secrets import token_hex
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from community.lib.pages import Kept, cache_key
from content import access
from content.models import AcceptedAnswer, Post, Topic
from content.models.discussions import numbers_on, page_of, place_on_page
from content.services.reactions import counts_of
from content.services.reading import TopicFacts, TopicRow

Role = AcceptedAnswer.Role

_posts = Kept(most=200)  # pages of posts, some 40 KB each
_rows = Kept(most=5000)


class PostParts(NamedTuple):
    """A post's HTML in the order of its template."""

    number: int
    author_id: int
    is_accepted: bool
    checked_by: int | None
    new: str  # the line "new since your last visit" above it
    head: str
    like: str
    unlike: str
    edit: str
    vote: str
    voted_for: str
    voted_against: str
    accept: str
    unaccept: str
    check: str
    uncheck: str
    quote: str
    more: str
    tail: str


def posts_for(topic: TopicFacts, page: int, viewer: User) -> SafeString:
    """The posts of one page as this viewer gets them."""
    role = _role_of(viewer, topic)
    html: list[str] = []
    for parts in _parts_of(topic, page):
        html += _as_seen(parts, topic, viewer, role)
    return mark_safe("".join(html))  # noqa: S308 - made of rendered templates


def post_for(topic: TopicFacts, page: int, number: int, viewer: User) -> SafeString:
    """One post of that page, for an answer that replaces only it."""
    parts = next(it for it in _parts_of(topic, page) if it.number == number)
    html = _as_seen(parts, topic, viewer, _role_of(viewer, topic))
    return mark_safe("".join(html))  # noqa: S308


def rows_for(rows: list[TopicRow]) -> SafeString:
    """The lines of a topic list; those with news for the viewer say so."""
    html: list[str] = []
    for row, (head, unread, tail) in zip(rows, _parts_of_rows(rows), strict=True):
        html += [head, unread if row.has_news else "", tail]
    return mark_safe("".join(html))  # noqa: S308


def _role_of(viewer: User, topic: TopicFacts) -> Role | None:
    is_expert = topic.viewer_is_expert
    return access.role_in_accepting(viewer, topic.author_id, is_expert=is_expert)


def _as_seen(
    parts: PostParts, topic: TopicFacts, viewer: User, role: Role | None
) -> list[str]:
    html = [parts.head]
    if topic.read_to and parts.number == topic.read_to + 1:
        html.insert(0, parts.new)
    if viewer.pk:
        html += _actions(parts, topic, viewer, role)
    html.append(parts.tail)
    return html


def _actions(
    parts: PostParts, topic: TopicFacts, viewer: User, role: Role | None
) -> Iterable[str]:
    if parts.author_id == viewer.pk:
        yield parts.edit
    else:
        yield parts.unlike if parts.number in topic.liked else parts.like
        yield _vote(parts, topic)
    if role == Role.ASKER:
        yield parts.unaccept if parts.is_accepted else parts.accept
    elif role == Role.EXPERT:
        yield _check(parts, viewer)
    yield parts.quote
    yield parts.more


def _vote(parts: PostParts, topic: TopicFacts) -> str:
    if parts.number in topic.votes:
        return parts.voted_for
    return parts.voted_against if -parts.number in topic.votes else parts.vote


def _check(parts: PostParts, viewer: User) -> str:
    if parts.author_id == viewer.pk:
        return ""
    if parts.checked_by is None:
        return parts.check
    is_theirs = parts.checked_by == viewer.pk or viewer.is_operator
    return parts.uncheck if is_theirs else ""


def _parts_of(topic: TopicFacts, page: int) -> list[PostParts]:
    key = cache_key("posts", topic.pk, topic.revision, page)
    return _posts.get(
        key, lambda: [PostParts(*parts) for parts in _render_posts(topic.pk, page)]
    )


def _render_posts(topic_id: int, page: int) -> Iterable[tuple]:
    posts = list(
        Post.objects.filter(topic=topic_id, number__range=numbers_on(page))
        .select_related("topic", "author", "reply_to__author")
        .prefetch_related("marks__by")
        .order_by("number")
    )
    signs = counts_of(posts)
    for post in posts:
        marks = {mark.role: mark.by for mark in post.marks.all()}
        accepted_by, checked_by = marks.get(Role.ASKER), marks.get(Role.EXPERT)
        parts = _render_parts(
            "content/topics/_post.html",
            **_about(post),
            signs=signs[post.pk],
            is_accepted=bool(accepted_by),
            checked_by=checked_by,
        )
        checker_id = checked_by and checked_by.pk
        yield post.number, post.author_id, bool(accepted_by), checker_id, *parts


def _about(post: Post) -> dict[str, Any]:
    topic = post.topic
    is_answer = topic.kind == Topic.Kind.QUESTION and post.number > 1
    return {
        "post": post,
        "topic": topic,
        "is_answer": is_answer and not post.hidden_at,
        "votes": post.votes_cast,
        "is_open": not post.hidden_at and not topic.closed_at,
        "like_url": reverse("content:post_like", args=[post.pk]),
        "edit_url": reverse("content:post_edit", args=[post.pk]),
        "vote_url": reverse("content:answer_vote", args=[post.pk]),
        "accept_url": reverse("content:answer_accept", args=[post.pk]),
        "quote_url": f"?page={page_of(topic.last_number)}&quote={post.number}#reply",
        "post_url": f"/posts/{post.pk}/",
        "answered_url": post.reply_to and place_on_page(post.reply_to.number),
    }


def _parts_of_rows(rows: list[TopicRow]) -> list[list[str]]:
    topics = {cache_key("topic_row", row.pk, row.revision): row.pk for row in rows}

    def make(missing: list[str]) -> dict[str, Any]:
        found = Topic.objects.select_related("author").in_bulk(
            [topics[key] for key in missing]
        )
        return {key: _render_row(found[topics[key]]) for key in missing}

    kept = _rows.get_many(list(topics), make)
    return [kept[key] for key in topics]


def _render_row(topic: Topic) -> list[str]:
    return _render_parts(
        "content/topics/_row.html",
        topic=topic,
        unread_url=reverse("content:topic_unread", args=[topic.pk]),
    )


def _render_parts(template: str, **context: Any) -> list[str]:
    # Unguessable, because what members write stands between the cuts.
    cut = token_hex(16)
    return render_to_string(template, {**context, "cut": cut}).split(cut)
