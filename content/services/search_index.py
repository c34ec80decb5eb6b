"""Keeps the rows of search equal to what they tell of.

Each kind has one statement that says what its rows should be. Changes are followed
after commit, and each night a sweep compares all rows with their sources, so that what
was missed is found; both write by the same function.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import execute_values

from community.lib.words import STEM, is_han, tokens_of
from content.models import SearchDocument

Kind = SearchDocument.Kind

LONGEST_TEXT = 100_000  # characters
MOST_PLACES = 32  # of one word in one text: more do not rank higher
LAST_PLACE = 16383  # the highest that a tsvector keeps
BATCH = 500

COLUMNS = (
    *("object_id", "is_inside", "space_id", "since", "for_members", "opens"),
    *("level_needed", "authors", "title", "text"),
)

# How a closed item is opened: the same as `library.is_open`.
DOOR = """
       true AS for_members,
       CASE item.access
            WHEN 'membership' THEN ARRAY['membership']
            WHEN 'sold' THEN ARRAY['item:' || item.id]
                || CASE WHEN item.included_in_membership
                        THEN ARRAY['membership'] ELSE '{}' END
            ELSE '{}'::text[] END AS opens,
       CASE WHEN item.access = 'level' THEN item.level_needed END AS level_needed,
       ARRAY(SELECT item.author_id WHERE item.author_id IS NOT NULL
              UNION SELECT member_id FROM content_coauthor WHERE item_id = item.id)
           AS authors"""
OPEN = """
       false AS for_members, '{}'::text[] AS opens, NULL::smallint AS level_needed,
       '{}'::bigint[] AS authors"""
# What opens by and by is found by its title: when it opens is for each another day.
OPENED_BODY = """
       CASE WHEN lesson.is_preview OR section.opens_after IS NULL
                 AND NOT section.is_in_turn
                 AND NOT item.in_cohorts_only
                 AND NOT EXISTS (SELECT FROM content_prerequisite AS first
                                  WHERE first.item_id = item.id)
                 AND coalesce(section.opens_on < current_date, true)
            THEN concat_ws(E'\\n', lesson.body,
                           (SELECT string_agg(said.text, E'\\n' ORDER BY said.id)
                              FROM content_captions AS said
                             WHERE said.lesson_id = lesson.id))
            ELSE '' END"""

SAID_IN_FILES = """
       (SELECT string_agg(said.text, E'\\n' ORDER BY said.id)
          FROM content_captions AS said
          JOIN content_itemfile AS file ON file.id = said.file_id
         WHERE file.item_id = item.id)"""

SOURCES: dict[str, str] = {
    Kind.ITEM: f"""
SELECT item.id AS object_id, false AS is_inside, item.space_id,
       item.published_at AS since, {OPEN}, item.title,
       concat_ws(E'\\n', item.summary, item.description,
           (SELECT string_agg(person.name, ', ' ORDER BY person.id)
              FROM accounts_user AS person
             WHERE person.id = item.author_id
                OR person.id IN (SELECT member_id FROM content_coauthor
                                  WHERE item_id = item.id)),
           (SELECT string_agg(lesson.title, E'\\n' ORDER BY lesson.id)
              FROM content_lesson AS lesson
              JOIN content_section AS section ON section.id = lesson.section_id
             WHERE section.item_id = item.id),
           (SELECT string_agg(tag.name, ', ' ORDER BY tag.name)
              FROM taggit_taggeditem AS tagged
              JOIN taggit_tag AS tag ON tag.id = tagged.tag_id
              JOIN django_content_type AS type ON type.id = tagged.content_type_id
             WHERE tagged.object_id = item.id
               AND (type.app_label, type.model) = ('content', 'item')),
           CASE WHEN item.access = 'free'
                THEN concat_ws(E'\\n', item.body, {SAID_IN_FILES})
                WHEN strpos(item.body, '<!--more-->') > 0
                THEN split_part(item.body, '<!--more-->', 1) END) AS text
  FROM content_item AS item
 WHERE item.state = 'live' AND item.kind <> 'material' {{only}}
 UNION ALL
