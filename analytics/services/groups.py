"""Which members are looked at together. Another grouping is one more entry here."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from accounts.services.consents import MAY_BE_PROFILED

# Of fewer members, nothing is told of a group.
FEWEST = 5
NEW_DAYS = 90
MOST_INTERESTS = 6
OVERLAPPING = {"interest"}

# A member's group at the end of a day, with each way of grouping. What they hold is
# read as it was then; what they said, as they say it now. Interests overlap.
GROUPINGS = {
    "experience": "SELECT id, experience FROM who WHERE experience <> ''",
    "paying": """
        SELECT id, CASE WHEN EXISTS (
                   SELECT FROM accounts_entitlement AS held
                    WHERE held.member_id = who.id AND held.what = 'membership'
                      AND held.source IN ('order', 'gift', 'resumed')
                      AND held.starts_at < %(until)s
                      AND least(held.ends_at, held.revoked_at, 'infinity')
                          >= %(until)s) THEN 'paying' ELSE 'not paying' END
          FROM who""",
    "since": """
        SELECT id, CASE WHEN date_joined > %(new)s THEN 'new' ELSE 'old' END
          FROM who""",
    "interest": """
        SELECT who.id, tag.name
          FROM (SELECT tag_id FROM accounts_interest GROUP BY 1
                 ORDER BY count(*) DESC, 1 LIMIT %(most)s) AS often
          JOIN accounts_interest AS interest USING (tag_id)
          JOIN who ON who.id = interest.member_id
          JOIN taggit_tag AS tag ON tag.id = interest.tag_id""",
}
WHO = f"""
WITH allowed AS ({MAY_BE_PROFILED}), who AS (
    SELECT id, experience, date_joined FROM accounts_user
     WHERE is_active AND NOT is_applicant AND erased_at IS NULL
       AND date_joined < %(until)s AND id IN (SELECT member_id FROM allowed)
)
"""  # noqa: S608 - made of our own parts
MEMBERS = "SELECT id, date_joined FROM who ORDER BY id"
OF_A_WAY = """
SELECT grp, array_agg(id) FROM ({way}) AS grouped (id, grp)
 GROUP BY 1 HAVING count(*) >= {fewest} ORDER BY count(*) DESC, 1
"""


@dataclass(frozen=True)
class Group:
    """`key` is a name of the house's, or an interest's own."""

    by: str
    key: str
    members: list[int]


def members(until: dt.datetime) -> list[tuple[int, dt.datetime]]:
    """(number, joined at) of whose acts may be used, by number."""
    with connection.cursor() as cursor:
        cursor.execute(WHO + MEMBERS, _at(until))
        return cursor.fetchall()


def groups(until: dt.datetime) -> list[Group]:
    """Those of at least `FEWEST` members, way after way, the largest first."""
    everybody = len(members(until))
    ways = (_groups(by, until) for by in GROUPINGS)
    return [group for way in ways for group in _that_tell_of_no_few(way, everybody)]


def _that_tell_of_no_few(way: list[Group], everybody: int) -> list[Group]:
    """Without those from which, and the figures of all members, could be told what
    fewer than `FEWEST` others do."""
    if way and way[0].by in OVERLAPPING:
        return [it for it in way if not _is_few(everybody - len(it.members))]
    rest = everybody - sum(len(it.members) for it in way)
    return way[:-1] if _is_few(rest) else way


def _is_few(members: int) -> bool:
    return 0 < members < FEWEST


def _groups(by: str, until: dt.datetime) -> list[Group]:
    statement = WHO + OF_A_WAY.format(way=GROUPINGS[by], fewest=FEWEST)
    with connection.cursor() as cursor:
        cursor.execute(statement, _at(until))
        return [Group(by, key, who) for key, who in cursor.fetchall()]


def _at(until: dt.datetime) -> dict[str, dt.datetime | int]:
    new = until - dt.timedelta(days=NEW_DAYS)
    return {"until": until, "new": new, "most": MOST_INTERESTS}
