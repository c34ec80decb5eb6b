"""What members look for, beside what there is for them: where the library is thin."""

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

FRESH_DAYS = 90

# Items of the subject that are published, and of these the fresh ones; topics have no
# tags, so talk counts in the spaces that carry the subject.
COVERAGE = """
WITH wanted AS (
    SELECT tag_id, count(*) AS members FROM accounts_interest GROUP BY tag_id
), tagged AS (
    SELECT tagged.tag_id, type.model, tagged.object_id
      FROM taggit_taggeditem AS tagged
      JOIN django_content_type AS type ON type.id = tagged.content_type_id
), there AS (
    SELECT tagged.tag_id, count(*) AS items,
           count(*) FILTER (
               WHERE item.published_at > %(now)s - make_interval(days => %(days)s)
           ) AS fresh
      FROM tagged JOIN content_item AS item ON item.id = tagged.object_id
     WHERE tagged.model = 'item' AND item.published_at <= %(now)s GROUP BY 1
), talk AS (
    SELECT tagged.tag_id, count(*) AS topics
      FROM tagged JOIN content_topic AS topic ON topic.space_id = tagged.object_id
     WHERE tagged.model = 'space' AND topic.hidden_at IS NULL
       AND topic.created_at > %(now)s - make_interval(days => %(days)s)
     GROUP BY 1
)
SELECT tag.name, wanted.members, coalesce(there.items, 0), coalesce(there.fresh, 0),
       coalesce(talk.topics, 0)
  FROM wanted JOIN taggit_tag AS tag ON tag.id = wanted.tag_id
  LEFT JOIN there ON there.tag_id = tag.id
  LEFT JOIN talk ON talk.tag_id = tag.id
 ORDER BY wanted.members::float / (1 + coalesce(there.fresh, 0)
                                     + coalesce(talk.topics, 0)) DESC, tag.name
"""


@dataclass(frozen=True)
class Subject:
    """How many members look for a subject, and what there is of it."""

    name: str
    members: int
    items: int
    fresh_items: int
    fresh_topics: int

    @property
    def members_a_piece(self) -> float:
        """Members for each fresh thing, of which one is always counted."""
        return self.members / (1 + self.fresh_items + self.fresh_topics)


def coverage() -> list[Subject]:
    """Every subject that somebody looks for, the worst served first."""
    with connection.cursor() as cursor:
        cursor.execute(COVERAGE, {"days": FRESH_DAYS, "now": timezone.now()})
        return [Subject(*row) for row in cursor.fetchall()]
