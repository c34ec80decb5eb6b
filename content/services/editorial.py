"""The way of an item: draft, submitted, in review, live, archived.

"Scheduled" is live with its time still to come, "due for check" live with the day for
it behind it: both are what the clock says, so no job can forget them. Every step
locks the item's row and looks into one table of what may follow what.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Role, User, Verb
from accounts.services import audit, mails, robots
from accounts.services.activity import record_activity
from accounts.services.entitlements import given_to_anybody
from community.lib.dates import site_zone
from content.errors import NotAllowedNow, NotReady
from content.models import (
    ChecklistPoint,
    ChecklistTick,
    EditorialStep,
    Item,
    Lesson,
    OutdatedFlag,
    Publication,
    ReturnReason,
)
from content.services.checklists import points_open
from content.services.writing import hold_item

Act = EditorialStep.Act
State = Item.State

# act → (from which states, to which; None: the state stays)
ALLOWED: dict[str, tuple[set[str], str | None]] = {
    Act.SUBMITTED: ({State.DRAFT}, State.SUBMITTED),
    Act.WITHDRAWN: ({State.SUBMITTED, State.IN_REVIEW, State.LIVE}, State.DRAFT),
    Act.TAKEN: ({State.SUBMITTED}, State.IN_REVIEW),
    Act.PUT_BACK: ({State.IN_REVIEW}, State.SUBMITTED),
    Act.COMMENTED: (set(State), None),
    Act.RETURNED: ({State.SUBMITTED, State.IN_REVIEW}, State.DRAFT),
    Act.ACCEPTED: ({State.IN_REVIEW}, State.LIVE),
    Act.RESCHEDULED: ({State.LIVE}, None),
    Act.CHECKED: ({State.LIVE}, None),
    Act.ARCHIVED: ({State.LIVE}, State.ARCHIVED),
    Act.REOPENED: ({State.ARCHIVED}, State.DRAFT),
}
# What the authors get a mail about.
TOLD = {
    *(Act.COMMENTED, Act.RETURNED, Act.ACCEPTED, Act.RESCHEDULED, Act.ARCHIVED),
    Act.WITHDRAWN,
}
# What staff do to the work of others stands in the audit chain.
AUDITED = {
    *(Act.RETURNED, Act.ACCEPTED, Act.RESCHEDULED, Act.ARCHIVED, Act.REOPENED),
    Act.WITHDRAWN,
}
PAID_BY_NOBODY = {Item.Access.FREE, Item.Access.MEMBERS}
# After how many days somebody should look whether it is still true.
CHECK_AFTER: dict[str, int] = {Item.Kind.NEWS: 90, Item.Kind.REPORT: 180}
CHECK_OTHERS_AFTER = 365
# A site that slept for a week still asks; for what is older there is the list.
REMINDED_FOR = dt.timedelta(days=7)


@transaction.atomic
def submit(*, item: Item, by: User, text: str = "") -> Item:
    """Hand a draft to the editors. Raises NotAllowedNow, and NotReady."""
    item = _begin(item, Act.SUBMITTED)
    if missing := what_is_missing(item):
        raise NotReady(missing)
    item.ticks.all().delete()  # it is looked at anew
    return _done(item, Act.SUBMITTED, by, text)


def what_is_missing(item: Item) -> list[str]:
    points = []
    if not item.summary.strip():
        points.append(_("A summary: it is what the library shows."))
    if item.kind == Item.Kind.COURSE:
        if not Lesson.objects.filter(section__item=item).exists():
            points.append(_("A lesson at least."))
    elif item.kind == Item.Kind.CASE:
        points += _empty_parts(item)
    elif item.kind != Item.Kind.COLUMN and not item.body.strip():
        points.append(_("A text."))
    if item.kind in NEEDS_FACTS and not hasattr(item, NEEDS_FACTS[item.kind]):
        points.append(_("What belongs to its kind: open the text and fill it in."))
    return points


NEEDS_FACTS: dict[str, str] = {
    Item.Kind.NEWS: "news",
    Item.Kind.REPORT: "report",
    Item.Kind.RECORDING: "recording",
}


def _empty_parts(item: Item) -> list[str]:
    case = getattr(item, "case", None)
    if case is None:
        return [_("The parts of the case.")]
    return [
        _("The part “%(part)s” of the case.")
        % {"part": case._meta.get_field(name).verbose_name}  # type: ignore[union-attr]
        for name in case.PARTS
        if not getattr(case, name).strip()
    ]


@transaction.atomic
def withdraw(*, item: Item, by: User, text: str = "") -> Item:
    """The author wants to write on; anybody else says why. What is live already leaves
    the library until it is let in again; what members may have paid for stays: see
    `may_follow`."""
    item = _begin(item, Act.WITHDRAWN)
    item.publications.filter(done_at=None).delete()
    item.published_at = None
    return _done(item, Act.WITHDRAWN, by, text)


@transaction.atomic
def take(*, item: Item, by: User) -> Item:
    """An editor begins to look at it. Raises NotAllowedNow where another was first."""
    item = _begin(item, Act.TAKEN)
    item.reviewer = by
    return _done(item, Act.TAKEN, by)


def take_each(*, items: Iterable[Item], by: User) -> int:
    """Take several; how many nobody else had taken first."""
    taken = 0
    for item in items:
        with suppress(NotAllowedNow):
            take(item=item, by=by)
            taken += 1
    return taken


@transaction.atomic
def put_back(*, item: Item, by: User) -> Item:
    """Whoever took it will not get to it: another may. Raises NotAllowedNow."""
    item = _begin(item, Act.PUT_BACK)
    item.reviewer = None
    return _done(item, Act.PUT_BACK, by)


@transaction.atomic
def comment(*, item: Item, by: User, text: str) -> Item:
    return _done(_begin(item, Act.COMMENTED), Act.COMMENTED, by, text)


@transaction.atomic
def send_back(
    *, item: Item, by: User, text: str = "", reasons: Iterable[ReturnReason] = ()
) -> Item:
    """Not yet: the reasons, in the author's language, and `text` say why. It is a
    draft again."""
    item = _begin(item, Act.RETURNED)
    author = item.author and item.author.language
    language = author or get_language() or ""
    said = [*(reason.text_in(language) for reason in reasons), text]
    return _done(item, Act.RETURNED, by, "\n\n".join(filter(None, said)))


@transaction.atomic
def accept(
    *, item: Item, by: User, at: dt.datetime | None = None, text: str = ""
) -> Item:
    """Let it into the library, now or at a time to come.

    Raises NotAllowedNow, and NotReady while points of its checklist are open.
    """
    item = _begin(item, Act.ACCEPTED)
    if open_points := points_open(item):
        raise NotReady(open_points)
    now = timezone.now()
    item.published_at = due_at = max(at or now, now)
    item.checked_on = timezone.localdate()
    item.review_by = _day_of_check(item, due_at)
    item = _done(item, Act.ACCEPTED, by, text)
    publication = Publication.objects.create(item=item, due_at=due_at)
    if due_at <= now:
        _go_out(publication)
    return item


def _day_of_check(item: Item, since: dt.datetime) -> dt.date:
    days = CHECK_AFTER.get(item.kind, CHECK_OTHERS_AFTER)
    return timezone.localdate(since) + dt.timedelta(days=days)


@transaction.atomic
def reschedule(*, item: Item, by: User, at: dt.datetime) -> Item:
    """Another time for what has not gone out yet. Raises NotAllowedNow."""
    item = _begin(item, Act.RESCHEDULED)
    now, before = timezone.now(), item.published_at
    item.published_at = due_at = max(at, now)
    moved = " → ".join(_minute(it) for it in (before, due_at) if it)
    item = _done(item, Act.RESCHEDULED, by, moved)
    publication, _is_new = item.publications.update_or_create(
        done_at=None, defaults={"due_at": due_at}
    )
    if due_at <= now:
        _go_out(publication)
    return item


def _minute(at: dt.datetime) -> str:
    """The same in every language: it is kept, and read in several."""
    return f"{timezone.localtime(at, site_zone()):%Y-%m-%d %H:%M %Z}"


@transaction.atomic
def check(*, item: Item, by: User, text: str = "") -> Item:
    """Somebody looked: it is still true. What members had flagged is settled."""
    item = _begin(item, Act.CHECKED)
    item.checked_on = timezone.localdate()
    item.review_by = _day_of_check(item, timezone.now())
    _close_flags(item)
    return _done(item, Act.CHECKED, by, text)


@transaction.atomic
def archive(*, item: Item, by: User, text: str) -> Item:
    """Take it out of the library; whoever bought it is told by `text` why."""
    item = _begin(item, Act.ARCHIVED)
    item.publications.filter(done_at=None).delete()
    _close_flags(item)
    return _done(item, Act.ARCHIVED, by, text)


@transaction.atomic
def reopen(*, item: Item, by: User) -> Item:
    """Out of the archive: a draft, to be brought up to date and reviewed again."""
    item = _begin(item, Act.REOPENED)
    item.published_at = None
    return _done(item, Act.REOPENED, by)


# What carries out each act: for forms that know it by its name.
DO: dict[str, Callable[..., Item]] = {
    Act.SUBMITTED: submit,
    Act.WITHDRAWN: withdraw,
    Act.TAKEN: take,
    Act.PUT_BACK: put_back,
    Act.COMMENTED: comment,
    Act.RETURNED: send_back,
    Act.ACCEPTED: accept,
    Act.RESCHEDULED: reschedule,
    Act.CHECKED: check,
    Act.ARCHIVED: archive,
    Act.REOPENED: reopen,
}


def may_follow(item: Item, act: str) -> bool:
    if act in {Act.RESCHEDULED, Act.CHECKED}:
        # Both are live by their state: the clock tells them apart.
        return item.is_scheduled if act == Act.RESCHEDULED else item.is_live
    if act == Act.WITHDRAWN and item.state == State.LIVE:
        return item.access in PAID_BY_NOBODY and not given_to_anybody(item.key)
    return item.state in ALLOWED[act][0]


def _begin(item: Item, act: str) -> Item:
    item = hold_item(item)
    if not may_follow(item, act):
        raise NotAllowedNow
    return item


def _done(item: Item, act: str, by: User, text: str = "") -> Item:
    state = ALLOWED[act][1]
    if state:
        item.state = state
    if state in {State.DRAFT, State.LIVE, State.ARCHIVED}:
        item.reviewer = None
    item.save()
    step = item.editorial_steps.create(act=act, member=by, text=text)
    if act == Act.SUBMITTED:
        _tell_editors(item, step)
    if act == Act.WITHDRAWN and by in authors_of(item):
        return item
    if act in TOLD:
        _tell_authors(item, step)
    if act in AUDITED and by.pk != item.author_id:
        audit.record(act=str(act), actor=by, target=item, reason=text)
    return item


def authors_of(item: Item) -> list[User]:
    """Everybody who writes it, in the order of the byline."""
    beside = item.co_authors.select_related("member")
    return [*filter(None, [item.author]), *(each.member for each in beside)]


def _tell_editors(item: Item, step: EditorialStep) -> None:
    for editor in _editors():
        if editor != step.member:
            mails.send(
                key=f"handed in {step.pk} {editor.pk}",
                member=editor,
                template="item_handed_in",
                title=item.title,
                item=item.pk,
            )


def _editors() -> list[User]:
    """Who reviews by role; in a small community the operators do it."""
    people = User.objects.people().filter(is_active=True, suspended_at=None)
    reviewers = people.filter(roles__contains=[Role.REVIEWER])
    return list(reviewers or people.filter(roles__contains=[Role.OPERATOR]))


def _tell_authors(item: Item, step: EditorialStep) -> None:
    for author in authors_of(item):
        if author != step.member:
            mails.send(
                key=f"editorial {step.pk} {author.pk}",
                member=author,
                template="editorial_step",
                act=step.act,
                title=item.title,
                text=step.text,
                at=item.published_at.isoformat() if item.published_at else "",
                is_scheduled=item.is_scheduled,
                item=item.pk,
            )


# Going out at a time --------------------------------------------------------------


def publish_due() -> int:
    """Tell of what has gone out since; how many. Repeated, it tells nothing twice.

    The item opens by its time alone: this only does what follows from it.
    """
    due = Publication.objects.filter(done_at=None, due_at__lte=timezone.now())
    return sum(_publish(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _publish(pk: int) -> bool:
    waiting = Publication.objects.select_for_update(skip_locked=True, of=("self",))
    due = waiting.filter(pk=pk, done_at=None, due_at__lte=timezone.now())
    publication = due.select_related("item").first()
    if publication is None:
        return False
    _go_out(publication)
    return True


def _go_out(publication: Publication) -> None:
    item = publication.item
    publication.done_at = timezone.now()
    publication.save(update_fields=["done_at"])
    robots.tell_published(target=item)
    for author in authors_of(item):
        record_activity(
            member=author, verb=Verb.PUBLISHED, target=item, space=item.space
        )
        mails.send(
            key=f"published {publication.pk} {author.pk}",
            member=author,
            template="item_published",
            title=item.title,
            url=item.get_absolute_url(),
        )


def remind_of_checks() -> int:
    """Ask the authors of what is due for a check; once for each day it falls due."""
    today = timezone.localdate()
    due = Item.objects.live().filter(
        review_by__lte=today, review_by__gt=today - REMINDED_FOR
    )
    return sum(_remind(item) for item in due.select_related("author"))


def _remind(item: Item) -> int:
    authors = authors_of(item)
    for author in authors:
        mails.send(
            key=f"check {item.pk} {item.review_by} {author.pk}",
            member=author,
            template="item_due",
            title=item.title,
            item=item.pk,
        )
    return len(authors)


# What members and editors note ----------------------------------------------------


@transaction.atomic
def flag_outdated(*, item: Item, member: User, text: str) -> OutdatedFlag:
    """A member says what is no longer true; said again, the newer words stand."""
    hold_item(item)
    flag, _is_new = OutdatedFlag.objects.update_or_create(
        item=item, member=member, closed_at=None, defaults={"text": text}
    )
    return flag


def _close_flags(item: Item) -> None:
    item.outdated_flags.filter(closed_at=None).update(closed_at=timezone.now())


@transaction.atomic
def tick(*, item: Item, point: ChecklistPoint, by: User, is_true: bool) -> None:
    item = hold_item(item)
    ticks = ChecklistTick.objects.filter(item=item, point=point)
    if not is_true:
        ticks.delete()
    elif not ticks.exists():
        ChecklistTick.objects.create(item=item, point=point, member=by)
