"""Finding: from what somebody typed to what they may know of, the best first."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Space, User
from accounts.services import entitlements
from community.lib.words import STEM, is_han, pairs_of, runs_of, stem_of, words_of
from content.models import (
    Captions,
    Event,
    Item,
    Lesson,
    Post,
    SearchDocument,
    SearchSynonyms,
    SearchWord,
    Topic,
)
from content.models.played import Played, anchor_of
from content.services import quality
from content.services.search_index import quoted
from content.services.stopwords import STOPWORDS

Kind = SearchDocument.Kind

PER_PAGE = 20
MOST_PAGES = 10
# Of words that very many texts have, so many are weighed: enough to choose from.
MOST_WEIGHED = 2000
LONGEST_QUERY = 100
MOST_RUNS = 12
SYNONYMS_ARE_KEPT = 60  # seconds
MOST_VARIANTS = 8


# What was asked -------------------------------------------------------------------


def query_for(words: str, *, any_word: bool = False) -> str:
    """A tsquery for what was typed, its synonyms beside it; empty for no words."""
    asked = [_all_of(variant, any_word) for variant in _variants(words)]
    asked = [query for query in asked if query]
    return " | ".join(f"({query})" for query in dict.fromkeys(asked))


def _all_of(words: str, any_word: bool) -> str:
    runs = [run for _place, run in runs_of(words)][:MOST_RUNS]
    joint = " | " if any_word else " & "
    return joint.join(f"({_run_query(run, any_word)})" for run in runs)


def _run_query(run: str, any_word: bool) -> str:
    if not is_han(run):
        stem = stem_of(run)
        forms = dict.fromkeys([run, stem, STEM + stem])
        return " | ".join(quoted(form) for form in forms)
    if len(run) == 1:
        return f"{quoted(run)}:*"
    pairs = " & ".join(quoted(pair) for pair in pairs_of(run))
    words = [word for word in words_of(run) if len(word) > 1]
    if len(words) < 2:
        return pairs
    if any_word:
        # Chinese has no spaces: what is asked for in one run is several words, too.
        telling = [word for word in words if word not in STOPWORDS] or words
        return " | ".join(quoted(word) for word in telling)
    return f"({pairs}) | ({' & '.join(quoted(word) for word in words)})"


def _variants(words: str) -> Iterator[str]:
    """What was typed, and the same with each synonym in its place."""
    words = words.lower()[:LONGEST_QUERY]
    variants = [words]
    for group in _synonyms():
        for word in group:
            if word in words:
                variants += [words.replace(word, it) for it in group if it != word]
    yield from variants[: MOST_VARIANTS + 1]


def _synonyms() -> list[list[str]]:
    found: list[list[str]] | None = cache.get_or_set(
        "search_synonyms",
        lambda: [
            [word.strip().lower() for word in group if word.strip()]
            for group in SearchSynonyms.objects.values_list("words", flat=True)
        ],
        SYNONYMS_ARE_KEPT,
    )
    return found or []


# What may be known -----------------------------------------------------------------

MAY_KNOW = """
       since <= %(now)s
   AND (space_id IS NULL OR %(is_operator)s OR space_id = ANY(%(spaces)s))
   AND (NOT for_members OR %(is_member)s)
   AND (opens = '{}' AND level_needed IS NULL OR %(is_operator)s
        OR authors @> ARRAY[%(reader)s]::bigint[] OR opens && %(held)s::varchar[]
        OR level_needed <= %(level)s)