SELECT item.id, true, item.space_id, item.published_at, {DOOR}, item.title,
       concat_ws(E'\\n', item.body, {SAID_IN_FILES})
  FROM content_item AS item
 WHERE item.state = 'live' AND item.access <> 'free'
   AND (item.body <> '' OR {SAID_IN_FILES} <> '') {{only}}
""",  # noqa: S608 - of our own parts
    Kind.LESSON: f"""
SELECT lesson.id AS object_id, false AS is_inside, item.space_id,
       item.published_at AS since, {OPEN}, lesson.title, {OPENED_BODY} AS text
  FROM content_lesson AS lesson
  JOIN content_section AS section ON section.id = lesson.section_id
  JOIN content_item AS item ON item.id = section.item_id
 WHERE item.state = 'live' AND (item.access = 'free' OR lesson.is_preview) {{only}}
 UNION ALL
SELECT lesson.id, true, item.space_id, item.published_at, {DOOR}, lesson.title,
       {OPENED_BODY}
  FROM content_lesson AS lesson
  JOIN content_section AS section ON section.id = lesson.section_id
  JOIN content_item AS item ON item.id = section.item_id
 WHERE item.state = 'live' AND item.access <> 'free' AND NOT lesson.is_preview {{only}}
""",  # noqa: S608 - of our own parts
    Kind.POST: f"""
SELECT post.id AS object_id, false AS is_inside,
       coalesce(topic.space_id, item.space_id) AS space_id,
       greatest(post.created_at, item.published_at) AS since, {OPEN},
       CASE post.number WHEN 1 THEN topic.title ELSE '' END AS title, post.body AS text
  FROM content_post AS post
  JOIN content_topic AS topic ON topic.id = post.topic_id
  LEFT JOIN content_item AS item ON item.id = topic.item_id
 WHERE post.hidden_at IS NULL AND topic.hidden_at IS NULL
   AND (topic.item_id IS NULL OR item.state = 'live') {{only}}
""",  # noqa: S608
    Kind.PERSON: """
SELECT person.id AS object_id, false AS is_inside, NULL::bigint AS space_id,
       person.date_joined AS since, true AS for_members, '{}'::text[] AS opens,
       NULL::smallint AS level_needed, '{}'::bigint[] AS authors,
       person.name AS title, concat_ws(E'\\n', person.username, person.about) AS text
  FROM accounts_user AS person
 WHERE person.is_active AND NOT person.is_applicant
   AND person.suspended_at IS NULL AND person.erased_at IS NULL
   AND EXISTS (SELECT FROM accounts_consent AS consent
                WHERE consent.member_id = person.id
                  AND consent.purpose = 'directory' AND consent.withdrawn_at IS NULL)
   {only}
""",
    # What is for a cohort is found in its room.
    Kind.EVENT: f"""
SELECT event.id AS object_id, false AS is_inside, event.space_id,
       coalesce(event.published_at, event.created_at) AS since, {OPEN}, event.title,
       concat_ws(E'\\n', event.summary, event.body, event.place, host.name,
           (SELECT string_agg(coalesce(nullif(speaker.name, ''), person.name), ', '
                              ORDER BY speaker.position, speaker.id)
              FROM content_speaker AS speaker
              LEFT JOIN accounts_user AS person ON person.id = speaker.member_id
             WHERE speaker.event_id = event.id)) AS text
  FROM content_event AS event
  JOIN accounts_user AS host ON host.id = event.host_id
 WHERE event.state = 'published' AND event.cohort_id IS NULL {{only}}
