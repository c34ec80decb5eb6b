"""The queue, and what is decided in it.

Locks are taken in this order: the author, the case, then the topic.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Notification, Rule, User
from accounts.services import audit
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from accounts.services.profiles import PARTS
from content.errors import (
    ClosedAlready,
    DecidedElsewhere,
    TakenByOther,
    TooLateToUndo,
    TopicClosed,
)
from content.models import (
    CannedReason,
    Case,
    Decision,
    LiveMessage,
    LiveQuestion,
    Post,
    PostReport,
    Rating,
)
from content.services import checks, held, reports

Act = Decision.Act
News = Notification.Kind
Outcome = Case.Outcome
What = Case.What

CLAIM_LASTS = dt.timedelta(minutes=30)
UNDO_FOR = dt.timedelta(hours=1)
PER_PAGE = 30

OUTCOMES: dict[str, str] = {
    Act.ACCEPT: Outcome.ACCEPTED,
    Act.EDIT: Outcome.ACCEPTED,
    Act.REJECT: Outcome.REJECTED,
    Act.HIDE: Outcome.UPHELD,
    Act.DISMISS: Outcome.DISMISSED,
}

# Of what was reported: what its author is told, and what the audit chain says.
NEWS: dict[str, News] = {
    What.REPORT: News.POST_HIDDEN,
    What.RATING: News.RATING_HIDDEN,
    What.MEMBER: News.PAGE_CLEARED,
    What.LINE: News.LINE_HIDDEN,
}
TAKEN: dict[str, str] = {
    What.REPORT: "hid a post",
    What.RATING: "hid a rating",
    What.MEMBER: "cleared a member's page",
    What.LINE: "hid a line in a live room",
}
GIVEN: dict[str, str] = {
    What.REPORT: "showed a post again",
    What.RATING: "showed a rating again",
    What.MEMBER: "restored a member's page",
    What.LINE: "showed a line in a live room again",
}


# The queue ---------------------------------------------------------------------------


def waiting(
    cases: QuerySet[Case],
    *,
    by: User,
    show: str = "",
    what: str = "",
    after: tuple[dt.datetime, int] | None = None,
) -> tuple[list[Case], bool]:
    """A page of what waits, the oldest first; and whether more follows."""
    rows = cases.filter(closed_at=None)
    if show == "mine":
        rows = rows.filter(claimed_by=by, claimed_at__gt=timezone.now() - CLAIM_LASTS)
    elif show == "free":
        rows = rows.filter(
            Q(claimed_by=None) | Q(claimed_at__lte=timezone.now() - CLAIM_LASTS)
        )
    if what:
        rows = rows.filter(what=what)
    if after:
        at, pk = after
        rows = rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=pk))
        rows = rows.filter(created_at__gte=at)  # what the index begins at
    rows = rows.select_related(
        *("author", "space", "item", "topic", "post", "rating__item", "claimed_by"),
        *held.LINES,
    ).order_by("created_at", "pk")
    found = list(rows[: PER_PAGE + 1])
    return found[:PER_PAGE], len(found) > PER_PAGE


def decided_lately(by: User) -> list[Decision]:
    """What this person may still undo."""
    rows = Decision.objects.filter(
        by=by, undone_at=None, at__gt=timezone.now() - UNDO_FOR
    )
    related = rows.select_related(
        *("case__author", "case__topic", "case__post", "case__rating__item"),
        *(f"case__{line}" for line in held.LINES),
    )
    return list(related.order_by("-at", "-pk")[:PER_PAGE])


def decided(
    cases: QuerySet[Case],
    *,
    words: str = "",
    act: str = "",
    after: tuple[dt.datetime, int] | None = None,
) -> tuple[list[Decision], bool]:
    """A page of what was decided on these, the latest first; and whether more follows.

    `words` are looked for in what was written, who wrote it and why it was decided so.
    """
    rows = Decision.objects.filter(case__in=cases)
    if act:
        rows = rows.filter(act=act)
    if words:
        rows = rows.filter(_said_somewhere(words))
    if after:
        at, pk = after
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    related = ("case__author", "case__topic", "case__post", "case__rating__item")
    rows = rows.select_related(*related, "case__space", "by", "rule")
    found = list(rows.order_by("-at", "-pk")[: PER_PAGE + 1])
    return found[:PER_PAGE], len(found) > PER_PAGE


SEARCHED = (
    *("case__author__username", "case__author__name", "reason"),
    *("case__arguments__title", "case__arguments__body", "case__topic__title"),
    *("case__post__body", "case__rating__words"),
)


def _said_somewhere(words: str) -> Q:
    found = Q()
    for field in SEARCHED:
        found |= Q(**{f"{field}__icontains": words})
    return found


def ready_reasons() -> list[str]:
    return list(CannedReason.objects.values_list("text", flat=True))


@dataclass(frozen=True)
class Record:
    """How it went with an author until now."""

    standing: int
    refused: int
    is_new: bool


def record_of(member: User) -> Record:
    refused = Decision.objects.filter(
        case__author=member, act__in=[Act.REJECT, Act.HIDE], undone_at=None
    )
    return Record(
        standing=Post.objects.filter(author=member, hidden_at=None).count(),
        refused=refused.count(),
        is_new=checks.is_new(member),
    )


# Claiming ----------------------------------------------------------------------------


@transaction.atomic
def claim(*, case: Case, by: User) -> None:
    """Others see that `by` looks at it, for a while. Raises TakenByOther, and
    ClosedAlready."""
    case = held.hold(case)
    _check_claim(case, by)
    case.claimed_by, case.claimed_at = by, timezone.now()
    case.save(update_fields=["claimed_by", "claimed_at"])


@transaction.atomic
def put_back(*, case: Case, by: User) -> None:
    Case.objects.filter(pk=case.pk, claimed_by=by).update(
        claimed_by=None, claimed_at=None
    )


def claimed_by(case: Case) -> User | None:
    """Who looks at it now; a claim ends by itself."""
    if case.claimed_at and case.claimed_at > timezone.now() - CLAIM_LASTS:
        return case.claimed_by
    return None


def _check_claim(case: Case, by: User) -> None:
    other = claimed_by(case)
    if other is not None and other.pk != by.pk:
        raise TakenByOther


# Deciding ----------------------------------------------------------------------------


@transaction.atomic
def accept(
    *,
    case: Case,
    by: User,
    title: str | None = None,
    body: str | None = None,
    reason: str = "",
    batch: uuid.UUID | None = None,
) -> Decision:
    """Let through what waits, perhaps in other words; of a reported post, say that
    nothing is wrong with it.

    Raises ClosedAlready, TakenByOther, and TopicClosed where nobody writes any more.
    """
    case = _begin(case, by)
    if not case.is_held:
        return _dismiss(case, by, reason, batch)
    said = {"title": case.title, "body": case.body}
    is_changed = _reword(case, title, body)
    before = held.put_up(case)
    act = Act.EDIT if is_changed else Act.ACCEPT
    decision = _decide(case, act, by, reason, None, batch)
    decision.before = {"said": said, **before}
    decision.save(update_fields=["before"])
    case.save(update_fields=["arguments"])
    _tell_author(case, decision, News.HELD_ACCEPTED, by)
    return decision


@transaction.atomic
def reject(
    *,
    case: Case,
    by: User,
    reason: str,
    rule: Rule | None = None,
    batch: uuid.UUID | None = None,
    parts: Collection[str] = PARTS,
) -> Decision:
    """Do not let it through; hide what was reported, or clear `parts` of a member's
    page. Its author reads why.

    Raises ClosedAlready, and TakenByOther.
    """
    case = _begin(case, by)
    if case.is_held:
        decision = _decide(case, Act.REJECT, by, reason, rule, batch)
        _tell_author(case, decision, News.HELD_REJECTED, by)
        return decision
    decision = _decide(case, Act.HIDE, by, reason, rule, batch)
    said = _said(reason, rule)
    decision.before = reports.take_away(case, by=by, reason=said, parts=parts)
    decision.save(update_fields=["before"])
    _settle_reports(case, decision, upheld=True)
    _tell_author(case, decision, NEWS[case.what], by)
    audit.record(act=TAKEN[case.what], actor=by, target=_target(case), reason=reason)
    return decision


def _target(case: Case) -> Post | Rating | LiveMessage | LiveQuestion | User:
    return case.post or case.rating or case.line or case.author


@transaction.atomic
def let_into_room(*, case: Case, by: User) -> bool:
    """Who leads a live room shows to all what waits there, whoever else looks at it;
    whether it waited until now. Raises DecidedElsewhere for what is their own."""
    if case.author_id == by.pk:
        raise DecidedElsewhere
    Case.objects.filter(pk=case.pk).update(claimed_by=None)
    try:
        accept(case=case, by=by)
    except ClosedAlready:
        return False
    return True


@transaction.atomic
def hide_post(*, post: Post, by: User, reason: str, rule: Rule | None = None) -> bool:
    """Hide what nobody has reported, or what is waiting to be looked at; whether it
    was shown until now, or had been hidden for that."""
    reported = post.cases.filter(what=What.REPORT, closed_at=None)
    if reports.is_hidden(post) and not reported.exists():
        return False
    case = reports.case_of(post)
    Case.objects.filter(pk=case.pk).update(claimed_by=None)
    reject(case=case, by=by, reason=reason, rule=rule)
    return True


@transaction.atomic
def show_post(*, post: Post, by: User) -> None:
    """Take the hiding back, whenever it was; the decision says so."""
    hold_members(post.author_id)
    decision = (
        Decision.objects.filter(case__post=post, act=Act.HIDE, undone_at=None)
        .order_by("-at")
        .first()
    )
    reports.unhide(post=post)
    if decision:
        _mark_undone(decision, by)
        PostReport.objects.filter(case=decision.case_id).update(upheld=None)
        Case.objects.filter(pk=decision.case_id).update(outcome=Outcome.DISMISSED)
    audit.record(act="showed a post again", actor=by, target=post)


@dataclass
class Many:
    """What became of several cases."""

    batch: uuid.UUID
    done: int = 0
    left: int = 0


def decide_each(
    *, cases: Iterable[Case], act: Callable[..., Decision], **how: object
) -> Many:
    """Each by itself: what somebody else has, or has decided, is left."""
    many = Many(batch=uuid.uuid4())
    for case in cases:
        try:
            act(case=case, batch=many.batch, **how)
        except (ClosedAlready, TakenByOther, TopicClosed):
            many.left += 1
        else:
            many.done += 1
    return many


def _begin(case: Case, by: User) -> Case:
    case = held.hold(case)
    _check_claim(case, by)
    return case


def _reword(case: Case, title: str | None, body: str | None) -> bool:
    """Other words of the moderator's; whether there are any."""
    before = dict(case.arguments)
    if body:
        case.arguments["body"] = body
    if title and case.arguments.get("title"):
        case.arguments["title"] = title
    return case.arguments != before


