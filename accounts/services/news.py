"""What news say, to whom they are told, and what has been read of them.

A notification holds no words. What it is about is named by the app that owns it, each
time anew and only if this member may see it now: else it is left out, here as in
mails. So a title that has been hidden, or a space that somebody left, tells nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Notification, User

Kind = Notification.Kind
# (member, numbers) → number → (title, address), of what the member may see now.
ShownTo = Callable[[User, list[int]], dict[int, tuple[str, str]]]

BELL_COUNTS_TO = 10
PAGE = 30
MOST_AT_ONCE = 200

# A kind that has no sentence here is told by its name.
SENTENCES = {
    Kind.REPLIED: gettext_lazy("%(who)s replied in “%(title)s”"),
    Kind.MENTIONED: gettext_lazy("%(who)s mentioned you in “%(title)s”"),
    Kind.TOPIC_STARTED: gettext_lazy("%(who)s started “%(title)s”"),
    Kind.ANSWER_ACCEPTED: gettext_lazy("Your answer in “%(title)s” was accepted"),
    Kind.ANSWER_CHECKED: gettext_lazy(
        "%(who)s marked your answer in “%(title)s” right"
    ),
    Kind.MESSAGE: gettext_lazy("%(who)s wrote to you"),
    Kind.ANNOUNCED: gettext_lazy("%(who)s announced “%(title)s”"),
    Kind.INVITED: gettext_lazy("%(who)s invites you into “%(title)s”"),
    Kind.QUESTION_ASSIGNED: gettext_lazy("You are asked to answer “%(title)s”"),
    Kind.PAID_QUESTION_ASKED: gettext_lazy("%(who)s asks you for a price: “%(title)s”"),
    Kind.PAID_QUESTION_ANSWERED: gettext_lazy("%(who)s has answered “%(title)s”"),
    Kind.POLL_CLOSED: gettext_lazy("The poll “%(title)s” has ended"),
    Kind.TOPIC_MOVED: gettext_lazy("Your topic “%(title)s” stands elsewhere now"),
    Kind.TOPIC_FEATURED: gettext_lazy("Your topic “%(title)s” is one of the best"),
    Kind.LEVEL_REACHED: gettext_lazy("You have reached the level “%(title)s”"),
    Kind.LEVEL_STAYS: gettext_lazy(
        "Your level stays as it is until %(title)s; see what keeps it for longer"
    ),
    Kind.LEVEL_CHANGED: gettext_lazy("Your level is “%(title)s” now"),
    Kind.BADGE_EARNED: gettext_lazy("You have earned the badge “%(title)s”"),
    Kind.POINTS_WAIT: gettext_lazy(
        "Some of your points wait until somebody has looked: %(title)s"
    ),
    Kind.POINTS_CHECKED: gettext_lazy(
        "Your points were looked at: see what came of it"
    ),
    Kind.CAMPAIGN: gettext_lazy("Something for you: “%(title)s”"),
    Kind.EVENT_SEAT: gettext_lazy("A seat at “%(title)s” is kept for you: confirm it"),
    Kind.EVENT_CHANGED: gettext_lazy("“%(title)s” takes place otherwise than planned"),
    Kind.EVENT_CANCELLED: gettext_lazy("“%(title)s” was cancelled"),
    Kind.EVENT_SOON: gettext_lazy("“%(title)s” begins soon"),
    Kind.EVENT_BEGINS: gettext_lazy("“%(title)s” begins now"),
    Kind.CHALLENGE_TODAY: gettext_lazy("“%(title)s”: today's task waits for you"),
    Kind.CHALLENGE_DONE: gettext_lazy("You finished “%(title)s”"),
    Kind.CHALLENGE_CANCELLED: gettext_lazy("“%(title)s” was cancelled"),
    Kind.CHECK_IN_ANSWERED: gettext_lazy("%(who)s answered your check-in “%(title)s”"),
    Kind.CHECK_IN_PRAISED: gettext_lazy("%(who)s praised your check-in “%(title)s”"),
    Kind.EVENT_OVER: gettext_lazy("How was “%(title)s”? Say it in stars"),
    Kind.EVENT_REMAINS: gettext_lazy(
        "There is something to read or watch of “%(title)s” now"
    ),
    Kind.CASE_PROPOSED: gettext_lazy("%(who)s proposes a case for “%(title)s”"),
    Kind.CASE_ACCEPTED: gettext_lazy("Your case is in the agenda of “%(title)s”"),
    Kind.CASE_DECLINED: gettext_lazy("Your case for “%(title)s” was not taken"),
    Kind.EVENT_DOOR: gettext_lazy(
        "%(who)s asks you to help at the door of “%(title)s”"
    ),
    Kind.COHORT_EVENT: gettext_lazy("Your cohort meets: %(title)s"),
    Kind.COHORT_DUE: gettext_lazy("Due soon: %(title)s"),
    Kind.COHORT_NUDGE: gettext_lazy(
        "%(who)s asks how you are getting on in “%(title)s”"
    ),
    Kind.COHORT_OVER: gettext_lazy("“%(title)s” has come to its end"),
    Kind.APPOINTMENT_ASKED: gettext_lazy("%(who)s asks for your time: “%(title)s”"),
    Kind.APPOINTMENT_DUE: gettext_lazy(
        "%(who)s still waits for your answer: “%(title)s”"
    ),
    Kind.APPOINTMENT_CONFIRMED: gettext_lazy("Your appointment “%(title)s” stands"),
    Kind.APPOINTMENT_LINK: gettext_lazy("You meet by another link for “%(title)s”"),
    Kind.APPOINTMENT_MOVE: gettext_lazy(
        "%(who)s proposes another time for “%(title)s”"
    ),
    Kind.APPOINTMENT_STAYS: gettext_lazy("The old time of “%(title)s” stands"),
    Kind.APPOINTMENT_ENDED: gettext_lazy("The appointment “%(title)s” is off"),
    Kind.APPOINTMENT_SOON: gettext_lazy("Your appointment “%(title)s” begins soon"),
    Kind.APPOINTMENT_AFTER: gettext_lazy("Did “%(title)s” take place? Please say so"),
    Kind.APPOINTMENT_DONE: gettext_lazy("“%(title)s” took place, and is settled"),
    Kind.APPOINTMENT_DISPUTED: gettext_lazy(
        "You do not say the same of “%(title)s”: an operator looks at it"
    ),
    Kind.REWARD_SHIPPED: gettext_lazy("“%(title)s” is on its way to you"),
    Kind.REWARD_BACK: gettext_lazy("Your points for “%(title)s” came back"),
    Kind.POINTS_UNTIL: gettext_lazy("You have %(title)s"),
    Kind.APPOINTMENT_DECIDED: gettext_lazy("It was decided about “%(title)s”"),
}

_targets: dict[str, ShownTo] = {}


def register_target(kind: str, shown_to: ShownTo) -> None:
    """Things of this `activity_kind` are named by `shown_to`."""
    _targets[kind] = shown_to


def named(member: User, kind: str, number: int) -> tuple[str, str] | None:
    """The title and address of one thing, if this reader may see it."""
    shown_to = _targets.get(kind)
    return shown_to(member, [number]).get(number) if shown_to else None


@dataclass(frozen=True)
class Line:
    """One line of news: what one member is told of one thing, however often."""

    rows: tuple[Notification, ...]  # the latest first
    title: str
    address: str

    @property
    def pk(self) -> int:
        return self.rows[0].pk

    @property
    def at(self) -> datetime:
        return self.rows[0].created_at

    @property
    def is_unread(self) -> bool:
        return any(row.read_at is None for row in self.rows)

    @property
    def sentence(self) -> str:
        kind = Kind(self.rows[0].kind)
        if kind in SENTENCES:
            return SENTENCES[kind] % {"who": self._who(), "title": self.title}
        told = {"news": kind.label, "title": self.title}
        return _("%(news)s: “%(title)s”") % told if self.title else str(kind.label)

    def _who(self) -> str:
        names = list(dict.fromkeys(str(it.actor) for it in self.rows if it.actor))
        if not names:
            return _("Somebody")
        if len(names) == 1:
            return names[0]
        more = len(names) - 1
        told = ngettext("%(name)s and one more", "%(name)s and %(more)s more", more)
        return told % {"name": names[0], "more": more}


def lines(member: User, rows: Sequence[Notification]) -> list[Line]:
    """The rows as this member may read them now: those about one thing are one line."""
    found = _named(member, rows)
    grouped: dict[tuple[str, str], list[Notification]] = defaultdict(list)
    for row in rows:
        if row.pk in found:
            grouped[group_key(row, found[row.pk][1])].append(row)
    return [
        Line(tuple(group), *_where_to_begin(group, found)) for group in grouped.values()
    ]


def group_key(row: Notification, address: str) -> tuple[str, str]:
    """The kind and the page; what follows its address is a place on it."""
    page = address.partition("#")[0].partition("?")[0]
    return row.kind, page or f"{row.target_kind} {row.target_id}"


def _where_to_begin(
    group: list[Notification], found: dict[int, tuple[str, str]]
) -> tuple[str, str]:
    """At the first that has not been read."""
    unread = [row for row in group if row.read_at is None]
    return found[(unread or group[:1])[-1].pk]


def _named(member: User, rows: Iterable[Notification]) -> dict[int, tuple[str, str]]:
    """Each row's title and address; what may not be seen has none."""
    numbers: dict[str, set[int]] = defaultdict(set)
    rows = list(rows)
    for row in rows:
        if row.target_id is not None:
            numbers[row.target_kind].add(row.target_id)
    shown = {
        (kind, number): words
        for kind, wanted in numbers.items()
        if kind in _targets
        for number, words in _targets[kind](member, sorted(wanted)).items()
    }
    found = {}
    for row in rows:
        words = shown.get((row.target_kind, row.target_id or 0))
        if row.target_kind == "":
            words = ("", "")
        if words:
            found[row.pk] = words
    return found


