"""Points on a question: put up, won by an accepted answer, paid when that stands.

What becomes of them is told by the activity log alone. `hear` acts on one deed and may
hear it late, twice or after a younger one: each bounty remembers the time of the last
deed that counted for it. `settle` is the clock.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts import rewardable
from accounts.models import Activity, Notification, User, Verb
from accounts.services import held
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from incentives.models import Bounty

# The asker may take an acceptance back so long; then it is paid for good.
WAITING_TIME = dt.timedelta(days=3)
HEARD = (Verb.ANSWER_CHOSEN, Verb.ANSWER_UNCHOSEN)
HEAR_AGAIN = dt.timedelta(days=2)
State = Bounty.State


@transaction.atomic
def put_up(
    *, member: User, topic: int, points: int, form_key: UUID | None = None
) -> Bounty:
    """Hold this member's points for an answer. Raises NotEnough.

    The same form sent again changes nothing.
    """
    hold_members(member.pk)
    sent = Bounty.objects.filter(member=member, form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    bounty = Bounty.objects.create(
        member=member, topic=topic, points=points, form_key=form_key
    )
    held.hold_points(
        key=f"bounty:{bounty.pk}:held", member=member, points=points, source=bounty
    )
    record_activity(member=member, verb=Verb.BOUNTY_PUT_UP, target=bounty, topic=topic)
    return bounty


def hear_recent(now: dt.datetime | None = None) -> int:
    """Go over the log's last days again; how many deeds were looked at."""
    since = (now or timezone.now()) - HEAR_AGAIN
    deeds = Activity.objects.filter(ingested_at__gte=since, verb__in=HEARD)
    looked_at = 0
    for activity in deeds.order_by("at", "id").iterator():
        hear(activity)
        looked_at += 1
    return looked_at


@transaction.atomic
def hear(activity: Activity) -> None:
    """The asker has accepted an answer, or taken that back."""
    topic = activity.data.get("topic")
    running = Bounty.objects.select_for_update(no_key=True).filter(
        topic=topic, state__in=[State.HELD, State.WON], as_of__lt=activity.at
    )
    if activity.verb == Verb.ANSWER_UNCHOSEN:
        _lose(running, activity)
    elif _is_the_askers_mark(activity):
        _win(running, activity)


def _is_the_askers_mark(activity: Activity) -> bool:
    """A guide may accept an answer, too, but does not give away others' points; and
    nobody wins with an answer to their own question."""
    asker = activity.data.get("asker")
    return activity.data.get("by") == asker and activity.member_id != asker


def _win(running: QuerySet[Bounty], activity: Activity) -> None:
    """The first answer accepted wins all that others than its author have put up."""
    open_ones = running.filter(state=State.HELD, until__gt=activity.at)
    won = list(open_ones.exclude(member=activity.member_id).order_by("pk"))
    for bounty in won:
        bounty.state, bounty.as_of = State.WON, activity.at
        bounty.winner_id = activity.member_id
        bounty.answer = activity.object_id
        bounty.pays_at = activity.at + WAITING_TIME
        bounty.save()
    if won:
        tell(
            [activity.member_id],
            kind=Notification.Kind.BOUNTY_WON,
            key=f"bounty:{won[0].topic}:won:{activity.object_id}",
            target=won[0],
        )


def _lose(running: QuerySet[Bounty], activity: Activity) -> None:
    for bounty in running:
        bounty.as_of = activity.at
        if bounty.answer == activity.object_id:
            bounty.state = State.HELD
            bounty.winner = bounty.answer = bounty.pays_at = None
        bounty.save()


def settle(now: dt.datetime | None = None) -> dict[str, int]:
    """Pay what was won and stands, give back what nobody has won in time."""
    now = now or timezone.now()
    won = Bounty.objects.filter(state=State.WON, pays_at__lte=now)
    stale = Bounty.objects.filter(state=State.HELD, until__lte=now)
    return {
        "bounties paid": sum(_pay(pk, now) for pk in _numbers(won)),
        "bounties given back": sum(_give_back(pk, now) for pk in _numbers(stale)),
    }


def _numbers(bounties: QuerySet[Bounty]) -> list[int]:
    return list(bounties.values_list("pk", flat=True))


@transaction.atomic
def _pay(pk: int, now: dt.datetime) -> bool:
    bounty = _hold(pk)
    if bounty.state != State.WON or bounty.pays_at is None or bounty.pays_at > now:
        return False
    if bounty.winner is None or bounty.winner.erased_at:
        bounty.winner = bounty.answer = bounty.pays_at = None
        _return(bounty, now)
        return False
    bounty.state, bounty.settled_at = State.PAID, now
    bounty.save()
    held.pay_points(
        key=f"bounty:{bounty.pk}:paid",
        to=bounty.winner,
        points=bounty.points,
        source=bounty,
    )
    return True


@transaction.atomic
def _give_back(pk: int, now: dt.datetime) -> bool:
    bounty = _hold(pk)
    if bounty.state != State.HELD or bounty.until > now:
        return False
    _return(bounty, now)
    return True


def _return(bounty: Bounty, now: dt.datetime) -> None:
    bounty.state, bounty.settled_at = State.RETURNED, now
    bounty.save()
    held.return_points(
        key=f"bounty:{bounty.pk}:back",
        to=bounty.member,
        points=bounty.points,
        source=bounty,
    )
    tell(
        [bounty.member_id],
        kind=Notification.Kind.BOUNTY_BACK,
        key=f"bounty:{bounty.pk}:back",
        target=bounty,
    )


def _hold(pk: int) -> Bounty:
    held_rows = Bounty.objects.select_for_update(of=("self",), no_key=True)
    return held_rows.select_related("member", "winner").get(pk=pk)


def on_question(topic: int) -> list[Bounty]:
    """All that was put up for it and did not go back."""
    found = Bounty.objects.filter(topic=topic).exclude(state=State.RETURNED)
    return list(found.select_related("member", "winner").order_by("created_at"))


def total_on(topic: int) -> int:
    found = Bounty.objects.filter(topic=topic, state__in=[State.HELD, State.WON])
    return found.aggregate(total=Sum("points"))["total"] or 0


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of the questions of these bounties, as far as this
    member may see them now."""
    topics = dict(Bounty.objects.filter(pk__in=numbers).values_list("pk", "topic"))
    asked = rewardable.find(member, list(topics.values()))
    return {
        number: (asked[topic].title, asked[topic].address)
        for number, topic in topics.items()
        if topic in asked
    }