def _dismiss(case: Case, by: User, reason: str, batch: uuid.UUID | None) -> Decision:
    reports.give_back(case, {})
    decision = _decide(case, Act.DISMISS, by, reason, None, batch)
    _settle_reports(case, decision, upheld=False)
    return decision


def _decide(
    case: Case,
    act: str,
    by: User,
    reason: str,
    rule: Rule | None,
    batch: uuid.UUID | None,
) -> Decision:
    features = checks.features_of(case.title, case.body)
    held.close(case, OUTCOMES[act])
    return case.decisions.create(
        act=act,
        by=by,
        reason=reason,
        rule=rule,
        features=features,
        batch=batch or uuid.uuid4(),
    )


def _settle_reports(case: Case, decision: Decision, *, upheld: bool) -> None:
    """Those who reported hear that somebody looked; their record says how it ended."""
    case.reports.update(upheld=upheld)
    for report in case.reports.all():
        tell(
            [report.member_id] if report.member_id else [],
            kind=News.REPORT_DECIDED,
            key=f"report:{report.pk}:{decision.pk}",
            target=report,
        )


def _tell_author(case: Case, decision: Decision, kind: News, by: User) -> None:
    """Not who decided: whoever is not content writes to the community, not to them."""
    if case.author_id != by.pk:
        key = f"case:{case.pk}:{decision.pk}"
        tell([case.author_id], kind=kind, key=key, target=case)


