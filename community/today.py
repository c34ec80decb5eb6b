"""The admin's first page: what needs a person now, the oldest first."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Max, Model, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import (
    Appeal,
    Application,
    AuthorApplication,
    CreatorAccount,
    Difference,
    Dispute,
    Expert,
    Mail,
    Order,
    Payment,
    Refund,
    RefundRequest,
    Robot,
    Sanction,
    User,
)
from accounts.services.books import PAYABLE
from accounts.services.robots import OFF_AFTER
from community.lib.money import shown
from community.models import Backup, StepRun
from content.access import is_on_the_desk
from content.models import (
    Appointment,
    Case,
    EventOutcome,
    Feedback,
    Item,
    MoreAttempts,
    OutdatedFlag,
    QuestionDuty,
    Suggestion,
    Topic,
    TopicHeat,
)
from content.services import (
    appointments,
    duties,
    feedback,
    heat,
    outcomes,
    suggestions,
)
from incentives.models import (
    Redemption,
)
from incentives.services import (
    parcels,
)

SHOWN = 8
STUCK_AFTER = dt.timedelta(minutes=30)
NEW_FOR = dt.timedelta(days=7)
NIGHTS = dt.timedelta(days=3)


@dataclass(frozen=True)
class Task:
    title: str
    detail: str
    at: dt.datetime
    url: str


@dataclass
class Pile:
    """Things of one kind that wait, with the sentence for when none does."""

    title: str
    empty: str
    all_url: str
    waiting: QuerySet[Any]
    is_urgent: bool = True
    tasks: list[Task] = field(default_factory=list)
    count: int = 0


def dashboard(request: Any, context: dict[str, Any]) -> dict[str, Any]:
    piles = [
        _cases(),
        _heated(),
        _questions(),
        _overdue_questions(),
        _more_attempts(),
        _feedback(),
        _suggestions(),
        _at_the_door(),
        _appeals(),
        _removals(),
        _refund_requests(),
        _disputed_hours(),
        _differences(),
        _disputes(),
        _waiting_refunds(),
        _parcels(),
        _applications(),
        _experts(),
        _failed_steps(),
        _uncertain_mails(),
        _silenced_robots(),
        _backups(),
        _transfers(),
        _owed_to_creators(),
        _poor_events(),
        _stuck_orders(),
        _newcomers(),
    ]
    if is_on_the_desk(request.user):
        piles[2:2] = [_to_review(), _doubts(), _due_checks()]
    filled = [_filled(pile) for pile in piles if _may_see(request, pile.waiting.model)]
    # What is done with comes after all that waits, each in the order above.
    context["piles"] = sorted(filled, key=lambda pile: pile.count == 0)
    context["title"] = _("Today")
    return context


def _may_see(request: Any, model: type[Model]) -> bool:
    meta = model._meta
    return request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}")


def _filled(pile: Pile) -> Pile:
    pile.count = pile.waiting.count()
    pile.tasks = [_task(row) for row in pile.waiting[:SHOWN]]
    return pile


def _questions() -> Pile:
    waiting = Topic.objects.filter(
        kind=Topic.Kind.QUESTION, reply_count=0, hidden_at=None, closed_at=None
    )
    return Pile(
        title=_("Questions nobody has answered"),
        empty=_("Every question has an answer."),
        all_url=_list_url(Topic, "kind__exact=question"),
        waiting=waiting.select_related("author").order_by("created_at"),
    )


def _cases() -> Pile:
    return Pile(
        title=_("Posts that wait to be looked at"),
        empty=_("No post waits to be looked at."),
        all_url=reverse("content:queue"),
        waiting=Case.objects.filter(closed_at=None)
        .select_related("author", "topic", "post")
        .order_by("created_at", "pk"),
    )


def _heated() -> Pile:
    return Pile(
        title=_("Talk that grows heated"),
        empty=_("All talk is calm."),
        all_url=reverse("content:heat"),
        waiting=heat.shown(TopicHeat.objects.filter(seen_at=None)),
    )


def _overdue_questions() -> Pile:
    return Pile(
        title=_("Questions past their target time"),
        empty=_("No question is past its target time."),
        all_url=reverse("content:questions_waiting") + "?show=overdue",
        waiting=duties.overdue(),
    )


def _feedback() -> Pile:
    return Pile(
        title=_("Feedback that waits for an answer"),
        empty=_("All feedback is answered."),
        all_url=_list_url(Feedback, "state__exact=new"),
        waiting=feedback.waiting(),
    )


def _suggestions() -> Pile:
    return Pile(
        title=_("Suggestions to look at"),
        empty=_("No suggestion waits for the board."),
        all_url=_list_url(Suggestion, "state__exact=held"),
        waiting=suggestions.held(),
        is_urgent=False,
    )


def _to_review() -> Pile:
    states = [Item.State.SUBMITTED, Item.State.IN_REVIEW]
    return Pile(
        title=_("Texts that wait for review"),
        empty=_("Nothing waits for review."),
        all_url=reverse("content:desk"),
        waiting=Item.objects.filter(state__in=states)
        .select_related("author")
        .order_by("created_at"),
    )


def _doubts() -> Pile:
    """Of what is still out; its check settles them."""
    return Pile(
        title=_("Said to be out of date"),
        empty=_("Nobody doubts what stands in the library."),
        all_url=reverse("content:ageing"),
        waiting=OutdatedFlag.objects.filter(closed_at=None)
        .select_related("item", "member")
        .order_by("created_at"),
    )


def _due_checks() -> Pile:
    return Pile(
        title=_("Texts that are due for a check"),
        empty=_("Nothing is due for a check."),
        all_url=reverse("content:ageing"),
        waiting=Item.objects.live()
        .listed()
        .filter(review_by__lte=timezone.localdate())
        .select_related("author")
        .annotate(due_on=F("review_by"))
        .order_by("review_by", "pk"),
        is_urgent=False,
    )


def _poor_events() -> Pile:
    return Pile(
        title=_("Events that went badly"),
        empty=_("No event went badly, as far as is known."),
        all_url=_list_url(EventOutcome, "poor_since__isempty=0&looked_at__isempty=1"),
        waiting=outcomes.to_look_into(),
        is_urgent=False,
    )


def _more_attempts() -> Pile:
    return Pile(
        title=_("Learners who ask for another attempt"),
        empty=_("Nobody asks for another attempt."),
        all_url=_list_url(MoreAttempts, "given_at__isempty=1"),
        waiting=MoreAttempts.objects.filter(given_at=None)
        .select_related("member", "quiz__lesson", "quiz__item")
        .order_by("asked_at"),
    )


def _applications() -> Pile:
    waiting = AuthorApplication.objects.filter(state=AuthorApplication.State.ASKED)
    return Pile(
        title=_("Members who want to become authors"),
        empty=_("Nobody waits for an answer."),
        all_url=_list_url(AuthorApplication, "state__exact=asked"),
        waiting=waiting.select_related("member").order_by("asked_at"),
    )


def _experts() -> Pile:
    waiting = Expert.objects.filter(state=Expert.State.ASKED)
    return Pile(
        title=_("Expert profiles to verify"),
        empty=_("No profile waits to be verified."),
        all_url=_list_url(Expert, "state__exact=asked"),
        waiting=waiting.select_related("member").order_by("asked_at"),
    )


def _failed_steps() -> Pile:
    since = timezone.localdate() - NIGHTS
    failed = StepRun.objects.filter(state=StepRun.State.FAILED, as_of__gte=since)
    return Pile(
        title=_("Nightly steps that failed"),
        empty=_("The last three nights went well."),
        all_url=_list_url(StepRun, "state__exact=failed"),
        waiting=failed.order_by("started_at"),
    )


def _uncertain_mails() -> Pile:
    """Whose sending was cut off: only a person may have them sent again."""
    uncertain = Mail.objects.unknown().filter(
        sending_at__lt=timezone.now() - STUCK_AFTER,
        created_at__gt=timezone.now() - NEW_FOR,
    )
    return Pile(
        title=_("Mails that may or may not have been sent"),
        empty=_("Of every mail it is known what became of it."),
        all_url=_list_url(Mail, "fate=unknown"),
        waiting=uncertain.select_related("member").order_by("sending_at"),
    )


def _silenced_robots() -> Pile:
    silenced = Robot.objects.filter(is_on=False, failures__gte=OFF_AFTER)
    return Pile(
        title=_("Robots that their service refused too often"),
        empty=_("No robot is refused by its service."),
        all_url=_list_url(Robot, "is_on__exact=0"),
        waiting=silenced.annotate(last_at=Max("messages__created_at")),
    )


def _backups() -> Pile:
    empty = _("Backups are made, and can be loaded.")
    if not settings.BACKUP_KEY:
        empty = _("No backups are made: BACKUP_KEY is not set.")
    elif settings.BUCKET.name:
        empty = _(
            "Backups of the database are made, and can be loaded. The uploads are not "
            "in them: they lie in the bucket alone."
        )
    return Pile(
        title=_("Backups that failed, or are too long ago"),
        empty=empty,
        all_url=_list_url(Backup, ""),
        waiting=Backup.objects.troubling(),
    )


def _at_the_door() -> Pile:
    waiting = Application.objects.filter(state=Application.State.WAITING)
    return Pile(
        title=_("People who ask to come in"),
        empty=_("Nobody waits at the door."),
        all_url=_list_url(Application, "state__exact=waiting"),
        waiting=waiting.select_related("member", "space").order_by("created_at"),
    )


def _appeals() -> Pile:
    waiting = Appeal.objects.filter(decided_at=None)
    return Pile(
        title=_("Appeals against sanctions"),
        empty=_("Nobody appeals."),
        all_url=_list_url(Appeal, "decided_at__isempty=1"),
        waiting=waiting.select_related("sanction__member").order_by("created_at"),
    )


def _removals() -> Pile:
    return Pile(
        title=_("Removals that need a second person"),
        empty=_("No removal waits for a second person."),
        all_url=_list_url(Sanction, "begins_at__isempty=1"),
        waiting=Sanction.objects.waiting()
        .select_related("member", "by")
        .order_by("created_at"),
    )


def _refund_requests() -> Pile:
    waiting = RefundRequest.objects.filter(answered_at=None)
    return Pile(
        title=_("Members who ask for their money back"),
        empty=_("Nobody asks for money back."),
        all_url=_list_url(RefundRequest, "answered_at__isempty=1"),
        waiting=waiting.select_related("order__member").order_by("created_at"),
    )


def _disputed_hours() -> Pile:
    return Pile(
        title=_("Appointments of which the two do not say the same"),
        empty=_("No appointment waits to be decided."),
        all_url=_list_url(Appointment, "state__exact=disputed"),
        waiting=appointments.disputed(),
    )


def _differences() -> Pile:
    return Pile(
        title=_("Where a payment service and our books disagree"),
        empty=_("The payment services agree with our books."),
        all_url=_list_url(Difference, "resolved_at__isempty=1"),
        waiting=Difference.objects.filter(resolved_at=None).order_by("found_at"),
    )


def _disputes() -> Pile:
    return Pile(
        title=_("Payments that a buyer's bank disputes"),
        empty=_("No payment is disputed."),
        all_url=_list_url(Dispute, "state__exact=open"),
        waiting=Dispute.objects.filter(state=Dispute.State.OPEN)
        .select_related("payment__order")
        .order_by("opened_at"),
    )


def _waiting_refunds() -> Pile:
    """Those that a gateway did not take, or that are paid by hand."""
    return Pile(
        title=_("Money that has not gone back yet"),
        empty=_("All that was given back is on its way."),
        all_url=_list_url(Refund, "state__exact=asked"),
        waiting=Refund.objects.filter(
            Q(created_at__lt=timezone.now() - STUCK_AFTER) | Q(payment__gateway="bank"),
            state=Refund.State.ASKED,
        ).order_by("created_at"),
    )


def _parcels() -> Pile:
    return Pile(
        title=_("Rewards to be sent"),
        empty=_("No reward waits to be sent."),
        all_url=reverse("incentives:picking"),
        waiting=parcels.to_send(),
    )


def _transfers() -> Pile:
    """Nobody tells us of those: an operator finds them on the bank's statement."""
    waiting = Payment.objects.filter(
        gateway="bank", state=Payment.State.STARTED, order__state=Order.State.OPEN
    )
    return Pile(
        title=_("Bank transfers to look for"),
        empty=_("No transfer is waited for."),
        all_url=_list_url(Payment, "gateway=bank&state__exact=started"),
        waiting=waiting.select_related("order__member").order_by("created_at"),
        is_urgent=False,
    )


