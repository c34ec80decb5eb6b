"""Talk that grows heated, for those who can calm it.

It is measured, shown to guides, and that is all: what is done about it, people do.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import (
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from community.lib.heat import Heat, Said, heat_of, heated_in, is_loud, said_in
from content.errors import TakenByOther
from content.models import Case, Post, PostReport, Topic, TopicHeat

Proposal = TopicHeat.Proposal

LASTS = dt.timedelta(hours=2)  # what was said before has cooled
QUIET_FOR = dt.timedelta(hours=24)
MOST_POSTS = 40  # of a topic, the latest
MOST_TOPICS = 500  # in one go, the most recent first
FEWEST_BEFORE = 5  # posts, for a talk to have a usual pace
NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


# Measuring ---------------------------------------------------------------------------


def measure() -> int:
    """Measure the topics in which something happened since they were measured; how
    many. Those that have cooled are forgotten."""
    now = timezone.now()
    # In one order, so that two who measure at once do not wait for each other.
    topics = sorted(_to_measure(now)[:MOST_TOPICS], key=lambda topic: topic.pk)
    posts = _latest_posts(topics, now)
    reports = _open_reports(topics)
    rows = [
        _row(topic, posts.get(topic.pk, []), reports.get(topic.pk, 0), now)
        for topic in topics
    ]
    # Who has seen it, and until when it is quiet, is left as it is.
    TopicHeat.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["topic"],
        update_fields=["heat", "parts", "proposal", "at"],
    )
    _forget_cooled(now)
    return len(rows)


def _to_measure(now: dt.datetime) -> QuerySet[Topic]:
    measured = TopicHeat.objects.filter(topic=OuterRef("pk"))
    last = Coalesce(
        Subquery(measured.values("at")), Value(NEVER, output_field=DateTimeField())
    )
    reported = PostReport.objects.filter(
        case__topic=OuterRef("pk"), created_at__gt=OuterRef("measured_at")
    )
    recent = Topic.objects.filter(
        last_post_at__gt=now - LASTS, hidden_at=None, reply_count__gt=0
    ).annotate(measured_at=last)
    return recent.filter(
        Q(last_post_at__gte=F("measured_at"))
        | Exists(measured.exclude(proposal=Proposal.NONE))
        | Exists(reported)
    ).order_by("-last_post_at")


def _latest_posts(topics: Iterable[Topic], now: dt.datetime) -> dict[int, list[Post]]:
    """The latest posts of each that are shown, in their order."""
    rows = (
        Post.objects.filter(
            topic__in=topics,
            number__gt=F("topic__last_number") - MOST_POSTS,
            created_at__gt=now - LASTS,
            hidden_at=None,
        )
        .select_related("author")
        .order_by("topic", "number")
    )
    by_topic: dict[int, list[Post]] = defaultdict(list)
    for post in rows:
        by_topic[post.topic_id].append(post)
    return by_topic


def _open_reports(topics: Iterable[Topic]) -> dict[int | None, float]:
    """The weight of what members reported and nobody has looked at."""
    cases = Case.objects.filter(topic__in=topics, what=Case.What.REPORT, closed_at=None)
    return dict(cases.values_list("topic").annotate(Sum("weight")))


def _row(
    topic: Topic, posts: list[Post], reports: float, now: dt.datetime
) -> TopicHeat:
    said = [Said(it.author_id, it.created_at.timestamp() / 60, it.body) for it in posts]
    heat = heat_of(said, reports=reports, usual=_usual(topic, posts))
    return TopicHeat(
        topic=topic,
        heat=heat.whole,
        parts={name: round(value, 2) for name, value in heat.parts.items()},
        proposal=_proposal(heat),
        at=now,
    )


def _usual(topic: Topic, posts: list[Post]) -> float | None:
    """Minutes between two posts before these, where there were enough of them."""
    if not posts or posts[0].number <= FEWEST_BEFORE:
        return None
    lasted = posts[0].created_at - topic.created_at
    return lasted.total_seconds() / 60 / (posts[0].number - 1)


def _proposal(heat: Heat) -> Proposal:
    if not heat.is_heated:
        return Proposal.NONE
    return Proposal.SLOW if heat.is_fast else Proposal.WORD


def _forget_cooled(now: dt.datetime) -> None:
    """Those left alone for a day are kept for that day, so that they stay quiet."""
    cooled = Q(topic__last_post_at__lte=now - LASTS) | Q(topic__hidden_at__isnull=False)
    quiet = Q(quiet_until__gt=now)
    TopicHeat.objects.filter(cooled).exclude(quiet).delete()


# For those who guide -----------------------------------------------------------------


@dataclass(frozen=True)
class Voice:
    """Somebody to have a word with: how many of their latest posts are heated."""

    member: User
    posts: int


@dataclass(frozen=True)
class HotTopic:
    row: TopicHeat
    reasons: list[str]
    voices: list[Voice]


def shown(rows: QuerySet[TopicHeat]) -> QuerySet[TopicHeat]:
    """What proposes something and was not left alone, the hottest first."""
    now = timezone.now()
    return (
        rows.filter(topic__last_post_at__gt=now - LASTS, topic__hidden_at=None)
        .exclude(proposal=Proposal.NONE)
        .exclude(quiet_until__gt=now)
        .select_related("topic__space", "topic__item", "seen_by")
        .order_by("-heat", "pk")
    )


def told(rows: Iterable[TopicHeat]) -> list[HotTopic]:
    """With why, and whom one may talk to: read from the posts, kept nowhere."""
    rows = list(rows)
    posts = _latest_posts([row.topic for row in rows], timezone.now())
    return [
        HotTopic(row, _reasons(row.parts), _voices(posts.get(row.topic_id, [])))
        for row in rows
    ]


def _reasons(parts: dict[str, float]) -> list[str]:
    """In words, what weighs most first."""
    words = {
        "words": _("Insults or accusations in the latest posts"),
        "reports": _("Reports that nobody has looked at"),
        "pace": _("A few people answer each other within minutes"),
        "shouting": _("Capitals, or rows of !!!"),
    }
    said = [(parts.get(name, 0), text) for name, text in words.items()]
    strongest = sorted(said, key=lambda part: -part[0])
    return [f"{text} ({value:.0%})" for value, text in strongest if value > 0]


def _voices(posts: list[Post]) -> list[Voice]:
    heated: dict[User, int] = defaultdict(int)
    for post in posts:
        text = said_in(post.body)
        if heated_in(text) or is_loud(text):
            heated[post.author] += 1
    many = sorted(heated.items(), key=lambda pair: -pair[1])
    return [Voice(member, number) for member, number in many]


@transaction.atomic
def take(*, row: TopicHeat, by: User) -> TopicHeat:
    """Say that one writes a word there. Raises TakenByOther."""
    row = _hold(row)
    if row.seen_by_id not in {None, by.pk}:
        raise TakenByOther
    return _seen(row, by, quiet_until=None)


@transaction.atomic
def give_back(*, row: TopicHeat, by: User) -> TopicHeat:
    """Leave to others what one took."""
    row = _hold(row)
    return row if row.seen_by_id != by.pk else _seen(row, None, quiet_until=None)


@transaction.atomic
def leave_alone(*, row: TopicHeat, by: User) -> TopicHeat:
    """Nothing is to be done: it is not shown for a day, however it goes on there."""
    return _seen(_hold(row), by, quiet_until=timezone.now() + QUIET_FOR)


def _seen(
    row: TopicHeat, by: User | None, *, quiet_until: dt.datetime | None
) -> TopicHeat:
    row.seen_by, row.seen_at = by, timezone.now() if by else None
    row.quiet_until = quiet_until
    row.save(update_fields=["seen_by", "seen_at", "quiet_until"])
    return row


def _hold(row: TopicHeat) -> TopicHeat:
    return TopicHeat.objects.select_for_update(of=("self",)).get(pk=row.pk)