def _said(reason: str, rule: Rule | None) -> str:
    return f"{reason} ({rule})"[:200] if rule else reason[:200]


# Undoing -----------------------------------------------------------------------------


def undo_all(*, batch: uuid.UUID, by: User) -> Many:
    """Everything that was decided together, as far as it can still be undone."""
    many = Many(batch=batch)
    for decision in Decision.objects.filter(batch=batch, by=by, undone_at=None):
        try:
            undo(decision=decision, by=by)
        except TooLateToUndo:
            many.left += 1
        else:
            many.done += 1
    return many


@transaction.atomic
def undo(*, decision: Decision, by: User) -> Case:
    """The case waits again as it did before. Raises TooLateToUndo."""
    case = Case.objects.get(pk=decision.case_id)
    hold_members(case.author_id)
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("author", "topic", "post", "rating__item", *held.LINES)
        .get(pk=case.pk)
    )
    decision.refresh_from_db()
    if decision.undone_at or decision.at < timezone.now() - UNDO_FOR:
        raise TooLateToUndo
    if _is_reported_anew(case):
        raise TooLateToUndo
    _take_back(case, decision)
    _mark_undone(decision, by)
    case.closed_at, case.outcome = None, ""
    case.save(update_fields=["closed_at", "outcome", "arguments"])
    if decision.act == Act.HIDE:
        audit.record(act=GIVEN[case.what], actor=by, target=_target(case))
    return case


def _is_reported_anew(case: Case) -> bool:
    if case.is_held:
        return False
    again = Case.objects.filter(what=case.what, author=case.author_id, closed_at=None)
    return again.filter(
        post=case.post_id,
        rating=case.rating_id,
        message=case.message_id,
        question=case.question_id,
    ).exists()


def _take_back(case: Case, decision: Decision) -> None:
    if decision.act in {Act.ACCEPT, Act.EDIT}:
        held.take_down(case, decision.before)
        said = decision.before["said"]
        for name in ("title", "body"):
            if name in case.arguments:
                case.arguments[name] = said[name]
    elif decision.act == Act.HIDE:
        reports.give_back(case, decision.before)
    case.reports.update(upheld=None)


def _mark_undone(decision: Decision, by: User) -> None:
    decision.undone_at, decision.undone_by = timezone.now(), by
    decision.save(update_fields=["undone_at", "undone_by"])


def numbers(cases: QuerySet[Case]) -> dict[str, int]:
    """How many of each kind wait."""
    rows = cases.filter(closed_at=None).order_by().values("what")
    return dict(rows.annotate(number=Count("pk")).values_list("what", "number"))
