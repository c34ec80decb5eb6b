"""The list of watched words: many added at once, and tried on a text."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Lower

from content.models import WatchedWord
from content.services import checks


@transaction.atomic
def add_many(
    *, words: Iterable[str], effect: str, with_forms: bool, note: str = ""
) -> list[WatchedWord]:
    """Those that are not watched yet, however they are written; the others stay."""
    wanted = {word.lower(): word for word in words}
    there = WatchedWord.objects.annotate(small=Lower("word"))
    known = set(there.filter(small__in=wanted).values_list("small", flat=True))
    return WatchedWord.objects.bulk_create(
        WatchedWord(word=word, effect=effect, with_forms=with_forms, note=note)
        for small, word in wanted.items()
        if small not in known
    )


def found_in(text: str) -> list[tuple[str, WatchedWord.Effect]]:
    """Each watched word that stands in a text, and what would happen for it."""
    return [
        (word, effect)
        for effect in WatchedWord.Effect
        for word in checks.watched_in(text, effect)
    ]
