"""From a question that is written to an answer that is paid, each step once.

draft → waiting → asked → answered | declined | expired | withdrawn

What was paid is held in the ledger from "asked" on. An answer releases it: money by
the share that was promised when the question was written, points as a whole. Every
other end gives it back, and `advance` repeats that until it has succeeded.

Locks: the order that paid, then the question. Billing takes them in this order when
it tells us (`is_wanted`, `paid`, `closed`), and so does every step here.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Notification, Offer, Order, User, Verb
from accounts.services import held, refunds, shares
from accounts.services.activity import record_activity
from accounts.services.blocks import has_blocked
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from community.lib.apart import each_apart
from content.errors import (
    AnswerBegun,
    NotAskedAnyMore,
    NotTaken,
    TooManyDrafts,
    TooManyFollowUps,
)
from content.models import FollowUp, PaidQuestion
from content.services import asking_terms, read_along

State = PaidQuestion.State
Kind = Notification.Kind

MOST_DRAFTS = 20
MOST_FOLLOW_UPS = 3  # by the asker; the expert may say as much as twice that
OVER = (State.DECLINED, State.EXPIRED, State.WITHDRAWN)


# Asking -----------------------------------------------------------------------


@transaction.atomic
def write(
    *,
    asker: User,
    expert: User,
    title: str,
    text: str,
    is_open: bool,
    form_key: UUID | None = None,
) -> PaidQuestion:
    """Begin a question; nobody but the asker knows of it before it is paid.

    The same form sent again returns the question already there. Raises NotTaken and
    TooManyDrafts.
    """
    hold_members(asker.pk)
    sent = PaidQuestion.objects.filter(asker=asker, form_key=form_key)
    if form_key and (there := sent.first()):
        return there
    unpaid = asker.questions_asked.filter(state__in=[State.DRAFT, State.WAITING])
    if unpaid.count() >= MOST_DRAFTS:
        raise TooManyDrafts
    if has_blocked(expert, asker):
        raise NotTaken
    terms = asking_terms.current(expert.pk)
    return PaidQuestion.objects.create(
        asker=asker,
        expert=expert,
        title=title,
        text=text,
        is_open=is_open,
        form_key=form_key,
        **asking_terms.prices(terms),
    )


@transaction.atomic
def change(*, question: PaidQuestion, title: str, text: str, is_open: bool) -> None:
    """As long as it is not asked. Raises NotAskedAnyMore."""
    question = _hold(question)
    if not question.is_unpaid:
        raise NotAskedAnyMore
    question.title, question.text, question.is_open = title, text, is_open
    question.save(update_fields=["title", "text", "is_open"])


@transaction.atomic
def follow_terms(*, question: PaidQuestion) -> bool:
    """The expert's price may have changed since it was written; whether it has.

    Raises NotTaken.
    """
    question = _hold(question)
    prices = asking_terms.prices(asking_terms.current(question.expert_id))
    if all(getattr(question, name) == value for name, value in prices.items()):
        return False
    for name, value in prices.items():
        setattr(question, name, value)
    _take_off_sale(question)
    question.offer, question.state = None, State.DRAFT
    question.save()
    return True


@transaction.atomic
def offer_for(*, question: PaidQuestion) -> Offer:
    """What the asker buys in order to ask. Raises NotTaken and NotAskedAnyMore."""
    question = _hold(question)
    if not question.is_unpaid:
        raise NotAskedAnyMore
    if has_blocked(question.expert, question.asker):
        raise NotTaken
    if question.price is None:
        raise NotTaken
    offer = question.offer or _make_offer(question, question.price)
    question.offer, question.state = offer, State.WAITING
    question.save(update_fields=["offer", "state"])
    return offer


def _make_offer(question: PaidQuestion, price: int) -> Offer:
    offers = Offer.objects.filter(slug__startswith=f"question-{question.pk}-")
    offer = Offer.objects.create(
        slug=f"question-{question.pk}-{offers.count() + 1}",
        what=question.what,
        # Not its own words: what is sold stays in the books when they are erased.
        title=_("Question to %(expert)s") % {"expert": question.expert},
        price=price,
        currency=question.currency,
        creator=question.expert,
        only_for=question.asker,
    )
    shares.promise(offer, question.expert, question.share)
    return offer


@transaction.atomic
def pay_with_points(*, question: PaidQuestion) -> None:
    """Ask it for points. Raises NotEnough, NotTaken and NotAskedAnyMore."""
    question = _hold(question)
    if question.paid_points:
        return
    if not question.is_unpaid:
        raise NotAskedAnyMore
    if has_blocked(question.expert, question.asker):
        raise NotTaken
    if question.points is None:
        raise NotTaken
    held.hold_points(
        key=f"question:{question.pk}:held",
        member=question.asker,
        points=question.points,
        source=question,
    )
    _take_off_sale(question)
    question.paid_points = question.points
    _ask(question)


def _ask(question: PaidQuestion) -> None:
    now = timezone.now()
    question.state = State.ASKED
    question.asked_at, question.due_at = now, now + question.term
    question.remind_at = question.due_at - question.term / 4
    question.save()
    record_activity(
        member=question.asker,
        verb=Verb.PAID_QUESTION_ASKED,
        target=question,
        expert=question.expert_id,
    )
    _tell(question, [question.expert_id], Kind.PAID_QUESTION_ASKED, question.asker)


def _take_off_sale(question: PaidQuestion) -> None:
    if question.offer:
        Offer.objects.filter(pk=question.offer.pk).update(is_active=False)


# What billing tells us, with the order locked ----------------------------------


def is_wanted(order: Order) -> bool:
    """Whether the money still asks the question that its order was made for."""
    question = _of_offer(order)
    return question is not None and question.is_unpaid


def paid(order: Order) -> None:
    question = _of_offer(order)
    if question is None or not question.is_unpaid:
        return
    _take_off_sale(question)
    question.order = order
    _ask(question)


def closed(order: Order) -> None:
    """All of its money went back: by us, by an operator, or by the asker's bank."""
    question = _of_offer(order)
    if question is None or question.order_id != order.pk:
        return
    if question.state == State.ASKED:
        _end(question, State.WITHDRAWN)
    question.given_back_at = timezone.now()
    question.save(update_fields=["given_back_at"])


