"""Rendering anew what an older renderer made: what it let through is shown no more."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import models

from accounts.models import PolicyVersion
from community.lib import markdown
from content.models import (
    Assignment,
    Challenge,
    Event,
    EventOutcome,
    HandedIn,
    Item,
    Lesson,
    Post,
    Question,
    Rendering,
)
from content.services import items, mentions
from content.services.articles import render_article

BATCH = 500
Says = dict[str, str]  # what each field shows


def _of_item(item: Item) -> Says:
    items.render(item)
    names = ("description_html", "body_html", "preview_html")
    return {name: getattr(item, name) for name in names}


class Kept(NamedTuple):
    """Of what fields a row's shown ones are made, and how."""

    sources: tuple[str, ...]
    shown: Callable[[Any], Says]


KEPT: dict[type[models.Model], Kept] = {
    Item: Kept(("description", "body"), _of_item),
    Lesson: Kept(("body",), lambda it: {"body_html": render_article(it.body)}),
    Post: Kept(("body",), lambda it: {"body_html": mentions.render(it.body)}),
    Question: Kept(("text",), lambda it: {"text_html": markdown.render(it.text)}),
    Assignment: Kept(("task",), lambda it: {"task_html": markdown.render(it.task)}),
    HandedIn: Kept(("text",), lambda it: {"text_html": markdown.render(it.text)}),
    Challenge: Kept(("body",), lambda it: {"body_html": markdown.render(it.body)}),
    EventOutcome: Kept(
        ("notes",), lambda it: {"notes_html": markdown.render(it.notes)}
    ),
    Event: Kept(("body",), lambda it: {"body_html": markdown.render(it.body)}),
    PolicyVersion: Kept(("body",), lambda it: {"body_html": markdown.render(it.body)}),
}


def render_old() -> int:
    """Every text that an older version rendered; how many are shown otherwise now.

    Batch by batch: killed, it goes on with the one where it was.
    """
    return sum(_render_table(model) for model in KEPT)


def _render_table(model: type[models.Model]) -> int:
    changed = 0
    while (found := _render_batch(model)) is not None:
        changed += found
    return changed


def _render_batch(model: type[models.Model]) -> int | None:
    """The next rows; how many changed. None when there are no more."""
    done, _is_new = Rendering.objects.get_or_create(
        table=model._meta.db_table, defaults={"version": markdown.VERSION}
    )
    if done.version != markdown.VERSION:
        done.version, done.last_id = markdown.VERSION, 0
    waiting = model._default_manager.filter(pk__gt=done.last_id).order_by("pk")
    rows = list(waiting[:BATCH])
    if not rows:
        return None
    changed = sum(_show(row, KEPT[model]) for row in rows)
    done.last_id = rows[-1].pk
    done.save()
    return changed


def _show(row: Any, kept: Kept) -> int:
    """Past its `save`: no text has changed, so nothing is to be found or told anew.

    No row is held meanwhile: one that says something else by now was rendered anew.
    """
    before = dict(vars(row))
    says = {k: html for k, html in kept.shown(row).items() if html != before[k]}
    if not says:
        return 0
    told = {name: before[name] for name in kept.sources}
    return type(row)._default_manager.filter(pk=row.pk, **told).update(**says)
