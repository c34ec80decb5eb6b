"""Saving what was written, so that nothing that was ever saved or typed is lost."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from content.errors import ChangedMeanwhile
from content.models import Draft, Item, Lesson, Revision
from content.services import texts as written
from content.services.reuse import pass_on
from content.services.texts import Texts, Thing


def hold(thing: Thing) -> Thing:
    """Its row, locked and as it is now."""
    if isinstance(thing, Lesson):
        lessons = Lesson.objects.select_related("section__item")
        return lessons.select_for_update(of=("self",)).get(pk=thing.pk)
    return Item.objects.select_for_update(of=("self",)).get(pk=thing.pk)


def item_of(thing: Thing) -> Item:
    return thing.section.item if isinstance(thing, Lesson) else thing


def revisions_of(thing: Thing) -> QuerySet[Revision]:
    return Revision.objects.filter(**place_of(thing))


def place_of(thing: Thing) -> dict[str, Any]:
    """For rows that have a column for either."""
    return {"lesson" if isinstance(thing, Lesson) else "item": thing}


@transaction.atomic
def save_texts(*, thing: Thing, texts: Texts, base: str, by: User) -> Thing:
    """Save what `by` wrote from the state `base`; return the row as it is then.

    Saying the same twice changes nothing. Raises ChangedMeanwhile, with the texts as
    they are, when somebody else has saved since; what `by` wrote stays their draft.
    """
    thing = hold(thing)
    current = written.texts_of(thing)
    if texts != current:
        if base != written.fingerprint(current):
            raise ChangedMeanwhile(current)
        _write(thing, texts, by=by)
    drop_draft(thing=thing, author=by)
    return thing


def _write(thing: Thing, texts: Texts, *, by: User) -> None:
    """Its row must be held."""
    keep(thing, written.texts_of(thing), by=None)
    written.write(thing, texts)
    keep(thing, texts, by=by)
    if isinstance(thing, Lesson):
        pass_on(thing)


def keep(thing: Thing, texts: Texts, *, by: User | None) -> None:
    """Note a state, unless it is the one noted last. Its row must be held."""
    last = revisions_of(thing).first()
    if last and last.texts == texts:
        return
    number = last.number + 1 if last else 1
    Revision.objects.create(**place_of(thing), number=number, texts=texts, author=by)


@transaction.atomic
def note(*, thing: Thing, by: User | None) -> None:
    """Keep what its row says now: for whoever changes it past the studio."""
    held = hold(thing)
    keep(held, written.texts_of(held), by=by)


@transaction.atomic
def restore(*, revision: Revision, by: User) -> Thing:
    """Make an old state the present one; the states between stay in the list, and
    what somebody has typed and not saved stays their draft."""
    thing = hold(revision.lesson or revision.item)  # type: ignore[arg-type]
    current = written.texts_of(thing)
    texts = {**current, **_still_known(thing, revision.texts)}
    if texts != current:
        _write(thing, texts, by=by)
    return thing


def _still_known(thing: Thing, texts: Texts) -> Texts:
    names = written.fields_of(thing)
    return {name: text for name, text in texts.items() if name in names}


# What is being typed --------------------------------------------------------------


def draft_of(thing: Thing, author: User) -> Draft | None:
    return Draft.objects.filter(author=author, **place_of(thing)).first()


def keep_draft(*, thing: Thing, texts: Texts, base: str, by: User) -> dt.datetime:
    """What is typed right now, however unfinished; when it was kept.

    What says no more than what is saved is no draft: so a keeping that overtakes the
    saving of the same text leaves none behind.
    """
    known = _still_known(thing, texts)
    now = timezone.now()
    thing.refresh_from_db()
    if {**written.texts_of(thing), **known} == written.texts_of(thing):
        drop_draft(thing=thing, author=by)
        return now
    kept = {"texts": known, "base": base, "saved_at": now}
    Draft.objects.update_or_create(author=by, **place_of(thing), defaults=kept)
    return now


def drop_draft(*, thing: Thing, author: User) -> None:
    Draft.objects.filter(author=author, **place_of(thing)).delete()


def before(revision: Revision) -> Texts:
    """The texts that a revision replaced; none where it was the first."""
    thing = revision.lesson or revision.item
    earlier = revisions_of(thing).filter(number__lt=revision.number)  # type: ignore[arg-type]
    last = earlier.first()
    return last.texts if last else {}
