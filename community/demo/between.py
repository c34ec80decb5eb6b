"""What is between two in the demo: letters, questions that are paid, and order; and
what those who sign in have kept for themselves."""

import datetime as dt
from typing import Any

from django.db.models import F

from accounts.models import (
    Conversation,
    LedgerAccount,
    Message,
    Role,
    Sanction,
    Seat,
    User,
)
from accounts.services import messages, sanctions
from accounts.services.held import MEMBER
from accounts.services.rules import rules_in_force
from community.demo.company import Company
from community.demo.people import LANGUAGES
from content.models import Item, PaidQuestion, Post, Topic
from content.services import bookmarks, paid_questions, read_along
from incentives.services import bounties

KEPT = 4
BETWEEN_LETTERS = dt.timedelta(hours=5)
BOUNTY = 20
ANSWERED_AFTER = dt.timedelta(days=1)
ASKED_BEFORE = dt.timedelta(days=5)
REMINDED_BEFORE = dt.timedelta(days=20)


def tell(company: Company) -> None:
    words = company.words
    for number, member in enumerate(company.logins):
        write(company, member, number)
        keep(member)
    for language in LANGUAGES:
        ask(company, language, words["paid"][language])
        keep_order(company, language, words["sanction"][language])


# Letters and what is kept -------------------------------------------------------------


def write(company: Company, member: User, number: int) -> None:
    words = company.words["letters"][member.language]
    mentor = company.staff[member.language]
    friend = company.members[member.language][number]
    correspond(mentor, member, words["mentor"], company.began - dt.timedelta(hours=1))
    correspond(friend, member, words["friend"], company.began - dt.timedelta(days=2))


def correspond(one: User, other: User, texts: list[str], last: dt.datetime) -> None:
    """In turn, the first begins; the last letter is not read yet."""
    pairs = [(one, other), (other, one)]
    sent = [
        messages.send(sender=pairs[n % 2][0], to=pairs[n % 2][1], body=text)
        for n, text in enumerate(texts)
    ]
    for number, message in enumerate(reversed(sent)):
        at = last - number * BETWEEN_LETTERS
        Message.objects.filter(pk=message.pk).update(at=at)
    between = Conversation.objects.filter(pk=sent[0].conversation_id)
    between.update(created_at=last - len(sent) * BETWEEN_LETTERS)
    Seat.objects.filter(conversation__in=between).update(last_at=last)


def keep(member: User) -> None:
    thanked = Post.objects.filter(hidden_at=None, topic__hidden_at=None).filter(
        topic__in=Topic.objects.visible_to(member), author__language=member.language
    )
    for post in thanked.order_by("-like_count", "pk")[:KEPT]:
        bookmarks.keep(member=member, post=post)
    read = Item.objects.readable_by(member).filter(language=member.language)
    for item in read.filter(kind=Item.Kind.ARTICLE)[:1]:
        bookmarks.keep(member=member, item=item)


# Questions that are paid -------------------------------------------------------------


def ask(company: Company, language: str, words: dict[str, str]) -> None:
    """One answered, which others may read along; one waiting; one with a bounty."""
    expert = company.staff[language]
    askers = with_points(company, language)
    if len(askers) < 3:
        return
    done = put(askers[0], expert, words["title"], words["text"], is_open=True)
    paid_questions.answer(question=done, text=words["answer"].strip())
    paid_questions.follow_up(question=done, author=done.asker, text=words["more"])
    paid_questions.rate(question=done, stars=5, words=words["thanks"])
    asked_at = company.began - ASKED_BEFORE
    PaidQuestion.objects.filter(pk=done.pk).update(
        created_at=asked_at,
        asked_at=asked_at,
        due_at=asked_at + done.term,
        ended_at=asked_at + ANSWERED_AFTER,
    )
    done.refresh_from_db()
    read_along.read_for_points(question=done, reader=askers[2])
    put(
        askers[1],
        expert,
        words["waiting_title"],
        words["waiting_text"],
        is_open=False,
    )
    offer_bounty(askers[2])


def with_points(company: Company, language: str) -> list[User]:
    """Members who can pay for a question, first of all who signs in."""
    price = company.staff[language].asking_terms.points or 0
    accounts = LedgerAccount.objects.filter(
        kind=MEMBER,
        balance__gte=price,
        member__language=language,
        member__roles__contained_by=[Role.MEMBER],
    )
    rich = accounts.order_by(F("member__email").asc(nulls_last=True), "-balance")
    return [it.member for it in rich.select_related("member")[:3] if it.member]


def put(
    asker: User, expert: User, title: str, text: str, *, is_open: bool
) -> PaidQuestion:
    question = paid_questions.write(
        asker=asker, expert=expert, title=title, text=text.strip(), is_open=is_open
    )
    paid_questions.pay_with_points(question=question)
    question.refresh_from_db()
    return question


def offer_bounty(member: User) -> None:
    """On the latest question that nobody has answered well."""
    open_ones = Topic.objects.visible_to(member).filter(
        kind=Topic.Kind.QUESTION,
        is_answered=False,
        hidden_at=None,
        item=None,
        author__language=member.language,
    )
    question = open_ones.exclude(author=member).order_by("-created_at").first()
    if question:
        bounties.put_up(member=member, topic=question.pk, points=BOUNTY)


# Order -------------------------------------------------------------


def keep_order(company: Company, language: str, words: dict[str, Any]) -> None:
    """A reminder, some weeks later a mute, and what its member says against it."""
    member = company.members[language][-1]
    rules = {rule.number: rule for rule in rules_in_force(language)}
    cited: dict[str, Any] = {
        "member": member,
        "rule": rules[words["rule"]],
        "by": company.operator,
    }
    kind = Sanction.Kind
    reminder = sanctions.impose(kind=kind.REMINDER, reason=words["reminded"], **cited)
    then = company.began - REMINDED_BEFORE
    Sanction.objects.filter(pk=reminder.pk).update(created_at=then, begins_at=then)
    step = sanctions.next_step(member)
    imposed = sanctions.impose(
        kind=step.kind, days=step.days, reason=words["reason"], **cited
    )
    sanctions.appeal(sanction=imposed, words=words["appeal"])