def page_for(member: User, before: Notification | None = None) -> QuerySet[Any]:
    """The rows of one page of the list, one more than it shows."""
    rows = latest(member)
    if before:
        rows = rows.filter(
            Q(created_at__lt=before.created_at)
            | Q(created_at=before.created_at, pk__lt=before.pk)
        )
    return rows[: PAGE + 1]


def latest(member: User) -> QuerySet[Notification]:
    rows = Notification.objects.filter(member=member).select_related("actor")
    return rows.order_by("-created_at", "-pk")


def open_line(member: User, row: Notification) -> str:
    """Where a piece of news leads; "" if it cannot be seen. All about it is read."""
    rows = list(latest(member).filter(kind=row.kind, read_at=None)[:MOST_AT_ONCE])
    rows = [row, *(it for it in rows if it.pk != row.pk)]
    found = next((it for it in lines(member, rows) if row in it.rows), None)
    if found is None:
        _read(Notification.objects.filter(pk=row.pk))
        return ""
    _read(Notification.objects.filter(pk__in=[it.pk for it in found.rows]))
    return found.address


def read_all(member: User) -> int:
    return _read(Notification.objects.filter(member=member))


def read_unseen(
    member: User, rows: Sequence[Notification], shown: Iterable[Line]
) -> None:
    """What of these rows is in no line must not count: nobody could ever read it."""
    seen = {row.pk for line in shown for row in line.rows}
    gone = [row.pk for row in rows if row.pk not in seen and row.read_at is None]
    if gone:
        member.unread_news -= min(
            member.unread_news, _read(Notification.objects.filter(pk__in=gone))
        )


def read_about(member: User, **about: Any) -> None:
    """The member has seen these things: kind = their numbers, or a query for them.

    Costs nothing while the bell is silent.
    """
    if not member.unread_news:
        return
    seen = Q()
    for kind, numbers in about.items():
        seen |= Q(target_kind=kind, target_id__in=numbers)
    read = _read(Notification.objects.filter(seen, member=member))
    member.unread_news -= min(member.unread_news, read)


def _read(rows: QuerySet[Notification]) -> int:
    return rows.filter(read_at=None).update(read_at=timezone.now())