"""


def _reader(reader: User) -> dict[str, Any]:
    """What MAY_KNOW asks of a reader."""
    spaces = Space.objects.visible_to(reader).values_list("pk", flat=True)
    return {
        "now": timezone.now(),
        "reader": reader.pk or 0,
        "spaces": list(spaces),
        "is_operator": getattr(reader, "is_operator", False),
        "is_member": getattr(reader, "is_member", False),
        "held": list(entitlements.held(reader)),
        "level": getattr(reader, "level", 0),
    }


# What is found ---------------------------------------------------------------------


@dataclass(frozen=True)
class Hit:
    """One line of what was found."""

    kind: str
    title: str
    url: str
    snippet: SafeString
    where: str


@dataclass(frozen=True)
class Found:
    hits: list[Hit]
    counts: dict[str, int]  # of each kind, at most MOST_WEIGHED in all
    total: int  # of the kind that was asked for
    is_loose: bool  # nothing had all words: these have some of them
    meant: str  # what may have been meant

    @property
    def is_many(self) -> bool:
        return sum(self.counts.values()) >= MOST_WEIGHED


FIND = f"""
WITH found AS MATERIALIZED (
    SELECT id, kind, object_id, is_inside,
           ts_rank('{{0.1, 0.2, 0.4, 1.0}}', vector, %(query)s::tsquery, 1) AS rank
      FROM content_searchdocument
     WHERE vector @@ %(query)s::tsquery AND {MAY_KNOW}
     LIMIT %(most)s
), best AS (
    SELECT DISTINCT ON (kind, object_id) id, kind, object_id, rank
      FROM found ORDER BY kind, object_id, rank DESC
), counted AS (
    SELECT jsonb_object_agg(kind, number) AS counts
      FROM (SELECT kind, count(*) AS number FROM best GROUP BY kind) AS each
), nearest AS (
    SELECT * FROM best WHERE %(kind)s IN ('', kind)
     ORDER BY rank DESC, object_id DESC LIMIT {PER_PAGE * MOST_PAGES}
), weighed AS (
    SELECT nearest.id, nearest.kind, nearest.object_id, nearest.rank * (
           1 + %(per_star)s * (coalesce(item.quality_low, %(low)s) - %(low)s)) AS rank
      FROM nearest
      LEFT JOIN content_lesson AS lesson
        ON nearest.kind = 'lesson' AND lesson.id = nearest.object_id
      LEFT JOIN content_section AS section ON section.id = lesson.section_id
      LEFT JOIN content_item AS item
        ON nearest.kind IN ('item', 'lesson')
       AND item.id = coalesce(section.item_id, nearest.object_id)
), page AS (
    SELECT * FROM weighed
     ORDER BY rank DESC, object_id DESC LIMIT %(limit)s OFFSET %(offset)s
)
SELECT page.kind, page.object_id, document.text, counted.counts
  FROM counted
  LEFT JOIN page ON true
  LEFT JOIN content_searchdocument AS document ON document.id = page.id
 ORDER BY page.rank DESC, page.object_id DESC
"""  # noqa: S608 - made of our own parts


def search(words: str, reader: User, *, kind: str = "", page: int = 1) -> Found:
    """What this reader may know of that has all of these words; or else some."""
    rows, counts = _find(query_for(words), reader, kind, page)
    is_loose = False
    if not counts:
        rows, counts = _find(query_for(words, any_word=True), reader, kind, page)
        is_loose = bool(counts)
    return Found(
        hits=_hits(rows, words),
        counts=counts,
        total=counts.get(kind, 0) if kind else sum(counts.values()),
        is_loose=is_loose,
        meant="" if counts and not is_loose else meant(words),
    )


@transaction.atomic
def _find(
    query: str, reader: User, kind: str, page: int
) -> tuple[list[tuple[str, int, str]], dict[str, int]]:
    if not query:
        return [], {}
    asked = _reader(reader) | {
        "query": query,
        "kind": kind,
        "most": MOST_WEIGHED,
        "per_star": quality.PER_STAR,
        "low": quality.prior().low,
        "limit": PER_PAGE,
        "offset": (page - 1) * PER_PAGE,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gin_fuzzy_search_limit = %s", [2 * MOST_WEIGHED])
        cursor.execute(FIND, asked)
        rows = cursor.fetchall()
    counts = json.loads(rows[0][3] or "{}")  # the cursor leaves JSON as it came
    return [row[:3] for row in rows if row[0]], counts


def questions_with(words: str, reader: User, most: int = 5) -> list[Topic]:
    """The questions that have most of these words, in themselves or their answers."""
    for query in (query_for(words), query_for(words, any_word=True)):
        if not query:
            return []
        asked = _reader(reader) | {"query": query, "limit": most}
        with connection.cursor() as cursor:
            cursor.execute(QUESTIONS_WITH, asked)
            numbers = [pk for pk, _rank in cursor.fetchall()]
        if numbers:
            found = Topic.objects.visible_to(reader).in_bulk(numbers)
            return [found[pk] for pk in numbers if pk in found]
    return []


QUESTIONS_WITH = f"""
SELECT topic.id, max(found.rank) AS rank
  FROM (SELECT object_id, ts_rank('{{0.1, 0.2, 0.4, 1.0}}', vector,
                                  %(query)s::tsquery, 1) AS rank
          FROM content_searchdocument
         WHERE vector @@ %(query)s::tsquery AND kind = 'post'
           AND {MAY_KNOW} LIMIT {MOST_WEIGHED}) AS found
  JOIN content_post AS post ON post.id = found.object_id
  JOIN content_topic AS topic ON topic.id = post.topic_id
 WHERE topic.kind = 'question' AND topic.hidden_at IS NULL AND post.hidden_at IS NULL
 GROUP BY topic.id ORDER BY rank DESC, topic.id DESC LIMIT %(limit)s
