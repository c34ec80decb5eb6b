"""What is new to a member in their spaces, counted without counting history."""

from dataclasses import dataclass

from accounts.models import User
from community.lib.statements import Statement
from content.services.reading import NEW_SINCE, TopicRow

MOST_COUNTED = 20  # of one space: more are "20+"
LATEST = 100  # topics of one space, beyond which nobody looks for what is new
MOST_SPACES = 100
ROWS_SHOWN = 5  # of each space, where all are shown

# The spaces somebody belongs to or follows; what they mute is not new to them.
MINE = f"""
SELECT space.id, space.slug, space.name,
       {NEW_SINCE.format(space="space.id")} AS since
  FROM accounts_space AS space
  LEFT JOIN content_spacereader AS reader
         ON reader.space_id = space.id AND reader.member_id = %(viewer)s
 WHERE space.id = ANY(%(spaces)s) AND coalesce(reader.stance, '') <> 'muted'
   AND (reader.stance = 'following' OR EXISTS (
        SELECT FROM accounts_spacemember AS place
         WHERE place.space_id = space.id AND place.member_id = %(viewer)s
           AND place.left_at IS NULL))
 ORDER BY space.name
 LIMIT %(most_spaces)s
"""  # noqa: S608 - of this file's own words
NEWS = f"""
SELECT latest.*, marker.last_number AS read_to, false AS is_pinned
  FROM (SELECT topic.id, topic.revision, topic.last_number, topic.last_post_at
          FROM content_topic AS topic
         WHERE topic.space_id = mine.id AND topic.hidden_at IS NULL
           AND topic.last_post_at > mine.since
         ORDER BY topic.last_post_at DESC, topic.id DESC
         LIMIT {LATEST}) AS latest
  LEFT JOIN content_readmarker AS marker
         ON marker.topic_id = latest.id AND marker.member_id = %(viewer)s
 WHERE coalesce(marker.last_number, 0) < latest.last_number
   AND NOT EXISTS (
       SELECT FROM content_topicfollow AS follow
        WHERE follow.topic_id = latest.id AND follow.member_id = %(viewer)s
          AND follow.stance = 'muted')
 ORDER BY latest.last_post_at DESC, latest.id DESC
 LIMIT %(most)s
"""  # noqa: S608
COUNTS = Statement(f"""
WITH mine AS ({MINE})
SELECT mine.id, count(*) FROM mine CROSS JOIN LATERAL ({NEWS}) AS news GROUP BY mine.id
""")  # noqa: S608
ROWS = Statement(f"""
WITH mine AS ({MINE})
SELECT mine.slug, mine.name, news.*
  FROM mine CROSS JOIN LATERAL ({NEWS}) AS news
 ORDER BY mine.name, mine.id, news.last_post_at DESC, news.id DESC
""")  # noqa: S608


@dataclass
class SpaceNews:
    """A space, and the latest topics of it that are new to somebody."""

    slug: str
    name: str
    rows: list[TopicRow]


def counts(viewer: User, spaces: list[int]) -> dict[int, str]:
    """How many topics are new in each of these spaces, as far as they are the viewer's:
    those where something is; "20+" where it is very much."""
    found = COUNTS.rows(
        viewer=viewer.pk,
        spaces=spaces,
        most=MOST_COUNTED + 1,
        most_spaces=MOST_SPACES,
    )
    return {
        pk: f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)
        for pk, number in found
    }


def latest(viewer: User, spaces: list[int]) -> list[SpaceNews]:
    """What is new in each of these spaces, as far as they are the viewer's."""
    found = ROWS.rows(
        viewer=viewer.pk, spaces=spaces, most=ROWS_SHOWN, most_spaces=MOST_SPACES
    )
    by_slug: dict[str, SpaceNews] = {}
    for slug, name, *row in found:
        news = by_slug.setdefault(slug, SpaceNews(slug, name, []))
        news.rows.append(TopicRow(*row))
    return list(by_slug.values())