def _of_offer(order: Order) -> PaidQuestion | None:
    questions = PaidQuestion.objects.select_for_update(of=("self",), no_key=True)
    return (
        questions.filter(offer=order.offer_id).select_related("asker", "offer").first()
    )


# Answering --------------------------------------------------------------------


@transaction.atomic
def begin_answer(*, question: PaidQuestion, text: str) -> None:
    """Keep the answer as far as it is; from now on the asker waits for it.

    Raises NotAskedAnyMore.
    """
    question = _hold_asked(question)
    question.begun_at = question.begun_at or timezone.now()
    question.answer = text
    question.save(update_fields=["begun_at", "answer"])


@transaction.atomic
def answer(*, question: PaidQuestion, text: str) -> None:
    """The answer is there: what was held is the expert's and the house's.

    Sending it twice is sending it once. Raises NotAskedAnyMore, also when the time is
    up and nobody has noticed yet.
    """
    held_question = _hold(question)
    if held_question.is_answered and held_question.answer == text:
        return
    question = _still_asked(held_question)
    question.answer = text
    _end(question, State.ANSWERED)
    if question.order:
        held.release(question.order)
    else:
        held.pay_points(
            key=f"question:{question.pk}:paid",
            to=question.expert,
            points=question.paid_points or 0,
            source=question,
        )
    if question.is_open:
        read_along.open_for_reading(question)
    record_activity(
        member=question.expert,
        verb=Verb.PAID_QUESTION_ANSWERED,
        target=question,
        asker=question.asker_id,
    )
    _tell(question, [question.asker_id], Kind.PAID_QUESTION_ANSWERED, question.expert)


