"""Checking in, what others say to it, and finishing.

The member's row is the lock of all that is theirs: nobody else changes it.
"""

import datetime as dt
from typing import cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Notification, User, Verb
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from accounts.services.titles import give_title
from community.lib.dates import site_day
from content.errors import CheckedInAlready, DayClosed
from content.models import Case, Challenge, ChallengeMember, CheckIn, Post, Topic
from content.services import discussions, posting
from content.services.challenges import open_days_of

Kind = Notification.Kind

# Whoever is reminded late, because nothing ran, is so on the same day or not at all.
DUE = """
SELECT part.id, (%(now)s AT TIME ZONE part.time_zone)::date
  FROM content_challengemember AS part
  JOIN content_challenge AS challenge ON challenge.id = part.challenge_id
 WHERE part.left_at IS NULL AND part.remind_hour IS NOT NULL
   AND challenge.state = 'published'
   AND (%(now)s AT TIME ZONE part.time_zone)::date
       BETWEEN challenge.first_day AND challenge.last_day
   AND extract(hour FROM %(now)s AT TIME ZONE part.time_zone) >= part.remind_hour
   AND part.reminded_on IS DISTINCT FROM (%(now)s AT TIME ZONE part.time_zone)::date
 ORDER BY part.id
"""


@transaction.atomic
def check_in(
    *,
    participant: ChallengeMember,
    author: User,
    day: dt.date,
    body: str,
    form_key: UUID | None = None,
    agrees: bool = False,
) -> CheckIn:
    """Say that a day's task is done, in the challenge's topic; once a day. What is held
    counts until it is refused.

    The same form again changes nothing. Raises CheckedInAlready when the day is done
    with other words, DayClosed, and what `post_reply` raises.
    """
    hold_members(author.pk)
    mine = ChallengeMember.objects.select_related("challenge__topic").get(
        pk=participant.pk
    )
    done = CheckIn.objects.counting().select_related("post", "case")
    if there := done.filter(participant=mine, day=day).first():
        if not _is_sent_again(there, author, form_key, body):
            raise CheckedInAlready
        return there
    may = open_days_of(mine)
    if mine.left_at or day not in may:
        raise DayClosed
    said = posting.post_reply(
        topic=_topic_of(mine.challenge),
        author=author,
        body=body,
        form_key=form_key,
        agrees=agrees,
    )
    is_held = isinstance(said, Case)
    made, _is_new = CheckIn.objects.update_or_create(
        participant=mine,
        day=day,
        defaults={
            "at": timezone.now(),
            "is_late": day < timezone.now().astimezone(mine.zone).date(),
            "post": None if is_held else said,
            "case": said if is_held else None,
        },
    )
    record_activity(
        member=author,
        verb=Verb.CHECKED_IN,
        target=mine.challenge,
        space=mine.challenge.space_id,
        check_in=made.pk,
    )
    finish(participant=mine)
    return made


def _is_sent_again(
    there: CheckIn, author: User, form_key: UUID | None, body: str
) -> bool:
    if there.case:
        return form_key is not None and there.case.form_key == form_key
    return there.post == discussions.sent_before(author, form_key, body)


def _topic_of(challenge: Challenge) -> Topic:
    topic = cast("Topic", challenge.topic)  # a constraint says that there is one
    return topic.merged_into or topic


@transaction.atomic
def finish(*, participant: ChallengeMember) -> bool:
    """Whether they have finished just now: once, with all that comes of it."""
    challenge = participant.challenge
    stands = CheckIn.objects.standing().filter(participant=participant)
    if stands.count() < challenge.required_days:
        return False
    first = ChallengeMember.objects.filter(pk=participant.pk, done_at=None)
    if not first.update(done_at=timezone.now()):
        return False
    record_activity(
        member=participant.member,
        verb=Verb.CHALLENGE_DONE,
        target=challenge,
        space=challenge.space_id,
    )
    tell(
        [participant.member_id],
        kind=Kind.CHALLENGE_DONE,
        key=f"challenge:{challenge.pk}",
        target=challenge,
    )
    if challenge.title_given:
        give_title(
            title=challenge.title_given,
            member=participant.member,
            by=challenge.host,
            reason=challenge.title,
        )
    return True


# What others say to it ----------------------------------------------------------------


@transaction.atomic
def answer(
    *,
    check_in: CheckIn,
    author: User,
    body: str,
    form_key: UUID | None = None,
    agrees: bool = False,
) -> Post | Case:
    """A reply to it, in the same topic; who checked in is told."""
    post = cast("Post", check_in.shown)  # access shows no other
    said = posting.post_reply(
        topic=post.topic,
        author=author,
        body=body,
        reply_to=post.number,
        form_key=form_key,
        agrees=agrees,
    )
    if isinstance(said, Post):
        _tell_of_answer(check_in, said)
    return said


