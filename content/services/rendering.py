"""Rendering anew what an older renderer made: what it let through is shown no more."""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from community.lib import markdown
from content.models import (
    Assignment,
    HandedIn,
    Item,
    Lesson,
    Post,
    Question,
    Rendering,
)
from content.services import items
from content.services.articles import render_article

BATCH = 500
Says = dict[str, str]  # what each field shows


def _of_item(item: Item) -> Says:
    items.render(item)
    names = ("description_html", "body_html", "preview_html")
    return {name: getattr(item, name) for name in names}


SHOWN: dict[type[models.Model], Callable[[Any], Says]] = {
    Item: _of_item,
    Lesson: lambda it: {"body_html": render_article(it.body)},
    Post: lambda it: {"body_html": markdown.render(it.body)},
    Question: lambda it: {"text_html": markdown.render(it.text)},
    Assignment: lambda it: {"task_html": markdown.render(it.task)},
    HandedIn: lambda it: {"text_html": markdown.render(it.text)},
}


def render_old() -> int:
    """Every text that an older version rendered; how many are shown otherwise now.

    Batch by batch: killed, it goes on where it was.
    """
    return sum(_render_table(model) for model in SHOWN)


def _render_table(model: type[models.Model]) -> int:
    changed = 0
    while (found := _render_batch(model)) is not None:
        changed += found
    return changed


@transaction.atomic
def _render_batch(model: type[models.Model]) -> int | None:
    """The next rows; how many changed. None when there are no more."""
    done, _is_new = Rendering.objects.select_for_update().get_or_create(
        table=model._meta.db_table, defaults={"version": markdown.VERSION}
    )
    if done.version != markdown.VERSION:
        done.version, done.last_id = markdown.VERSION, 0
    waiting = model._default_manager.filter(pk__gt=done.last_id).order_by("pk")
    # Held, or what is saved meanwhile would be shown as it was before.
    rows = list(waiting.select_for_update(of=("self",))[:BATCH])
    if not rows:
        return None
    changed = sum(_show(row, SHOWN[model]) for row in rows)
    done.last_id = rows[-1].pk
    done.save()
    return changed


def _show(row: Any, shown: Callable[[Any], Says]) -> bool:
    """Past its `save`: no text has changed, so nothing is to be found or told anew."""
    before = dict(vars(row))
    says = {name: html for name, html in shown(row).items() if html != before[name]}
    if says:
        type(row)._default_manager.filter(pk=row.pk).update(**says)
    return bool(says)