@transaction.atomic
def decline(*, question: PaidQuestion, reason: str) -> None:
    """The expert does not answer it. Raises NotAskedAnyMore."""
    question = _hold_asked(question)
    question.reason = reason
    _end_without_answer(question, State.DECLINED)
    _tell(question, [question.asker_id], Kind.PAID_QUESTION_ENDED, question.expert)


@transaction.atomic
def withdraw(*, question: PaidQuestion) -> None:
    """The asker takes it back. Raises NotAskedAnyMore, and AnswerBegun once the expert
    writes."""
    question = _hold(question)
    if question.is_unpaid:
        _take_off_sale(question)
        _end(question, State.WITHDRAWN)
        return
    if question.state != State.ASKED:
        raise NotAskedAnyMore
    if question.begun_at:
        raise AnswerBegun
    _end_without_answer(question, State.WITHDRAWN)
    _tell(question, [question.expert_id], Kind.PAID_QUESTION_ENDED, question.asker)


@transaction.atomic
def expire(*, question: PaidQuestion, now: dt.datetime) -> bool:
    """Its time is up; whether that ended it."""
    question = _hold(question)
    if question.state != State.ASKED or (question.due_at and question.due_at > now):
        return False
    _end_without_answer(question, State.EXPIRED)
    both = [question.asker_id, question.expert_id]
    _tell(question, both, Kind.PAID_QUESTION_ENDED)
    return True


def _end_without_answer(question: PaidQuestion, state: State) -> None:
    _end(question, state)
    record_activity(
        member=question.asker,
        verb=Verb.PAID_QUESTION_ENDED,
        target=question,
        expert=question.expert_id,
    )
    _give_back(question)


def _end(question: PaidQuestion, state: State) -> None:
    question.state, question.ended_at = state, timezone.now()
    question.remind_at = None
    question.save()


def _give_back(question: PaidQuestion) -> None:
    """While the asker's bank disputes the payment, nothing can be given back yet."""
    if question.order:
        why = question.get_state_display()
        if not refunds.undo_free(order=question.order, reason=why):
            refunds.refund(order=question.order, reason=why)
        return  # billing tells `closed`
    held.return_points(
        key=f"question:{question.pk}:back",
        to=question.asker,
        points=question.paid_points or 0,
        source=question,
    )
    question.given_back_at = timezone.now()
    question.save(update_fields=["given_back_at"])


# Afterwards -------------------------------------------------------------------


@transaction.atomic
def follow_up(
    *, question: PaidQuestion, author: User, text: str, form_key: UUID | None = None
) -> FollowUp:
    """One word more, when there is an answer.

    The same form sent again returns what is there. Raises NotAskedAnyMore and
    TooManyFollowUps.
    """
    question = _hold(question)
    said = question.follow_ups.filter(author=author)
    if form_key and (there := said.filter(form_key=form_key).first()):
        return there
    if not question.is_answered:
        raise NotAskedAnyMore
    if not may_follow_up(question, author):
        raise TooManyFollowUps
    made = question.follow_ups.create(author=author, text=text, form_key=form_key)
    other = {question.asker_id, question.expert_id} - {author.pk}
    tell(
        other,
        kind=Kind.PAID_QUESTION_MORE,
        key=f"paid-question:{question.pk}:more:{made.pk}",
        target=question,
        actor=author,
    )
    return made


def may_follow_up(question: PaidQuestion, author: User) -> bool:
    if not question.is_answered:
        return False
    is_asker = author.pk == question.asker_id
    most = MOST_FOLLOW_UPS if is_asker else 2 * MOST_FOLLOW_UPS
    return question.follow_ups.filter(author=author).count() < most


@transaction.atomic
def rate(*, question: PaidQuestion, stars: int, words: str) -> None:
    """The asker judges the answer, and may think again. Raises NotAskedAnyMore."""
    question = _hold(question)
    if not question.is_answered:
        raise NotAskedAnyMore
    question.rating, question.rating_words = stars, words
    question.save(update_fields=["rating", "rating_words"])


