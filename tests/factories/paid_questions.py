"""Experts who take questions, and questions they were paid for."""

import datetime as dt

from django.utils import timezone

from accounts.models import Expert, ShareAgreement
from accounts.services import held, ledger
from accounts.services.ledger import Line
from content.models import AskingTerms
from content.services import paid_questions
from tests.factories.accounts import make_member
from tests.factories.billing import buy

START = dt.date(2020, 1, 1)


def make_expert(username="expert", *, share=700, **terms):
    member = make_member(username)
    now = timezone.now()
    Expert.objects.create(
        member=member,
        headline="Knows soils",
        state=Expert.State.VERIFIED,
        asked_at=now,
        decided_at=now,
        decided_by=member,
        verified_until=now + dt.timedelta(days=900),
    )
    if share:
        ShareAgreement.objects.create(creator=member, per_mille=share, starts_on=START)
    terms = {"price": 9900, "points": 100, "days": 4, "is_open": True} | terms
    AskingTerms.objects.create(expert=member, **terms)
    return member


def give_points(member, points, key="start"):
    lines = [Line(held.MEMBER, points, member), Line(held.HOUSE, -points)]
    ledger.post(key=f"{key}:{member.pk}", unit="points", cause="a test", lines=lines)


def write(asker, expert, **says):
    says = {"title": "Which soil?", "text": "Mine is *wet*.", "is_open": False} | says
    return paid_questions.write(asker=asker, expert=expert, **says)


def ask_for_money(asker, expert, **says):
    question = write(asker, expert, **says)
    buy(asker, paid_questions.offer_for(question=question))
    question.refresh_from_db()
    return question


def ask_for_points(asker, expert, *, has=100, **says):
    question = write(asker, expert, **says)
    give_points(asker, has, key=f"for {question.pk}")
    paid_questions.pay_with_points(question=question)
    question.refresh_from_db()
    return question