def tell_of_answer(post_id: int) -> None:
    """What is said to a check-in elsewhere, or was held until now, is told as well."""
    said = Post.objects.select_related("author", "reply_to").filter(pk=post_id).first()
    if said is None or said.reply_to is None:
        return
    of = Q(post=said.reply_to) | Q(case__post=said.reply_to)
    if check_in := CheckIn.objects.filter(of).first():
        _tell_of_answer(check_in, said)


def _tell_of_answer(check_in: CheckIn, said: Post) -> None:
    """Once, whoever notices it."""
    whose = cast("Post", said.reply_to).author_id
    if whose != said.author_id:
        tell(
            [whose],
            kind=Kind.CHECK_IN_ANSWERED,
            key=f"answer:{said.pk}",
            target=check_in,
            actor=said.author,
        )


@transaction.atomic
def praise(*, check_in: CheckIn, by: User) -> None:
    """For everybody to see; twice is once."""
    plain = CheckIn.objects.filter(pk=check_in.pk, praised_at=None)
    if not plain.update(praised_at=timezone.now(), praised_by=by):
        return
    tell(
        [check_in.participant.member_id],
        kind=Kind.CHECK_IN_PRAISED,
        key=f"praise:{check_in.pk}",
        target=check_in,
        actor=by,
    )


def take_praise_back(*, check_in: CheckIn) -> None:
    CheckIn.objects.filter(pk=check_in.pk).update(praised_at=None, praised_by=None)


def answers_to(check_in: CheckIn) -> QuerySet[Post]:
    post = check_in.shown
    answers = Post.objects.filter(reply_to=post, hidden_at=None).exclude(body="")
    return answers.select_related("author").order_by("number")


# The clock ----------------------------------------------------------------------------


def remind(now: dt.datetime | None = None) -> int:
    """Today's task, at the hour that each member chose, to those who have not checked
    in; once a day, whatever was killed in between."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now or timezone.now()})
        due = cursor.fetchall()
    return sum(_remind(pk, day) for pk, day in due)


@transaction.atomic
def _remind(pk: int, day: dt.date) -> int:
    rows = ChallengeMember.objects.select_for_update(skip_locked=True)
    waiting = rows.filter(pk=pk, left_at=None, remind_hour__isnull=False)
    mine = waiting.exclude(reminded_on=day).first()
    if mine is None:
        return 0
    mine.reminded_on = day
    mine.save(update_fields=["reminded_on"])
    if CheckIn.objects.counting().filter(participant=mine, day=day).exists():
        return 0
    tell(
        [mine.member_id],
        kind=Kind.CHALLENGE_TODAY,
        key=f"challenge:{mine.challenge_id}:{day}",
        target=mine.challenge,
    )
    return 1


def finish_due() -> int:
    """Those whose last check-in was let through only after it was sent."""
    since = site_day() - dt.timedelta(days=60)
    open_ones = ChallengeMember.objects.filter(
        done_at=None, left_at=None, challenge__last_day__gte=since
    ).exclude(challenge__state=Challenge.State.CANCELLED)
    stands = CheckIn.objects.standing().filter(case__isnull=False)
    waited = open_ones.filter(pk__in=stands.values("participant"))
    rows = waited.select_related("challenge__title_given", "challenge__host", "member")
    return sum(finish(participant=it) for it in rows)


# Reading ------------------------------------------------------------------------------


def readable(user: User) -> QuerySet[CheckIn]:
    """What this reader may read, the latest first. A topic that was moved takes what is
    in it along, so both places are asked."""
    place = Topic.objects.visible_to(user)
    found = CheckIn.objects.standing().filter(
        Q(post__topic__in=place) | Q(case__post__topic__in=place),
        participant__challenge__in=Challenge.objects.visible_to(user),
    )
    return found.select_related(
        *("participant__member", "participant__challenge", "praised_by"),
        *("post__topic", "post__author"),
        *("case__post__topic", "case__post__author"),
    ).order_by("-day", "-pk")


def unanswered(found: QuerySet[CheckIn]) -> QuerySet[CheckIn]:
    """Those to which nobody has said anything yet, the longest waiting first."""
    said = Post.objects.filter(reply_to=OuterRef("said_in"), hidden_at=None)
    open_ones = found.filter(praised_at=None).annotate(
        said_in=Coalesce("post", "case__post")
    )
    return open_ones.exclude(Exists(said)).order_by("at", "pk")


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For news about check-ins: (title, address) of what this member may see now."""
    return {
        it.pk: (it.participant.challenge.title, it.get_absolute_url())
        for it in readable(member).filter(pk__in=numbers)
    }
