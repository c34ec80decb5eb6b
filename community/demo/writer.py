"""From a simulated history to rows, in bulk: COPY in, then SQL between tables.

Members are lived and written block by block, so that memory does not grow with
their number. Only for an empty database: row numbers are handed out here.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from accounts.models import Offer, Space, TrackedLink
from accounts.services.activity import ensure_partitions
from community.demo import sql
from community.demo.people import LANGUAGES, names
from community.demo.simulator import Catalogue, Deed, History, simulate
from community.lib import markdown
from content.models import Item, Lesson
from incentives.models import PointRule

BLOCK = 20_000  # members lived at once: about 300 MB
QUESTIONS = 0.6  # share of topics
LIKES_PER_POST = 0.7
DAY_BEGINS, DAY_LASTS = 7 * 3600, 15 * 3600  # seconds
PAUSE = 45  # seconds between two deeds of one visit


class Writer:
    """Writes blocks of simulated members behind what is in the database."""

    def __init__(self, *, days: int, seed: int, texts: dict[str, Any]) -> None:
        self.days, self.seed, self.texts = days, seed, texts
        self.first_day = timezone.localdate() - dt.timedelta(days=days)
        self.spaces: list[Space] = []
        self.html: dict[str, str] = {}
        self.next_user = self.next_topic = self.next_post = 1

    @property
    def opened_at(self) -> dt.datetime:
        return self._at(0)

    def prepare(self, courses: list[Item]) -> None:
        """What SQL needs to know of the courses, and room in the activity log."""
        self.spaces = list(Space.objects.order_by("pk"))
        lessons = Lesson.objects.filter(section__item__in=courses).select_related(
            "section__item"
        )
        lessons = lessons.order_by("section__item_id", "section__position", "position")
        ensure_partitions(self.first_day, timezone.localdate())
        PointRule.objects.update(since=self.opened_at)
        month = Offer.objects.get(slug="month")
        with connection.cursor() as cursor:
            cursor.execute(sql.STAGING)
            cursor.execute("SELECT max(id) + 1 FROM accounts_user")
            (self.next_user,) = cursor.fetchone()
        copy(
            "demo_lesson (idx, id, item_id, space_id)",
            (
                (n, lesson.pk, lesson.section.item_id, lesson.section.item.space_id)
                for n, lesson in enumerate(lessons)
            ),
        )
        copy(
            "demo_course (idx, id, space_id)",
            ((n, item.pk, item.space_id) for n, item in enumerate(courses)),
        )
        copy("demo_plan (id, title, price)", [(month.pk, month.title, month.price)])
        links = TrackedLink.objects.order_by("pk").values_list("pk", "channel")
        copy(
            "demo_link (idx, id, channel_id)",
            ((n, *link) for n, link in enumerate(links)),
        )
        copy(
            "demo_tag (space_id, tag_id)",
            {(item.space_id, tag.pk) for item in courses for tag in item.tags.all()},
        )

    def write_all(self, members: int, progress: Callable[[int], object]) -> None:
        for number, first in enumerate(range(0, members, BLOCK)):
            size = min(BLOCK, members - first)
            self._write_block(np.random.default_rng([self.seed, number]), size)
            progress(size)
        with connection.cursor() as cursor:
            cursor.execute(sql.CONTINUE_NUMBERS)

    def finish(self) -> None:
        """Points for what was done, papers, visits, statistics."""
        with connection.cursor() as cursor:
            cursor.execute(sql.AWARDS)
            cursor.execute(sql.LEDGER)
            cursor.execute(sql.PAPERS)
            cursor.execute(sql.VISITS)
            cursor.execute("ANALYZE")

    def _write_block(self, rng: np.random.Generator, members: int) -> None:
        history = simulate(
            rng,
            members=members,
            days=self.days,
            catalogue=self._catalogue(),
            interests=len(self.spaces),
        )
        languages = [LANGUAGES[n] for n in rng.integers(2, size=members)]
        seconds = _moments(rng, history)
        with connection.cursor() as cursor:
            cursor.execute(sql.EMPTY_STAGING)
        self._write_members(rng, history, languages)
        self._write_talk(rng, history, seconds, languages)
        self._write_deeds(history, seconds)
        with connection.cursor() as cursor:
            cursor.execute(sql.BLOCK)
        self.next_user += members

    def _catalogue(self) -> Catalogue:
        words = self.texts["course"]
        return Catalogue(
            lessons=np.array(
                [sum(len(s["lesson"]) for s in c["section"]) for c in words]
            ),
            interest=np.array([course["interest"] for course in words]),
            free=np.array([course["access"] == "free" for course in words]),
        )

    def _write_members(self, rng, history: History, languages: list[str]) -> None:
        nobody_knows = make_password(None)
        first = self.next_user
        rows = zip(
            range(first, first + len(languages)),
            names(rng, self.texts, languages),
            languages,
            history.joined.tolist(),
            history.left.tolist(),
            history.truth.interest.tolist(),
            history.truth.responds.tolist(),
            history.truth.base.tolist(),
            strict=True,
        )
        copy(
            "demo_member (id, name, language, joined_at, left_at, space_id,"
            " responds, base, password)",
            (
                (
                    *(pk, name, language, self._at(joined)),
                    self._at(left) if left < self.days else None,
                    *(self.spaces[interest].pk, responds, base, nobody_knows),
                )
                for pk, name, language, joined, left, interest, responds, base in rows
            ),
        )

    def _write_deeds(self, history: History, seconds) -> None:
        rows = zip(
            history.day.tolist(),
            seconds.tolist(),
            (history.member + self.next_user).tolist(),
            history.deed.tolist(),
            history.what.tolist(),
            strict=True,
        )
        copy(
            "demo_deed (at, member_id, deed, what)",
            (
                (self._at(day, second), member, deed, what)
                for day, second, member, deed, what in rows
                if deed not in {Deed.START_TOPIC, Deed.REPLY}
            ),
        )

    def _write_talk(self, rng, history: History, seconds, languages: list[str]) -> None:
        """Topics and posts, numbered in the order of time; likes; accepted answers."""
        talk = np.isin(history.deed, [Deed.START_TOPIC, Deed.REPLY])
        if not talk.any():
            return
        when = history.day[talk] * 86400 + seconds[talk]
        topic, member = history.what[talk], history.member[talk]
        order = np.lexsort((when, topic))
        topic, member, when = topic[order], member[order], when[order]
        begins = np.flatnonzero(np.r_[True, topic[1:] != topic[:-1]])
        number = np.arange(len(topic)) - np.repeat(
            begins, np.diff([*begins, len(topic)])
        )
        posts = self.next_post + np.arange(len(topic))
        members = member + self.next_user
        self._write_topics(
            rng, history, topic[begins], member[begins], when[begins], languages
        )
        copy(
            "content_post (id, topic_id, number, author_id, body, body_html,"
            " created_at, like_count, helpful_count, unhelpful_count, hidden_reason)",
            (
                (
                    pk,
                    self.next_topic + t,
                    n + 1,
                    who,
                    *self._body(rng, lang, n),
                    at,
                    *(0, 0, 0, ""),
                )
                for pk, t, n, who, lang, at in zip(
                    posts.tolist(),
                    topic.tolist(),
                    number.tolist(),
                    members.tolist(),
                    (languages[m] for m in member.tolist()),
                    map(self._moment, when.tolist()),
                    strict=True,
                )
            ),
        )
        self._write_likes(rng, posts, when, history)
        self.next_topic += len(history.topic_interest)
        self.next_post += len(topic)

    def _write_topics(
        self, rng, history: History, topics, starters, when, languages
    ) -> None:
        questions = rng.random(len(topics)) < QUESTIONS
        rows = zip(
            topics.tolist(),
            history.topic_interest[topics].tolist(),
            starters.tolist(),
            questions.tolist(),
            when.tolist(),
            strict=True,
        )
        copy(
            "content_topic (id, kind, title, author_id, space_id, revision,"
            " last_number, reply_count, is_answered, created_at, last_post_at,"
            " hidden_reason)",
            (
                (
                    self.next_topic + topic,
                    "question" if asks else "discussion",
                    self._title(rng, languages[who], interest, asks),
                    who + self.next_user,
                    self.spaces[interest].pk,
                    *(1, 0, 0, False),
                    *(self._moment(second), self._moment(second), ""),
                )
                for topic, interest, who, asks, second in rows
            ),
        )

    def _write_likes(self, rng, posts, when, history: History) -> None:
        """From members who had joined by then; a repeated one counts once."""
        liked = rng.integers(len(posts), size=int(LIKES_PER_POST * len(posts)))
        arrived = np.searchsorted(history.joined, when[liked] // 86400, side="right")
        who = (rng.random(len(liked)) * arrived).astype(int) + self.next_user
        at = np.minimum(when[liked] + 3600, self.days * 86400 - 1)
        copy(
            "demo_like (post_id, member_id, at)",
            zip(
                posts[liked].tolist(),
                who.tolist(),
                map(self._moment, at.tolist()),
                strict=True,
            ),
        )

    def _title(self, rng, language: str, interest: int, asks: bool) -> str:
        words = self.texts["talk"][language]
        template = _pick(rng, words["questions" if asks else "discussions"])
        subject = _pick(rng, self.texts["subjects"][interest][language])
        return template.format(subject=subject)

    def _body(self, rng, language: str, number: int) -> tuple[str, str]:
        words = self.texts["talk"][language]
        body = _pick(rng, words["replies" if number else "bodies"])
        if body not in self.html:
            self.html[body] = markdown.render(body)
        return body, self.html[body]

    def _at(self, day: int, second: int = 0) -> dt.datetime:
        return self._moment(int(day) * 86400 + int(second))

    def _moment(self, second: int) -> dt.datetime:
        midnight = dt.datetime.combine(
            self.first_day, dt.time(), timezone.get_default_timezone()
        )
        return midnight + dt.timedelta(seconds=second)


def _moments(rng: np.random.Generator, history: History):
    """Seconds of the day: each visit begins some time and goes deed by deed."""
    visit = history.day.astype(np.int64) * (history.member.max() + 1) + history.member
    order = np.lexsort((history.deed, visit))
    ordered = visit[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff([*begins, len(ordered)])
    start = DAY_BEGINS + rng.integers(DAY_LASTS, size=len(begins))
    place = np.arange(len(ordered)) - np.repeat(begins, lengths)
    seconds = np.empty(len(ordered), dtype=np.int64)
    seconds[order] = np.repeat(start, lengths) + PAUSE * place
    return seconds


def _pick(rng: np.random.Generator, choices: list[str]) -> str:
    return choices[rng.integers(len(choices))]


def copy(target: str, rows: Iterable[tuple]) -> None:
    """COPY rows into `target`, a table with its columns."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", _Lines(rows))


class _Lines(io.TextIOBase):
    """Rows as COPY's text format, made while they are read."""

    AT_ONCE = 2000

    def __init__(self, rows: Iterable[tuple]) -> None:
        self.rows = iter(rows)

    def read(self, size: int | None = -1) -> str:
        lines = []
        for row in self.rows:
            lines.append("\t".join(map(_cell, row)) + "\n")
            if len(lines) == self.AT_ONCE:
                break
        return "".join(lines)


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if isinstance(value, str) else str(value)
