"""Members say what is wrong with a post, a rating, a line in a live room or a member's
page, each with the weight of their record."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import community, profiles
from accounts.services.members import hold_members
from content.errors import OwnWork, TooManyReports
from content.models import (
    Case,
    Decision,
    Event,
    Item,
    LiveMessage,
    Post,
    PostReport,
    Rating,
    TextTrace,
    Topic,
)
from content.services import checks, discussions, live_lines, ratings
from content.services.checks import Text
from content.services.live_lines import Line

Reason = PostReport.Reason
What = Case.What
# What members choose from; the others are ours.
OFFERED = [
    (reason.value, reason.label)
    for reason in Reason
    if reason not in {Reason.WORD, Reason.BURST, Reason.LEARNED}
]
A_DAY = dt.timedelta(days=1)
MOST_A_DAY = 20
OF_NEW_MEMBERS = 0.5


@transaction.atomic
def report(*, post: Post, by: User, reason: str, words: str = "") -> PostReport:
    """Once a member and post: reporting again returns the first. Raises OwnWork, and
    TooManyReports."""
    if post.author_id == by.pk:
        raise OwnWork
    hold_members(by.pk)
    earlier = PostReport.objects.filter(post=post, member=by).first()
    if earlier:
        return earlier
    case = case_of(post)
    report = _add(case, by, reason, words, post=post)
    # An answer that somebody accepted does not go for what a few say.
    if _is_enough(case) and not post.marks.exists():
        _hide_until_looked_at(post)
    return report


@transaction.atomic
def report_rating(
    *, rating: Rating, by: User, reason: str, words: str = ""
) -> PostReport:
    """Once a member while its case is open. Raises OwnWork, and TooManyReports."""
    if rating.member_id == by.pk:
        raise OwnWork
    hold_members(by.pk)
    case = _case_of_rating(rating)
    earlier = case.reports.filter(member=by).first()
    if earlier:
        return earlier
    report = _add(case, by, reason, words)
    if _is_enough(case):
        ratings.set_aside(rating)
    return report


@transaction.atomic
def report_page(*, person: User, by: User, reason: str, words: str = "") -> PostReport:
    """Once a member while its case is open; a page is not cleared for what others say
    of it before somebody has looked. Raises OwnWork, and TooManyReports."""
    if person.pk == by.pk:
        raise OwnWork
    hold_members(by.pk)
    case = _case_of_page(person)
    earlier = case.reports.filter(member=by).first()
    return earlier or _add(case, by, reason, words)


@transaction.atomic
def report_line(*, line: Line, by: User, reason: str, words: str = "") -> PostReport:
    """Once a member while its case is open. Raises OwnWork, and TooManyReports."""
    if line.author_id == by.pk:
        raise OwnWork
    hold_members(by.pk)
    case = _case_of_line(line)
    earlier = case.reports.filter(member=by).first()
    if earlier:
        return earlier
    report = _add(case, by, reason, words)
    if _is_enough(case):
        live_lines.put_away(line, by=None)
    return report


def _add(
    case: Case, by: User, reason: str, words: str, *, post: Post | None = None
) -> PostReport:
    lately = by.reports.filter(created_at__gt=timezone.now() - A_DAY)
    if lately.count() >= MOST_A_DAY:
        raise TooManyReports
    report = PostReport.objects.create(
        case=case,
        post=post,
        member=by,
        reason=reason,
        words=words,
        weight=weight_of(by),
    )
    Case.objects.filter(pk=case.pk).update(weight=F("weight") + report.weight)
    return report


def _is_enough(case: Case) -> bool:
    """To hide it until somebody has looked."""
    case.refresh_from_db()
    most = checks.policy_for(case.space).reports_hide
    return bool(most) and case.weight >= most


@transaction.atomic
def flag(*, post: Post, reason: str, words: str = "", hides: bool = False) -> None:
    """Our own check found something."""
    case = case_of(post)
    if case.reports.filter(member=None, reason=reason).exists():
        return
    PostReport.objects.create(case=case, post=post, reason=reason, words=words[:500])
    if hides:
        _hide_until_looked_at(post)


@transaction.atomic
def flag_line(*, line: Line, text: Text) -> None:
    """What was said all the same, and is to be looked at."""
    if checks.guides(line.author):
        return
    words = ", ".join(dict.fromkeys(checks.flagged_words(text)))[:500]
    if words:
        case = _case_of_line(line)
        PostReport.objects.create(case=case, reason=Reason.WORD, words=words)


def never_marked(since: dt.timedelta) -> QuerySet[Post]:
    """Posts of the last while that are shown, by members without a role, and that a
    lesson from earlier decisions has not put into the queue before."""
    marked = PostReport.objects.filter(post=OuterRef("pk"), reason=Reason.LEARNED)
    posts = Post.objects.filter(
        ~Exists(marked),
        created_at__gt=timezone.now() - since,
        hidden_at=None,
        topic__hidden_at=None,
        author__roles__contained_by=[Role.MEMBER],
        author__is_superuser=False,
    )
    return posts.select_related("topic", "author").order_by("created_at", "pk")


def weight_of(member: User) -> float:
    """Twice the share of this member's reports that were right, as if one more had been
    and one had not: 1 at first, between 0 and 2 later."""
    decided = member.reports.filter(upheld__isnull=False).aggregate(
        all=Count("pk"), right=Count("pk", filter=Q(upheld=True))
    )
    weight = 2 * (decided["right"] + 1) / (decided["all"] + 2)
    return weight * OF_NEW_MEMBERS if checks.is_new(member) else weight


def hide_the_storm_soon(*, whole: bool) -> None:
    """What came through before a storm was noticed goes to the queue, too; while it
    only begins, what the accounts wrote of which nothing stood before."""
    from content import tasks

    if _of_the_storm(whole=whole).exists():
        tasks.hide_the_storm.delay_on_commit(whole=whole)


def hide_the_storm(*, whole: bool) -> int:
    """Each in a transaction of its own; how many."""
    traces = _of_the_storm(whole=whole).select_related("post__topic")
    posts = [trace.post for trace in traces]
    for post in posts:
        if post is not None:
            flag(post=post, reason=Reason.BURST, hides=True)
    return len(posts)


def _of_the_storm(*, whole: bool) -> QuerySet[TextTrace]:
    traces = TextTrace.objects.all() if whole else checks.first_of_new()
    return traces.filter(
        is_new_member=True,
        at__gt=timezone.now() - checks.MINUTE,
        post__hidden_at=None,
        post__topic__hidden_at=None,
        post__isnull=False,
    )


def case_of(post: Post) -> Case:
    """The open case of a post, held; made where there is none."""
    topic = post.topic
    case, _is_new = Case.objects.get_or_create(
        post=post,
        what=Case.What.REPORT,
        closed_at=None,
        defaults={
            "author_id": post.author_id,
            "topic": topic,
            "item": topic.item,
            "space": discussions.place_of(topic),
        },
    )
    held = Case.objects.select_for_update(of=("self",)).filter(pk=case.pk)
    # Decided while we waited for it: what comes now is another case.
    return held.filter(closed_at=None).first() or case_of(post)


def _case_of_rating(rating: Rating) -> Case:
    case, _is_new = Case.objects.get_or_create(
        rating=rating,
        what=What.RATING,
        closed_at=None,
        defaults={
            "author_id": rating.member_id,
            "item": rating.item,
            "space": rating.item.space,
        },
    )
    return Case.objects.select_for_update(of=("self",)).get(pk=case.pk)


def _case_of_line(line: Line) -> Case:
    """The open case of a line, held; made where there is none."""
    which = "message" if isinstance(line, LiveMessage) else "question"
    case, _is_new = Case.objects.get_or_create(
        **{which: line},
        what=What.LINE,
        closed_at=None,
        defaults={"author_id": line.author_id, "space": line.room.event.space},
    )
    held = Case.objects.select_for_update(of=("self",)).filter(pk=case.pk)
    # Decided while we waited for it: what comes now is another case.
    return held.filter(closed_at=None).first() or _case_of_line(line)


def _case_of_page(person: User) -> Case:
    case, _is_new = Case.objects.get_or_create(
        author=person, what=What.MEMBER, closed_at=None
    )
    return Case.objects.select_for_update(of=("self",)).get(pk=case.pk)


# What is decided of it ---------------------------------------------------------------


def take_away(
    case: Case, *, by: User, reason: str, parts: Collection[str]
) -> dict[str, str]:
    """What is reported, out of sight; of a page, these parts. Returns what
    `give_back` needs."""
    if case.what == What.MEMBER:
        return profiles.clear_page(member=case.author, parts=parts)
    if case.rating:
        ratings.set_aside(case.rating)
    elif case.line:
        return {"was": "shown"} if live_lines.put_away(case.line, by=by) else {}
    else:
        hide(post=case.subject, reason=reason, by=by)
    return {}


def give_back(case: Case, before: dict[str, str]) -> None:
    if case.what == What.MEMBER:
        profiles.restore_page(member=case.author, before=before)
    elif case.rating:
        ratings.show(rating=case.rating)
    elif case.line:
        _give_back_line(case.line, before)
    elif case.post:
        unhide(post=case.post)


def _give_back_line(line: Line, before: dict[str, str]) -> None:
    """What its host has hidden stays so."""
    if "was" in before or line.hidden_by_id is None:
        live_lines.bring_back(line)


@transaction.atomic
def forget_cleared(decisions: QuerySet[Decision]) -> int:
    """What these took off pages, for good; how many they were."""
    cleared = decisions.filter(case__what=What.MEMBER).exclude(before={})
    for decision in cleared:
        profiles.forget_picture(decision.before.get("picture", ""))
        decision.before = {}
        decision.save(update_fields=["before"])
    return len(cleared)


def forget_cleared_pages() -> int:
    """Nightly: of what can no longer be undone."""
    return forget_cleared(Decision.objects.filter(at__lt=timezone.now() - A_DAY))


def _hide_until_looked_at(post: Post) -> None:
    """Its author is told when somebody has decided."""
    with translation.override(community.current().language):
        reason = _("It is being looked at.")
    hide(post=post, reason=reason)


def hide(*, post: Post, reason: str, by: User | None = None) -> None:
    """The opening post of a topic takes it along."""
    if post.number == 1:
        discussions.hide_topic(topic=post.topic, reason=reason)
    else:
        discussions.hide_post(post=post, reason=reason, by=by or post.author)


def is_hidden(post: Post) -> bool:
    return bool(post.topic.hidden_at if post.number == 1 else post.hidden_at)


def unhide(*, post: Post) -> None:
    if post.number == 1:
        discussions.unhide_topic(topic=post.topic)
    else:
        discussions.unhide_post(post=post)


def reports_of(member: User) -> QuerySet[PostReport]:
    """Of what they can no longer read, not even the title is told."""
    topics = Topic.objects.visible_to(member).filter(pk=OuterRef("post__topic"))
    items = Item.objects.readable_by(member).filter(
        pk=OuterRef("case__rating__item"), member_ratings__cases=OuterRef("case")
    )
    events = Event.objects.visible_to(member).filter(
        Q(room__messages=OuterRef("case__message"))
        | Q(room__questions=OuterRef("case__question"))
    )
    page = Q(case__what=What.MEMBER, case__author__erased_at=None)
    rows = member.reports.annotate(
        can_read=Exists(topics) | Exists(items) | Exists(events) | page
    )
    rows = rows.select_related(
        *("post__topic", "case__rating__item", "case__author"),
        *("case__message__room__event", "case__question__room__event"),
    )
    return rows.order_by("-created_at", "-pk")


def about(report: PostReport) -> tuple[str, str]:
    """(title, address) of what was reported, for who may read it."""
    case = report.case
    if report.post:
        return report.post.topic.title, report.post.get_absolute_url()
    if case.rating:
        return case.rating.item.title, case.rating.get_absolute_url()
    if case.line:
        event = case.line.room.event
        return event.title, event.get_absolute_url()
    return str(case.author), case.author.get_absolute_url()


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For news about reports: (title, address) of the member's own. The title of what
    was reported is told for as long as the member may read it."""
    return {
        it.pk: (about(it)[0] if getattr(it, "can_read", False) else "…", "/reports/")
        for it in reports_of(member).filter(pk__in=numbers)
    }