def _owed_to_creators() -> Pile:
    owed = CreatorAccount.objects.filter(kind=PAYABLE, balance__lt=0)
    since = Max("entries__transfer__at")
    return Pile(
        title=_("Creators to be paid"),
        empty=_("Nothing is owed to creators."),
        all_url=_list_url(CreatorAccount, ""),
        waiting=owed.select_related("member").annotate(since=since).order_by("balance"),
        is_urgent=False,
    )


def _stuck_orders() -> Pile:
    begun = Order.objects.filter(
        Exists(
            Payment.objects.filter(
                order=OuterRef("pk"), state=Payment.State.STARTED
            ).exclude(gateway="bank")
        ),
        state=Order.State.OPEN,
        created_at__lt=timezone.now() - STUCK_AFTER,
    )
    return Pile(
        title=_("Orders whose payment was begun and never settled"),
        empty=_("No order is stuck."),
        all_url=_list_url(Order, "state__exact=open"),
        waiting=begun.select_related("member").order_by("created_at"),
    )


def _newcomers() -> Pile:
    since = timezone.now() - NEW_FOR
    return Pile(
        title=_("New this week: say hello"),
        empty=_("Nobody joined in the last seven days."),
        all_url=_list_url(User, ""),
        waiting=User.objects.people()
        .filter(date_joined__gte=since)
        .order_by("-date_joined"),
        is_urgent=False,
    )