""",  # noqa: S608 - of our own parts
}


def _source(kind: str, *, only: bool) -> str:
    """The statement of a kind; with `only`, of the rows whose ids are %(ids)s."""
    narrowed = f"AND {kind}.id = ANY(%(ids)s)" if only else ""
    return SOURCES[kind].replace("{only}", narrowed)


@transaction.atomic
def index(kind: str, ids: Iterable[int]) -> None:
    """Make the rows of these objects what they should be.

    One at a time of each kind: of two who read at once, the one that writes last
    would put back what it had read first, or find the other's rows in its way.
    """
    wanted = sorted(set(ids))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"search {kind}"])
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)}, md5(source::text)"  # noqa: S608 - ours
            f"  FROM ({_source(kind, only=True)}) AS source",
            {"ids": wanted},
        )
        rows = cursor.fetchall()
        cursor.execute(
            "DELETE FROM content_searchdocument"
            " WHERE kind = %s AND object_id = ANY(%s)",
            [kind, wanted],
        )
        execute_values(cursor.cursor, INSERT, [_row(kind, row) for row in rows])


INSERT = f"""
INSERT INTO content_searchdocument (kind, {", ".join(COLUMNS)}, fingerprint, vector)
VALUES %s
"""  # noqa: S608


def _row(kind: str, row: Sequence[Any]) -> tuple[Any, ...]:
    *facts, title, text, fingerprint = row
    text = (text or "")[:LONGEST_TEXT]
    return (kind, *facts, title, text, fingerprint, vector_of(title, text))


def vector_of(title: str, text: str) -> str:
    """A tsvector as Postgres reads it: what stands in the title has weight A."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    last = 0
    for weight, part in (("A", title), ("", text)):
        first = last + 1
        for at, token in tokens_of(part):
            last = min(first + at, LAST_PLACE)
            if len(places[token]) < MOST_PLACES:
                places[token].append(f"{last}{weight}")
    return " ".join(
        f"{quoted(token)}:{','.join(where)}" for token, where in places.items()
    )


def quoted(token: str) -> str:
    """A token as it stands in a tsvector or tsquery."""
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


# The sweep -------------------------------------------------------------------------

DIFFERENT = """
SELECT DISTINCT coalesce(source.object_id, document.object_id)
  FROM (SELECT source.object_id, source.is_inside, md5(source::text) AS fingerprint
          FROM ({source}) AS source) AS source
  FULL JOIN (SELECT object_id, is_inside, fingerprint
               FROM content_searchdocument WHERE kind = %(kind)s) AS document
    ON document.object_id = source.object_id
   AND document.is_inside = source.is_inside
 WHERE source.fingerprint IS DISTINCT FROM document.fingerprint
"""


def sweep() -> int:
    """Find every row that differs from its source, and mend it; how many."""
    mended = 0
    for kind in Kind.values:
        with connection.cursor() as cursor:
            statement = DIFFERENT.replace("{source}", _source(kind, only=False))
            cursor.execute(statement, {"kind": kind})
            ids = [pk for (pk,) in cursor.fetchall()]
        for start in range(0, len(ids), BATCH):
            index(kind, ids[start : start + BATCH])
        mended += len(ids)
    return mended


# Words for “did you mean” ----------------------------------------------------------

COUNT_WORDS = """
SELECT word, ndoc
  FROM ts_stat($$
        SELECT vector FROM content_searchdocument
         WHERE NOT is_inside AND NOT for_members AND since <= clock_timestamp()
           AND (space_id IS NULL OR space_id IN (
                SELECT id FROM accounts_space WHERE access = 'public'))
       $$)
 WHERE ndoc >= 2 AND length(word) BETWEEN 2 AND 30 AND left(word, 1) <> %s
"""


@transaction.atomic
def count_words() -> int:
    """The vocabulary of what every visitor may find; how many words it has.

    Of what is behind doors, in closed spaces or yet to come nothing is in it: a
    suggestion would tell of it.
    """
    import rjieba

    with connection.cursor() as cursor:
        cursor.execute(COUNT_WORDS, [STEM])
        rows = [
            (word, documents)
            for word, documents in cursor.fetchall()
            if not is_han(word) or rjieba.has_word(word)
        ]
        cursor.execute("TRUNCATE content_searchword")
        if rows:
            insert = "INSERT INTO content_searchword (word, documents) VALUES %s"
            execute_values(cursor.cursor, insert, rows)
    return len(rows)
