"""Two states of a text side by side, and one as its readers will see it."""

from dataclasses import dataclass

from django.utils.translation import gettext

from community.lib.differences import Line, lines_changed
from content.models import Item
from content.services.articles import render_article
from content.services.items import MORE
from content.services.texts import LONG, Texts, Thing, field_of, fields_of

MOST_SHOWN = 200_000  # letters: a case of five such texts is a long wait


@dataclass(frozen=True)
class Change:
    """One field that differs: its name for people, both texts, what changed."""

    label: str
    before: str
    after: str
    lines: list[Line]


def changes(thing: Thing, *, before: Texts, after: Texts) -> list[Change]:
    return [
        Change(_label(thing, name), old, new, lines_changed(old, new))
        for name in fields_of(thing)
        if (old := before.get(name, "")) != (new := after.get(name, ""))
    ]


def texts_compared(*, before: Texts, after: Texts) -> list[Change]:
    """Of a post: its fields that differ."""
    labels = {"title": gettext("Title"), "body": gettext("Text")}
    return [
        Change(labels[name], old, after[name], lines_changed(old, after[name]))
        for name, old in before.items()
        if old != after[name]
    ]


def _label(thing: Thing, name: str) -> str:
    return str(field_of(thing, name).verbose_name)  # type: ignore[union-attr]


def rendered(thing: Thing, texts: Texts) -> str:
    """The long texts as HTML that is safe to show, a case's parts with their names."""
    long = [name for name in fields_of(thing) if name in LONG and texts.get(name)]
    if isinstance(thing, Item) and thing.kind == Item.Kind.CASE:
        told = "\n\n".join(
            f"## {_label(thing, name)}\n\n{texts[name]}" for name in long
        )
    else:
        told = "\n\n".join(texts[name] for name in long)
    return render_article(told[:MOST_SHOWN].replace(MORE, "\n\n---\n\n"))