"""  # noqa: S608 - made of our own parts


def items_with(words: str, reader: User) -> list[int]:
    """The library's items that have these words, in themselves or in a lesson."""
    query = query_for(words)
    if not query:
        return []
    with connection.cursor() as cursor:
        cursor.execute(ITEMS_WITH, _reader(reader) | {"query": query})
        return [pk for (pk,) in cursor.fetchall()]


ITEMS_WITH = f"""
SELECT DISTINCT coalesce(section.item_id, found.object_id)
  FROM (SELECT kind, object_id FROM content_searchdocument
         WHERE vector @@ %(query)s::tsquery AND kind IN ('item', 'lesson')
           AND {MAY_KNOW} LIMIT {MOST_WEIGHED}) AS found
  LEFT JOIN content_lesson AS lesson
    ON found.kind = 'lesson' AND lesson.id = found.object_id
  LEFT JOIN content_section AS section ON section.id = lesson.section_id
"""  # noqa: S608


# How it is shown -------------------------------------------------------------------

AROUND = 90  # characters on each side of the first word that was found
MARKS = re.compile(r"<!--.*?-->|\]\([^)\s]*\)|[#>*_`|\[\]!]+")


def _hits(rows: list[tuple[str, int, str]], words: str) -> list[Hit]:
    """As many queries for each kind among the rows, however many they are."""
    found: dict[str, dict[int, Any]] = {
        kind: LOADED[kind]([pk for its, pk, _text in rows if its == kind])
        for kind in {row[0] for row in rows}
    }
    wanted = _wanted(words)
    hits = []
    for kind, pk, text in rows:
        thing = found[kind].get(pk)
        if thing is not None:
            title, url, where = SHOWN[kind](thing)
            if wanted and kind in TOLD:
                written, played = TOLD[kind](thing)
                url += _second_in(written, played, wanted, text)
            hits.append(Hit(kind, title, url, snippet(text, words), where))
    return hits


def _second_in(
    written: str, played: Iterable[Played], wanted: re.Pattern[str], found: str
) -> str:
    """Where in a recording the words are first said, if nothing written has them.

    Only what is in the text that was found may be told: to some readers it is just
    what everybody may know.
    """
    if wanted.search(written):
        return ""
    said = (
        (anchor_of(it), second, text)
        for it in played
        for track in it.captions.all()
        for second, text in track.cues
    )
    for anchor, second, text in said:
        if wanted.search(text) and text in found:
            return f"#{anchor}-{second}"
    return ""


# Of captions, what is said when; not the same once more as a file and as a text.
SAID = Captions.objects.only("lesson", "file", "cues")


def _lessons(ids: list[int]) -> dict[int, Lesson]:
    lessons = Lesson.objects.select_related("section__item")
    return lessons.prefetch_related(Prefetch("captions", SAID)).in_bulk(ids)


def _items(ids: list[int]) -> dict[int, Item]:
    # The stubs do not know of a way that leads over two tables.
    said: Any = Prefetch("files__captions", SAID)
    return Item.objects.prefetch_related(said).in_bulk(ids)


