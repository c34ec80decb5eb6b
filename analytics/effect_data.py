"""Events that are over, and who did and did not come to them, as arrays.

An event is the days from the one on which it begins to the one on which it ends; they
are in no window. Before it lie the 28 days that members are matched on, and before
these the 28 days of the placebo; after it the 28 days that are compared. As 28 days
say little of a habit, members are also matched on the 28 before the placebo's.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.models import Verb
from accounts.services.consents import MAY_BE_PROFILED
from community.lib.dates import end_of, site_day, start_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WINDOW = dt.timedelta(days=28)
LOOKED_BACK = dt.timedelta(days=365)  # how long ago an event may have been
EARLIER = dt.timedelta(days=180)  # in which earlier events count
GRACE = dt.timedelta(days=14)  # after the due date, until it counts as not renewed
MOST_EVENTS = 200
CHALLENGE = "challenge"
# Members without a seat that are looked at: so many for each who has one, and as many
# at least. They are drawn by lot, always the same.
OTHERS, FEWEST_OTHERS = 5, 2000

COVARIATES = (
    *("visits", "last_week", "long_before", "interactions", "content"),
    *("tenure", "earlier_events"),
)

ENDED = """
SELECT event.id, event.kind, event.space_id, event.starts_at, event.ends_at,
       event.staff_minutes,
       count(*) FILTER (WHERE mine.no_show IS FALSE),
       count(*) FILTER (WHERE mine.no_show IS TRUE),
       count(mine.id)
  FROM content_event AS event
  LEFT JOIN content_registration AS mine
         ON mine.event_id = event.id AND mine.state = 'going'
 WHERE event.state = 'published'
   AND event.ends_at >= %(since)s AND event.ends_at < %(until)s
 GROUP BY event.id ORDER BY event.ends_at DESC, event.id DESC LIMIT %(most)s
"""
RATED = """
SELECT event_id, count(*), sum(stars) FROM content_eventrating
 WHERE event_id = ANY (%(events)s) AND created_at < %(until)s
   AND hidden_at IS NULL
 GROUP BY 1
"""
# In the log, of which only the hours of each event are read.
ASKED = """
SELECT event.id, asked.questions
  FROM content_event AS event
 CROSS JOIN LATERAL (
     SELECT count(*) AS questions FROM accounts_activity AS did
      WHERE did.verb = %(verb)s AND did.data ->> 'event' = event.id::text
        AND did.at >= event.starts_at - interval '2 hours'
        AND did.at < event.ends_at + interval '2 hours') AS asked
 WHERE event.id = ANY (%(events)s) AND asked.questions > 0
"""
# Challenges are one more form: all who joined have a seat, and came if they checked in.
CHALLENGES = """
SELECT challenge.id, challenge.space_id, challenge.first_day, challenge.last_day,
       count(part.id), count(part.id) FILTER (WHERE EXISTS (
           SELECT FROM content_checkin AS did
             LEFT JOIN content_case AS held ON held.id = did.case_id
             JOIN content_post AS post
               ON post.id = coalesce(did.post_id, held.post_id)
            WHERE did.participant_id = part.id AND post.hidden_at IS NULL))
  FROM content_challenge AS challenge
  LEFT JOIN content_challengemember AS part
         ON part.challenge_id = challenge.id AND part.left_at IS NULL
 WHERE challenge.state = 'published'
   AND challenge.last_day >= %(since)s AND challenge.last_day <= %(until)s
 GROUP BY challenge.id
 ORDER BY challenge.last_day DESC, challenge.id DESC LIMIT %(most)s