# What a row that waits says of itself: its title, the detail, and since when.
SAID: dict[type[Model], Callable[[Any], tuple[str, str, dt.datetime]]] = {
    Item: lambda it: (it.title, str(it.author or "…"), _since(it)),
    OutdatedFlag: lambda it: (it.item.title, f"{it.member}: {it.text}", it.created_at),
    Case: lambda it: (
        it.title or it.body[:80],
        f"{it.get_what_display()} · {it.author}",
        it.created_at,
    ),
    MoreAttempts: lambda it: (
        str(it.member),
        f"{it.quiz} · {it.quiz.item}",
        it.asked_at,
    ),
    TopicHeat: lambda it: (
        it.topic.title,
        it.get_proposal_display(),
        it.topic.last_post_at,
    ),
    Topic: lambda it: (it.title, str(it.author), it.created_at),
    QuestionDuty: lambda it: (
        it.topic.title,
        str(it.mentor or _("nobody is asked to answer")),
        it.topic.created_at,
    ),
    Feedback: lambda it: (
        str(it),
        f"{it.area} · {_late(it)}",
        it.created_at,
    ),
    EventOutcome: lambda it: (
        str(it.event),
        _went(it),
        it.poor_since,
    ),
    Suggestion: lambda it: (it.title, str(it.author or "…"), it.created_at),
    StepRun: lambda it: (
        str(it),
        it.error.strip().rpartition("\n")[2],
        it.started_at,
    ),
    Appointment: lambda it: (it.title, f"{it.asker} – {it.expert}", it.changed_at),
    Backup: lambda it: (
        str(it),
        it.problem or it.test_problem or _("It is too long ago."),
        it.started_at,
    ),
    Mail: lambda it: (str(it.member), it.template, it.sending_at),
    Robot: lambda it: (it.name, it.problem, it.last_at or timezone.now()),
    Order: lambda it: (it.number, f"{it.title} · {it.member}", it.created_at),
    Application: lambda it: (
        str(it.member),
        str(it.space or _("the community")),
        it.created_at,
    ),
    Appeal: lambda it: (str(it.sanction), it.words, it.created_at),
    Sanction: lambda it: (str(it), f"{it.by}: {it.reason}", it.created_at),
    RefundRequest: lambda it: (
        str(it.order),
        f"{it.order.member}: {it.words}",
        it.created_at,
    ),
    Difference: lambda it: (
        str(it),
        f"{it.get_kind_display()}: {it.ours} ≠ {it.theirs}",
        it.found_at,
    ),
    Dispute: lambda it: (
        it.payment.order.number,
        shown(it.amount, it.payment.currency),
        it.opened_at,
    ),
    CreatorAccount: lambda it: (
        str(it.member),
        shown(-it.balance, it.unit),
        it.since,
    ),
    Payment: lambda it: (
        it.reference,
        f"{shown(it.amount, it.currency)} · {it.order.member} · {it.order.title}",
        it.created_at,
    ),
    Redemption: lambda it: (
        str(it),
        f"{it.get_state_display()} · {it.member}",
        it.created_at,
    ),
    Refund: lambda it: (str(it), it.problem, it.created_at),
    AuthorApplication: lambda it: (str(it.member), it.why, it.asked_at),
    Expert: lambda it: (str(it.member), it.headline, it.asked_at),
    User: lambda it: (str(it), f"@{it.username}", it.date_joined),
}


