"""Members say what is wrong with a post, each with the weight of their record."""

import datetime as dt

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import community
from accounts.services.members import hold_members
from content.errors import OwnWork, TooManyReports
from content.models import Case, Post, PostReport, TextTrace, Topic
from content.services import checks, discussions

Reason = PostReport.Reason
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
    lately = by.reports.filter(created_at__gt=timezone.now() - A_DAY)
    if lately.count() >= MOST_A_DAY:
        raise TooManyReports
    case = case_of(post)
    report = PostReport.objects.create(
        case=case,
        post=post,
        member=by,
        reason=reason,
        words=words,
        weight=weight_of(by),
    )
    Case.objects.filter(pk=case.pk).update(weight=F("weight") + report.weight)
    case.refresh_from_db()
    most = checks.policy_for(case.space).reports_hide
    # An answer that somebody accepted does not go for what a few say.
    if most and case.weight >= most and not post.marks.exists():
        _hide_until_looked_at(post)
    return report


@transaction.atomic
def flag(*, post: Post, reason: str, words: str = "", hides: bool = False) -> None:
    """Our own check found something."""
    case = case_of(post)
    if case.reports.filter(member=None, reason=reason).exists():
        return
    PostReport.objects.create(case=case, post=post, reason=reason, words=words[:500])
    if hides:
        _hide_until_looked_at(post)


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


def hide_the_storm_soon() -> None:
    """What came through before a storm was noticed goes to the queue, too."""
    from content import tasks

    lately = _of_the_storm()
    if lately.exists():
        tasks.hide_the_storm.delay_on_commit()


def hide_the_storm() -> int:
    """Each in a transaction of its own; how many."""
    posts = [trace.post for trace in _of_the_storm().select_related("post__topic")]
    for post in posts:
        if post is not None:
            flag(post=post, reason=Reason.BURST, hides=True)
    return len(posts)


def _of_the_storm() -> QuerySet[TextTrace]:
    return TextTrace.objects.filter(
        is_new_member=True,
        at__gt=timezone.now() - checks.MINUTE,
        post__hidden_at=None,
        post__topic__hidden_at=None,
        post__isnull=False,
    )


def case_of(post: Post) -> Case:
    """The open case of a post, made where there is none."""
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
    return Case.objects.select_for_update(of=("self",)).get(pk=case.pk)


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
    can_read = Topic.objects.visible_to(member).filter(pk=OuterRef("post__topic"))
    rows = member.reports.annotate(can_read=Exists(can_read))
    return rows.select_related("post__topic").order_by("-created_at", "-pk")


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For news about reports: (title, address) of the member's own. The title of what
    was reported is told for as long as the member may read it."""
    rows = member.reports.filter(pk__in=numbers).select_related("post__topic")
    seen = set(
        Topic.objects.visible_to(member)
        .filter(posts__reports__in=rows)
        .values_list("pk", flat=True)
    )
    return {
        it.pk: (it.post.topic.title if it.post.topic_id in seen else "…", "/reports/")
        for it in rows
    }