"""
SEATS = {
    "event": """
    SELECT member_id, no_show FROM content_registration
     WHERE event_id = %(event)s AND state = 'going'""",
    "challenge": """
    SELECT part.member_id, NOT EXISTS (
           SELECT FROM content_checkin AS did
             LEFT JOIN content_case AS held ON held.id = did.case_id
             JOIN content_post AS post
               ON post.id = coalesce(did.post_id, held.post_id)
            WHERE did.participant_id = part.id AND post.hidden_at IS NULL) AS no_show
      FROM content_challengemember AS part
     WHERE part.challenge_id = %(event)s AND part.left_at IS NULL""",
}
# Whoever leads an event or speaks there is on neither side. Who stood on the waiting
# list, or gave a seat back, wanted to come: they are not like those who did not.
ASIDE = {
    "event": """
    SELECT member_id FROM content_registration
     WHERE event_id = %(event)s AND state <> 'going'
     UNION SELECT host_id FROM content_event WHERE id = %(event)s
     UNION SELECT member_id FROM content_speaker
            WHERE event_id = %(event)s AND member_id IS NOT NULL""",
    "challenge": """
    SELECT member_id FROM content_challengemember
     WHERE challenge_id = %(event)s AND left_at IS NOT NULL
     UNION SELECT host_id FROM content_challenge WHERE id = %(event)s""",
}
PEOPLE = f"""
WITH allowed AS ({MAY_BE_PROFILED}), seat AS ({{seats}}
), aside AS ({{aside}}
), who AS (
    SELECT member.id, member.date_joined,
           CASE WHEN seat.member_id IS NULL THEN 0
                WHEN seat.no_show IS FALSE THEN 1 ELSE -1 END AS came
      FROM accounts_user AS member
      LEFT JOIN seat ON seat.member_id = member.id
     WHERE member.id IN (SELECT member_id FROM allowed)
       AND member.date_joined < %(first)s
       AND member.erased_at IS NULL AND NOT member.is_applicant
       AND (seat.member_id IS NULL OR seat.no_show IS NOT NULL)
       AND member.id NOT IN (SELECT member_id FROM aside)
       AND (seat.member_id IS NOT NULL OR %(space)s::bigint IS NULL
            OR EXISTS (SELECT FROM accounts_spacemember AS place
                        WHERE place.member_id = member.id
                          AND place.space_id = %(space)s
                          AND place.joined_at < %(starts_at)s
                          AND coalesce(place.left_at > %(starts_at)s, true)))
     ORDER BY seat.member_id IS NULL, md5(member.id || ' ' || %(event)s), member.id
     LIMIT (SELECT %(fewest)s + %(others)s * count(*) FROM seat)
), did AS (
    SELECT member_id,
           count(DISTINCT day) FILTER (
               WHERE day >= %(first_day)s AND day < %(day)s) AS visits,
           count(DISTINCT day) FILTER (
               WHERE day >= %(day)s - 7 AND day < %(day)s) AS last_week,
           sum(interactions) FILTER (
               WHERE day >= %(first_day)s AND day < %(day)s) AS interactions,
           sum(content) FILTER (
               WHERE day >= %(first_day)s AND day < %(day)s) AS content,
           count(DISTINCT day) FILTER (
               WHERE day >= %(placebo_day)s AND day < %(first_day)s) AS placebo,
           count(DISTINCT day) FILTER (WHERE day < %(placebo_day)s) AS long_before,
           count(DISTINCT day) FILTER (WHERE day > %(last_day)s) AS after,
           count(DISTINCT day) FILTER (
               WHERE day > %(last_day)s AND interactions > 0) AS took_part
      FROM analytics_memberday
     WHERE day >= %(long_day)s AND day <= %(until_day)s
       AND member_id IN (SELECT id FROM who)
     GROUP BY 1
), earlier AS (
    SELECT mine.member_id, count(*) AS events
      FROM content_registration AS mine
      JOIN content_event AS event ON event.id = mine.event_id
     WHERE mine.no_show IS FALSE
       AND event.ends_at < %(starts_at)s AND event.ends_at > %(earlier)s
     GROUP BY 1
), held AS (
    SELECT DISTINCT ON (member_id) member_id, ends_at AS due
      FROM accounts_entitlement
     WHERE what = 'membership' AND source IN ('order', 'gift', 'resumed')
       AND starts_at <= %(starts_at)s
       AND least(ends_at, revoked_at, 'infinity') > %(starts_at)s
     ORDER BY member_id, ends_at DESC NULLS FIRST
)
SELECT who.id, who.came, held.member_id IS NOT NULL,
       coalesce(visits, 0), coalesce(last_week, 0), coalesce(long_before, 0),
       coalesce(interactions, 0), coalesce(content, 0),
       extract(epoch FROM %(starts_at)s - who.date_joined) / 86400,
       coalesce(events, 0),
       coalesce(after, 0), coalesce(took_part, 0),
       CASE WHEN who.date_joined < %(placebo)s THEN coalesce(did.placebo, 0) END,
       CASE WHEN held.due + %(grace)s <= %(known)s AND NOT EXISTS (
                    SELECT FROM accounts_entitlement AS ahead
                      JOIN accounts_order AS bought ON bought.id = ahead.order_id
                     WHERE ahead.member_id = who.id AND ahead.what = 'membership'
                       AND ahead.starts_at > %(starts_at)s
                       AND bought.paid_at < %(starts_at)s)
            THEN EXISTS (
                    SELECT FROM accounts_entitlement AS next
                     WHERE next.member_id = who.id AND next.what = 'membership'
                       AND next.source IN ('order', 'gift', 'resumed')
                       AND next.starts_at <= held.due + %(grace)s
                       AND least(next.ends_at, next.revoked_at, 'infinity')
                           > held.due + %(grace)s) END
  FROM who
  LEFT JOIN did ON did.member_id = who.id
  LEFT JOIN earlier ON earlier.member_id = who.id
  LEFT JOIN held ON held.member_id = who.id
 ORDER BY who.id
