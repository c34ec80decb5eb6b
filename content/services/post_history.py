"""How a post came to say what it says."""

import datetime as dt
from dataclasses import dataclass

from community.lib.differences import Line, lines_changed
from content.models import Post, PostRevision

MOST_SHOWN = 20  # the latest


@dataclass(frozen=True)
class Edit:
    """One edit: when, what it changed, and the text that it replaced."""

    at: dt.datetime
    replaced: PostRevision
    title_lines: list[Line]
    lines: list[Line]


def edits_of(post: Post, *, with_hidden: bool) -> list[Edit]:
    """The latest first. Around a hidden text its neighbours are compared instead,
    so that nothing of it is told."""
    found = (
        post.revisions.all() if with_hidden else post.revisions.filter(hidden_at=None)
    )
    title, body = post.topic.title, post.body
    edits = []
    for old in found[:MOST_SHOWN]:
        title_lines = lines_changed(old.title, title) if post.number == 1 else []
        lines = lines_changed(old.body, body)
        edits.append(Edit(old.replaced_at, old, title_lines, lines))
        title, body = old.title, old.body
    return edits