def _late(it: Feedback) -> str:
    return _("overdue") if it.due_at < timezone.now() else it.get_state_display()


def _went(it: EventOutcome) -> str:
    told = _("%(came)s of %(people)s came") % {
        "came": it.came,
        "people": it.came + it.missed,
    }
    stars = it.rating_sum / it.rating_count if it.rating_count else 0
    rated = _("%(stars).1f stars") % {"stars": stars} if stars else ""
    return " · ".join(filter(None, [told, rated, str(it.event.host)]))


def _since(item: Item) -> dt.datetime:
    """When it was written; of what is to be checked, the day it fell due."""
    due_on: dt.date | None = getattr(item, "due_on", None)
    if due_on is None:
        return item.created_at
    return timezone.make_aware(dt.datetime.combine(due_on, dt.time.min))


def _task(row: Any) -> Task:
    return Task(*SAID[type(row)](row), _url_of(row))


def _url_of(row: Model) -> str:
    if isinstance(row, Topic):
        return row.get_absolute_url()
    if isinstance(row, QuestionDuty):
        return row.topic.get_absolute_url()
    if isinstance(row, Item):
        return reverse("content:item_manage", args=[row.pk])
    if isinstance(row, Case):
        return reverse("content:case", args=[row.pk])
    if isinstance(row, EventOutcome):
        return reverse("content:event_after", args=[row.event_id])
    if isinstance(row, TopicHeat):
        return reverse("content:heat")
    if isinstance(row, OutdatedFlag):
        return reverse("content:item_manage", args=[row.item_id])
    meta = row._meta
    name = f"admin:{meta.app_label}_{meta.model_name}_change"
    return reverse(name, args=[row.pk])


def _list_url(model: type[Model], query: str) -> str:
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{url}?{query}" if query else url
