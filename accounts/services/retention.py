"""Deleting what has been kept long enough."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from accounts.models import (
    DataExport,
    Mail,
    Message,
    MessageReport,
    Notice,
    Notification,
    RetentionRule,
    RobotMessage,
)
from accounts.services import exports, mails

Kind = RetentionRule.Kind

READ_FOR = dt.timedelta(days=90)
UNREAD_FOR = dt.timedelta(days=365)
PART = 5000  # notifications deleted at once
MOST_PARTS = 200  # in one night

DEFAULTS = {
    Kind.SESSIONS: (90, "To let people see where they are signed in."),
    Kind.NOTICES: (730, "To answer disputes and check the books."),
    Kind.WORDING: (30, "To look into what a payment service told us."),
    Kind.MAILS: (180, "To know that nobody got the same news twice."),
    Kind.EXPORTS: (30, "To know when a copy was made."),
    Kind.MESSAGES: (1095, "To let the two find what they wrote to each other."),
    Kind.REPORTS: (365, "To see whether somebody is reported again."),
    Kind.ROBOTS: (180, "To know that no group got the same news twice."),
}


def make_defaults(**kwargs: Any) -> None:
    """The rules a new community starts with."""
    for kind, (days, purpose) in DEFAULTS.items():
        RetentionRule.objects.get_or_create(
            kind=kind, defaults={"days": days, "purpose": purpose}
        )


def enforce() -> dict[str, int]:
    """{kind: how many rows were deleted, or emptied}."""
    now = timezone.now()
    return {
        "notifications": _notifications(now),
        **_by_rule(now),
    }


def _notifications(now: dt.datetime) -> int:
    """What was read says nothing any more after a season, what nobody read in a year
    never will. In parts, so that no lock is held for long; what still waits to be
    mailed stays."""
    read = Q(read_at__lt=now - READ_FOR) | Q(created_at__lt=now - UNREAD_FOR)
    old = Notification.objects.filter(read, mail_at=None).order_by("pk")
    deleted = 0
    for _each in range(MOST_PARTS):
        part = list(old.values_list("pk", flat=True)[:PART])
        Notification.objects.filter(pk__in=part).delete()
        deleted += len(part)
        if len(part) < PART:
            break
    return deleted


def _by_rule(now: dt.datetime) -> dict[str, int]:
    return {
        rule.kind: DELETE[Kind(rule.kind)](now - dt.timedelta(days=rule.days))
        for rule in RetentionRule.objects.all()
    }


def _sessions(before: dt.datetime) -> int:
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return UserSession.objects.filter(last_seen_at__lt=before).delete()[0]


def _notices(before: dt.datetime) -> int:
    return Notice.objects.filter(received_at__lt=before).delete()[0]


def _wording(before: dt.datetime) -> int:
    """Names, addresses, cards: what the books need of a message is kept beside it."""
    old = Notice.objects.filter(received_at__lt=before, handled_at__isnull=False)
    return old.exclude(body="").update(body="")


def _mails(before: dt.datetime) -> int:
    """Also those that came back, and those that we have given up."""
    given_up = min(before, timezone.now() - mails.GIVE_UP_AFTER)
    never_sent = Q(sent_at=None, failed_at=None, created_at__lt=given_up)
    ended = Q(sent_at__lt=before) | Q(failed_at__lt=before)
    return Mail.objects.filter(ended | never_sent).delete()[0]


def _exports(before: dt.datetime) -> int:
    exports.delete_expired()
    return DataExport.objects.filter(expires_at__lt=before, file="").delete()[0]


def _messages(before: dt.datetime) -> int:
    return Message.objects.filter(at__lt=before).delete()[0]


def _reports(before: dt.datetime) -> int:
    return MessageReport.objects.filter(closed_at__lt=before).delete()[0]


def _robots(before: dt.datetime) -> int:
    """Also what never went, from a robot that was switched off."""
    return RobotMessage.objects.filter(created_at__lt=before).delete()[0]


DELETE: dict[Kind, Callable[[dt.datetime], int]] = {
    Kind.SESSIONS: _sessions,
    Kind.NOTICES: _notices,
    Kind.WORDING: _wording,
    Kind.MAILS: _mails,
    Kind.EXPORTS: _exports,
    Kind.MESSAGES: _messages,
    Kind.REPORTS: _reports,
    Kind.ROBOTS: _robots,
}