# What is written in a thing, and what is played in it.
TOLD: dict[str, Any] = {
    Kind.ITEM: lambda it: (
        f"{it.summary} {it.description} {it.body}",
        it.files.all(),
    ),
    Kind.LESSON: lambda it: (it.body, [it]),
}
LOADED: dict[str, Any] = {
    Kind.ITEM: _items,
    Kind.LESSON: _lessons,
    Kind.POST: lambda ids: Post.objects.select_related("topic__space").in_bulk(ids),
    Kind.PERSON: User.objects.in_bulk,
    Kind.EVENT: Event.objects.in_bulk,
}
SHOWN: dict[str, Any] = {
    Kind.ITEM: lambda it: (it.title, it.get_absolute_url(), it.get_kind_display()),
    Kind.LESSON: lambda it: (it.title, it.get_absolute_url(), it.section.item.title),
    Kind.POST: lambda it: (
        it.topic.title,
        it.get_absolute_url(),
        str(it.topic.space or ""),
    ),
    Kind.PERSON: lambda it: (str(it), it.get_absolute_url(), f"@{it.username}"),
    Kind.EVENT: lambda it: (
        it.title,
        it.get_absolute_url(),
        f"{it.get_kind_display()} · {_day_of(it)}",
    ),
}


def _day_of(event: Event) -> str:
    return date_format(timezone.localtime(event.starts_at), "DATE_FORMAT")


def snippet(text: str, words: str) -> SafeString:
    """The text around the first word that was asked for, the words marked."""
    plain = " ".join(MARKS.sub(" ", text).split())
    wanted = _wanted(words)
    first = wanted.search(plain) if wanted else None
    start = max(0, first.start() - AROUND) if first else 0
    part = plain[start : start + 2 * AROUND + 40]
    html = "".join(
        f"<mark>{escape(piece)}</mark>" if number % 2 else escape(piece)
        for number, piece in enumerate(wanted.split(part) if wanted else [part])
    )
    before = "… " if start else ""
    after = " …" if start + len(part) < len(plain) else ""
    return mark_safe(before + html + after)  # noqa: S308 - every piece is escaped


def _wanted(words: str) -> re.Pattern[str] | None:
    """One group that matches each word, an English one in all its forms."""
    patterns = []
    for variant in _variants(words):
        for _place, run in runs_of(variant):
            if is_han(run):
                parts = [run, *(word for word in words_of(run) if len(word) > 1)]
                patterns += [re.escape(part) for part in parts]
            else:
                patterns.append(rf"\b{re.escape(stem_of(run))}\w*")
    if not patterns:
        return None
    patterns.sort(key=len, reverse=True)
    return re.compile(f"({'|'.join(dict.fromkeys(patterns))})", re.IGNORECASE)


# Did you mean ----------------------------------------------------------------------


def meant(words: str) -> str:
    """The same with words of the own vocabulary in place of unknown ones; or ""."""
    runs = list(dict.fromkeys(run for _place, run in runs_of(words)))[:MOST_RUNS]
    known = set(SearchWord.objects.filter(word__in=runs).values_list("word", flat=True))
    better = words.lower()[:LONGEST_QUERY]
    for run in runs:
        if run not in known and (nearest := _nearest(run)):
            better = better.replace(run, nearest)
    return better if better != words.lower()[:LONGEST_QUERY] else ""


NEAR = """
SELECT word FROM content_searchword
 WHERE length(word) BETWEEN %(shortest)s AND %(longest)s AND word ~ %(like)s
 ORDER BY documents DESC LIMIT 3000
"""


def _nearest(run: str) -> str:
    """The word that is typed most like it: a letter or character or two differ."""
    about: dict[str, str | int]
    if is_han(run):
        about = {"shortest": len(run), "longest": len(run), "like": f"[{run}]"}
        cutoff = 0.6  # of two characters, one that is the same says nothing
    else:
        # One of the first two letters is right more often than not.
        about = {
            "shortest": len(run) - 1,
            "longest": len(run) + 1,
            "like": f"^.?[{re.escape(run[:2])}]",
        }
        cutoff = 0.75
    if len(run) < 2:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(NEAR, about)
        words = [word for (word,) in cursor.fetchall()]
    return next(iter(get_close_matches(run, words, n=1, cutoff=cutoff)), "")
