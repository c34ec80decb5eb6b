"""Feedback: given by anybody, answered in time, seen by who gave it."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from accounts.models import Notification, User, Verb
from accounts.services.activity import record_activity
from accounts.services.notifications import tell
from community.lib.codes import new_code
from community.lib.dates import site_time
from content.errors import NotAllowedNow
from content.models import Feedback, FeedbackArea, FeedbackReply, FeedbackStep

State = Feedback.State

# short name, name, name in Chinese, the addresses that are of it
AREAS = [
    ("library", "Library and courses", "知识库与课程"),
    ("talk", "Spaces and talk", "空间与讨论"),
    ("money", "Plans and payments", "套餐与付款"),
    ("account", "My account and my data", "我的账号与数据"),
    ("points", "Points and rewards", "积分与奖励"),
    ("other", "Something else", "其他"),
]
AREA_OF = {
    **dict.fromkeys(("library", "courses", "lessons", "paths", "quizzes"), "library"),
    **dict.fromkeys(("learning", "studio", "search", "certificates"), "library"),
    **dict.fromkeys(("spaces", "topics", "posts"), "talk"),
    **dict.fromkeys(("plans", "checkout", "orders", "membership"), "money"),
    **dict.fromkeys(("me", "accounts", "people"), "account"),
    "points": "points",
}
REPLIES = [
    (
        "Thank you. We have mended it; please tell us if it happens again.",
        "谢谢你的反馈，问题已修复；如果再次出现，请告诉我们。",
    ),
    (
        "Thank you. We cannot do this now, but we keep it in mind.",
        "谢谢你的反馈。我们目前还做不到，但会记在心里。",
    ),
    (
        "Thank you. Could you tell us what you did just before?",
        "谢谢你的反馈。能告诉我们出现问题之前你做了什么吗？",
    ),
]
# What may follow what; a reply to something that was ended leaves it ended.
MAY_FOLLOW: dict[str, set[str]] = {
    State.TAKEN: {State.NEW, State.ANSWERED, State.DONE, State.DECLINED},
    State.ANSWERED: {State.NEW, State.TAKEN, State.ANSWERED},
    State.DONE: {State.NEW, State.TAKEN, State.ANSWERED},
    State.DECLINED: {State.NEW, State.TAKEN, State.ANSWERED},
}
CODE_LETTERS = 20
HOURLY_FOR = dt.timedelta(days=1)  # when the hour in which it came was missed
SECRETS = {"token", "code", "key", "uidb64", "uidb36"}


def make_defaults(**kwargs: Any) -> None:
    if not FeedbackArea.objects.exists():
        FeedbackArea.objects.bulk_create(
            FeedbackArea(slug=slug, name=name, name_zh=chinese, position=place)
            for place, (slug, name, chinese) in enumerate(AREAS)
        )
    if not FeedbackReply.objects.exists():
        FeedbackReply.objects.bulk_create(
            FeedbackReply(text=text, text_zh=chinese, position=place)
            for place, (text, chinese) in enumerate(REPLIES)
        )


def page_kept(path: str) -> str:
    """The address of a page of ours that somebody comes from, without what follows it;
    "" for one that is itself a secret, such as a link from a mail."""
    try:
        found = resolve(path)
    except Resolver404:
        return ""
    return "" if SECRETS & found.kwargs.keys() else path[:200]


def area_of(path: str) -> FeedbackArea | None:
    slug = AREA_OF.get(path.strip("/").partition("/")[0], "")
    return FeedbackArea.objects.filter(slug=slug).first()


@transaction.atomic
def give(
    *,
    area: FeedbackArea,
    text: str,
    language: str,
    page: str = "",
    member: User | None = None,
    form_key: UUID | None = None,
) -> Feedback:
    """Keep what somebody says; without `member` nothing tells who. The same form sent
    again returns what is there."""
    now = timezone.now()
    # To the second it could be found in the log of who was here.
    moment = now if member else now.replace(minute=0, second=0, microsecond=0)
    feedback, is_new = Feedback.objects.get_or_create(
        # Nobody is held here who could wait: of two at once, the database lets one in.
        form_key=form_key or uuid4(),
        defaults={
            "area": area,
            "text": text,
            "page": page,
            "language": language,
            "member": member,
            "owner": area.owner,
            "code": new_code(CODE_LETTERS),
            "created_at": moment,
            "due_at": due_after(moment, area.working_days),
        },
    )
    if is_new and member:
        record_activity(member=member, verb=Verb.FEEDBACK_GIVEN, target=feedback)
        tell_owner(feedback)
    return feedback


def tell_owner(feedback: Feedback) -> None:
    """Whoever looks after it hears of it, once."""
    if feedback.owner and feedback.owner.is_operator:
        tell(
            [feedback.owner.pk],
            kind=Notification.Kind.FEEDBACK_GIVEN,
            key=f"feedback-given-{feedback.pk}",
            target=feedback,
        )


def tell_of_the_nameless() -> None:
    """At the full hour: told at once, the news would say when somebody wrote."""
    new = Feedback.objects.filter(
        state=State.NEW, member=None, created_at__gt=timezone.now() - HOURLY_FOR
    )
    for feedback in new.select_related("owner"):
        tell_owner(feedback)


def due_after(moment: dt.datetime, working_days: int) -> dt.datetime:
    """The same hour so many days from Monday to Friday later, by the site's clock."""
    due = site_time(moment)
    while working_days:
        due += dt.timedelta(days=1)
        working_days -= due.weekday() < 5
    return due.astimezone(dt.UTC)