# The clock --------------------------------------------------------------------


def advance(now: dt.datetime | None = None) -> dict[str, int]:
    """Remind, end what is overdue, give back what could not go back before.

    Each question on its own, so that one does not keep the others from it; killed in
    between, the next run does the rest.
    """
    now = now or timezone.now()
    asked = PaidQuestion.objects.filter(state=State.ASKED)
    unreturned = PaidQuestion.objects.filter(
        state__in=OVER, asked_at__isnull=False, given_back_at=None
    )
    return {
        "expired": each_apart(
            asked.filter(due_at__lte=now), lambda it: expire(question=it, now=now)
        ),
        "reminded": each_apart(asked.filter(remind_at__lte=now), _remind),
        "given back": each_apart(unreturned, _give_back_again),
    }


@transaction.atomic
def _remind(question: PaidQuestion) -> bool:
    question = _hold(question)
    if question.state != State.ASKED or question.remind_at is None:
        return False
    question.remind_at = None
    question.save(update_fields=["remind_at"])
    _tell(question, [question.expert_id], Kind.PAID_QUESTION_DUE)
    return True


@transaction.atomic
def _give_back_again(question: PaidQuestion) -> bool:
    question = _hold(question)
    if question.given_back_at or question.state not in OVER:
        return False
    _give_back(question)
    question.refresh_from_db(fields=["given_back_at"])
    return question.given_back_at is not None


def end_all_of(member: User) -> None:
    """They go: what they asked or were asked and is not answered is given back."""
    running = PaidQuestion.objects.filter(
        Q(asker=member) | Q(expert=member),
        state__in=[State.DRAFT, State.WAITING, State.ASKED],
    )
    for question in running:
        _end_for_good(_hold(question))


def _end_for_good(question: PaidQuestion) -> None:
    if question.is_unpaid:
        _take_off_sale(question)
        _end(question, State.WITHDRAWN)
    elif question.state == State.ASKED:
        _end_without_answer(question, State.WITHDRAWN)


# Reading ----------------------------------------------------------------------


def asked_by(member: User) -> list[PaidQuestion]:
    """Without what was taken back before it was paid."""
    unborn = Q(state=State.WITHDRAWN, asked_at=None)
    mine = member.questions_asked.exclude(unborn).select_related("expert")
    return list(mine[:200])


def asked_of(member: User) -> list[PaidQuestion]:
    """Those that wait first, by their deadline; then the latest."""
    theirs = member.questions_taken.filter(asked_at__isnull=False)
    theirs = theirs.select_related("asker")
    waiting = theirs.filter(state=State.ASKED).order_by("due_at", "pk")
    return [*waiting[:200], *theirs.exclude(state=State.ASKED)[:200]]


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """{number: (title, address)} of those among them that this member may see now."""
    own = Q(asker=member) | Q(expert=member, asked_at__isnull=False)
    found = PaidQuestion.objects.filter(own, pk__in=numbers)
    return {it.pk: (it.title, it.get_absolute_url()) for it in found}


def _tell(
    question: PaidQuestion,
    members: list[int],
    kind: Notification.Kind,
    actor: User | None = None,
) -> None:
    tell(
        members,
        kind=kind,
        key=f"paid-question:{question.pk}:{kind}",
        target=question,
        actor=actor,
    )


def _hold_asked(question: PaidQuestion) -> PaidQuestion:
    return _still_asked(_hold(question))


def _still_asked(question: PaidQuestion) -> PaidQuestion:
    is_late = question.due_at is not None and question.due_at <= timezone.now()
    if question.state != State.ASKED or is_late:
        raise NotAskedAnyMore
    return question


def _hold(question: PaidQuestion) -> PaidQuestion:
    found = PaidQuestion.objects.filter(pk=question.pk)
    orders = Order.objects.filter(pk__in=found.values("order"))
    list(orders.select_for_update().values("pk"))
    return (
        found.select_for_update(of=("self",), no_key=True)
        .select_related("asker", "expert", "order", "offer")
        .get()
    )
