"""The texts of an item or a lesson as one flat form, whatever tables hold them."""

import datetime as dt
import hashlib
import json
from typing import Any, cast

from django.db import models

from content.models import CaseStudy, Item, Lesson, News, Recording, Report
from content.services import items
from content.services.articles import render_article

Thing = Item | Lesson
Texts = dict[str, str]

# The table beside the item that holds what only its kind has, and the fields there.
BESIDE: dict[str, tuple[type[models.Model], str, tuple[str, ...]]] = {
    Item.Kind.CASE: (CaseStudy, "case", CaseStudy.PARTS),
    Item.Kind.NEWS: (News, "news", ("source", "url", "happened_on")),
    Item.Kind.REPORT: (Report, "report", ("edition", "series")),
    Item.Kind.RECORDING: (Recording, "recording", ("held_on", "minutes")),
}
# What is written at length, in Markdown.
LONG = {"description", "body", *CaseStudy.PARTS}


def fields_of(thing: Thing) -> tuple[str, ...]:
    """The names of its texts, in the order in which they are written and read."""
    if isinstance(thing, Lesson):
        return ("title", "body")
    beside = BESIDE[thing.kind][2] if thing.kind in BESIDE else ()
    if thing.kind == Item.Kind.CASE:
        return ("title", "summary", *beside)
    long = "description" if thing.kind == Item.Kind.COURSE else "body"
    return ("title", "summary", *beside, long)


def field_of(thing: Thing, name: str) -> models.Field:
    """The column that a text is kept in."""
    model: type[models.Model] = type(thing)
    if isinstance(thing, Item) and name in _names_beside(thing):
        model = BESIDE[thing.kind][0]
    return model._meta.get_field(name)  # type: ignore[return-value]


def texts_of(thing: Thing) -> Texts:
    return {
        name: _as_text(getattr(_holder(thing, name), name, ""))
        for name in fields_of(thing)
    }


def _holder(thing: Thing, name: str) -> models.Model | None:
    """The row that has the field; None where it was not made yet."""
    if isinstance(thing, Lesson) or name not in _names_beside(thing):
        return thing
    return getattr(thing, BESIDE[thing.kind][1], None)


def _names_beside(item: Item) -> tuple[str, ...]:
    return BESIDE[item.kind][2] if item.kind in BESIDE else ()


def _as_text(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


def fingerprint(texts: Texts) -> str:
    """Names a state of the texts: who saves says from which one they began."""
    told = json.dumps(texts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def write(thing: Thing, texts: Texts) -> None:
    """Make the rows say what `texts` say. Unknown names are left out: a revision may
    be of a time when the thing was of another kind."""
    known = {name: texts[name] for name in fields_of(thing) if name in texts}
    if isinstance(thing, Lesson):
        _set(thing, known)
        thing.body_html = render_article(thing.body)
        thing.save()
        return
    beside = _names_beside(thing)
    _set(thing, {name: text for name, text in known.items() if name not in beside})
    items.render(thing).save()
    if beside:
        _write_beside(thing, {name: known[name] for name in beside if name in known})


def _write_beside(item: Item, texts: Texts) -> None:
    model, name, _fields = BESIDE[item.kind]
    row = getattr(item, name, None) or model(item=item)
    given = {name: text for name, text in texts.items() if text or _is_text(row, name)}
    if row.pk is None and len(given) < len(texts):
        return  # a state from before its date or number was known
    _set(row, given)
    row.save()
    if isinstance(row, CaseStudy):
        items.tell_case(row)


def _is_text(row: models.Model, name: str) -> bool:
    field = row._meta.get_field(name)
    return isinstance(field, models.CharField | models.TextField)


def _set(row: models.Model, texts: Texts) -> None:
    for name, text in texts.items():
        field = cast("models.Field[Any, Any]", row._meta.get_field(name))
        setattr(row, name, field.to_python(text))