def may_become(feedback: Feedback, to: str) -> bool:
    return feedback.state in MAY_FOLLOW[to]


@transaction.atomic
def move(
    *, feedback: Feedback, to: str, by: User, text: str = "", owner: User | None = None
) -> Feedback:
    """Take it, answer it, say that it is done or will not be. Raises NotAllowedNow.

    What ends the waiting tells the member; the same answer twice is one.
    """
    feedback = Feedback.objects.select_for_update(of=("self",)).get(pk=feedback.pk)
    last = feedback.steps.order_by("-pk").first()
    if last and to == State.ANSWERED and (last.state, last.text) == (to, text):
        return feedback
    if feedback.state not in MAY_FOLLOW[to]:
        raise NotAllowedNow
    now = timezone.now()
    feedback.state = to
    feedback.owner = owner or feedback.owner or by
    if to not in Feedback.WAITING:
        feedback.answered_at = feedback.answered_at or now
    feedback.save(update_fields=["state", "owner", "answered_at"])
    if feedback.owner_id != by.pk and to in Feedback.WAITING:
        tell_owner(feedback)
    step = FeedbackStep.objects.create(feedback=feedback, state=to, text=text, by=by)
    if to not in Feedback.WAITING and feedback.member_id:
        tell(
            [feedback.member_id],
            kind=Notification.Kind.FEEDBACK_ANSWERED,
            key=f"feedback-step-{step.pk}",
            target=feedback,
            actor=by,
        )
    return feedback


def of_member(member: User) -> QuerySet[Feedback]:
    found = Feedback.objects.filter(member=member).select_related("area")
    return found.prefetch_related("steps", "changes")


def waiting() -> QuerySet[Feedback]:
    """What nobody has answered, what is due first at the top."""
    found = Feedback.objects.filter(state__in=Feedback.WAITING)
    return found.select_related("area", "member", "owner").order_by("due_at")


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """Title and address of each that this member gave, or has to answer."""
    found = Feedback.objects.filter(pk__in=numbers)
    mine = found.filter(member=member.pk)
    shown = {it.pk: (str(it), it.get_absolute_url()) for it in mine}
    if member.is_operator:
        for it in found.filter(owner=member.pk).exclude(member=member.pk):
            page = reverse("admin:content_feedback_change", args=[it.pk])
            shown[it.pk] = (str(it), page)
    return shown