"""  # noqa: S608 - made of our own parts


@dataclass(frozen=True)
class Ended:
    """One event that is over, and how many of those with a seat came. A challenge is
    one, with the negative of its number.

    `unknown` had a seat, and it was not noted whether they came; `stars` are those of
    all `ratings` together, `questions` those asked while it ran.
    """

    pk: int
    kind: str
    space: int | None
    starts_at: dt.datetime
    ends_at: dt.datetime
    staff_minutes: int | None
    came: int
    missed: int
    unknown: int
    ratings: int
    stars: int
    questions: int

    @property
    def source(self) -> str:
        return "challenge" if self.kind == CHALLENGE else "event"

    @property
    def is_noted(self) -> bool:
        return self.came > 0

    @property
    def first_day(self) -> dt.date:
        return site_day(self.starts_at)

    @property
    def last_day(self) -> dt.date:
        return site_day(self.ends_at)

    def is_followed(self, as_of: dt.date) -> bool:
        """Whether the days after it are over."""
        return self.is_noted and self.last_day + WINDOW <= as_of


@dataclass(frozen=True)
class People:
    """n rows, each a member and an event.

    came : 1 who came, -1 who had a seat and did not, 0 who had none · covariates :
    (n, 7) as in COVARIATES · after : active days in the 28 after · took_part : of them
    those with a post · before : active days in the placebo's 28; NaN for who was no
    member all that time · renewed : 1, 0, NaN for who had nothing to renew
    """

    event: Ints
    member: Ints
    came: Ints
    paying: Bools
    covariates: Floats
    after: Floats
    took_part: Floats
    before: Floats
    renewed: Floats

    @property
    def strata(self) -> Ints:
        """Of the same event, and paying or not: only these are compared."""
        return 2 * self.event + self.paying

    def where(self, rows: Bools) -> "People":
        return People(**{name: column[rows] for name, column in vars(self).items()})


def ended(as_of: dt.date) -> list[Ended]:
    """The newest first, as it stands; those that ended by the end of a day."""
    found = [*_events(as_of), *_challenges(as_of)]
    return sorted(found, key=lambda it: (it.ends_at, it.pk), reverse=True)


def _challenges(as_of: dt.date) -> list[Ended]:
    since = as_of - LOOKED_BACK
    found = _rows(CHALLENGES, since=since, until=as_of, most=MOST_EVENTS)
    return [
        Ended(
            pk=-pk,
            kind=CHALLENGE,
            space=space,
            starts_at=start_of(first_day),
            ends_at=end_of(last_day) - dt.timedelta(microseconds=1),
            staff_minutes=None,
            came=came,
            missed=joined - came,
            unknown=0,
            ratings=0,
            stars=0,
            questions=0,
        )
        for pk, space, first_day, last_day, joined, came in found
    ]


def _events(as_of: dt.date) -> list[Ended]:
    until = end_of(as_of)
    found = _rows(ENDED, since=until - LOOKED_BACK, until=until, most=MOST_EVENTS)
    numbers = [row[0] for row in found]
    rated = {pk: of for pk, *of in _rows(RATED, events=numbers, until=until)}
    asked = dict(_rows(ASKED, events=numbers, verb=Verb.LIVE_ASKED))
    return [
        Ended(
            pk=pk,
            kind=kind,
            space=space,
            starts_at=starts_at,
            ends_at=ends_at,
            staff_minutes=minutes,
            came=came,
            missed=missed,
            unknown=seated - came - missed,
            ratings=rated.get(pk, (0, 0))[0],
            stars=rated.get(pk, (0, 0))[1],
            questions=asked.get(pk, 0),
        )
        for pk, kind, space, starts_at, ends_at, minutes, came, missed, seated in found
    ]


def people(events: Sequence[Ended], as_of: dt.date) -> People:
    """Whoever may be looked at for these events, event after event; only members who
    agreed that their acts are used for models."""
    nobody = np.empty((0, 15))
    table = np.concatenate([nobody, *(_people(event, as_of) for event in events)])
    interactions, content, tenure, earlier = table[:, [7, 8, 9, 10]].T
    return People(
        event=table[:, 0].astype(np.int64),
        member=table[:, 1].astype(np.int64),
        came=table[:, 2].astype(np.int64),
        paying=table[:, 3].astype(np.bool_),
        # Counts and days have long tails: ten more mean less to who has a thousand.
        covariates=np.column_stack(
            [
                *(table[:, 4], table[:, 5], table[:, 6]),
                *(np.log1p(interactions), np.log1p(content)),
                *(np.log1p(tenure), np.log1p(earlier)),
            ]
        ),
        after=table[:, 11],
        took_part=table[:, 12],
        before=table[:, 13],
        renewed=table[:, 14],
    )


def _people(event: Ended, as_of: dt.date) -> Floats:
    """One event's rows of the statement, its number first."""
    day, first_day = event.first_day, event.first_day - WINDOW
    placebo_day = first_day - WINDOW
    rows = _rows(
        PEOPLE.format(seats=SEATS[event.source], aside=ASIDE[event.source]),
        event=abs(event.pk),
        space=event.space,
        starts_at=event.starts_at,
        day=day,
        first_day=first_day,
        first=start_of(first_day),
        placebo_day=placebo_day,
        placebo=start_of(placebo_day),
        long_day=placebo_day - WINDOW,
        last_day=event.last_day,
        until_day=event.last_day + WINDOW,
        earlier=event.starts_at - EARLIER,
        grace=GRACE,
        known=end_of(as_of),
        others=OTHERS,
        fewest=FEWEST_OTHERS,
    )
    return np.array([(event.pk, *row) for row in rows], dtype=np.float64).reshape(
        -1, 15
    )


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
