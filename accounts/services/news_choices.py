"""What members chose to hear of, and the links that end it."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import NewsChoice, NewsGroup, User, Way

_signer = Signer(salt="stop news")

# What one link can end: a group, the digest, or all that comes by mail.
DIGEST, ALL = "digest", "all"
STOPPABLE = (*NewsGroup.values, DIGEST, ALL)


def zone_of(member: User) -> ZoneInfo:
    return ZoneInfo(member.time_zone or settings.TIME_ZONE)


def choice_of(member: User) -> NewsChoice:
    """What the member chose, perhaps nothing yet; not saved then."""
    found = NewsChoice.objects.filter(member=member).first()
    return found or NewsChoice(member=member)


@transaction.atomic
def choose(*, member: User, **chosen: Any) -> NewsChoice:
    """Keep what a member chose; the next digest follows from it."""
    NewsChoice.objects.get_or_create(member=member)
    choice = NewsChoice.objects.select_for_update().get(member=member)
    for name, value in chosen.items():
        setattr(choice, name, value)
    now = timezone.now()
    choice.digest_at = choice.next_digest(now, zone_of(member))
    choice.digested_at = choice.digested_at or now
    choice.save()
    return choice


def stop(*, member: User, what: str) -> None:
    """End what one link is about; ending it twice is harmless."""
    groups = NewsGroup.values if what == ALL else [what]
    chosen: dict[str, Any] = {
        group: Way.OFF for group in groups if group in NewsGroup.values
    }
    if what in (DIGEST, ALL):
        chosen["digest"] = NewsChoice.Digest.OFF
    choose(member=member, **chosen)


def stop_link(member: User, what: str) -> str:
    token = _signer.sign_object([member.pk, what])
    return settings.SITE_URL + reverse("accounts:news_stop", args=[token])


def read_stop_link(token: str) -> tuple[User, str] | None:
    """Whose mails of which sort the link ends; None if it is none of ours."""
    try:
        number, what = _signer.unsign_object(token)
    except (BadSignature, ValueError):
        return None
    member = User.objects.people().filter(pk=number).first()
    return (member, what) if member and what in STOPPABLE else None


NEWCOMERS = """
INSERT INTO accounts_newschoice
       (member_id, to_me, followed, other, digest, digest_day, digest_hour,
        quiet_from, quiet_to, digest_at)
SELECT person.id, %(to_me)s, %(followed)s, %(other)s, %(digest)s, %(digest_day)s,
       %(digest_hour)s, %(quiet_from)s, %(quiet_to)s, %(now)s
  FROM accounts_user AS person
 WHERE person.email IS NOT NULL AND person.erased_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM accounts_newschoice AS choice
                    WHERE choice.member_id = person.id)
    ON CONFLICT (member_id) DO NOTHING
"""


def plan_newcomers(now: dt.datetime) -> None:
    """A row for everyone who has an address and has not chosen: a digest needs a day.

    They are due at once, and get their first day instead of a digest.
    """
    plain = NewsChoice()
    names = ("to_me", "followed", "other", "digest", "digest_day", "digest_hour")
    values = {name: str(getattr(plain, name)) for name in names[:4]}
    numbers = {
        name: getattr(plain, name) for name in (*names[4:], "quiet_from", "quiet_to")
    }
    with connection.cursor() as cursor:
        cursor.execute(NEWCOMERS, {**values, **numbers, "now": now})


def name_of(what: str) -> str:
    """What a link ends, for people."""
    if what == DIGEST:
        return gettext("Digest of what is new")
    return (
        str(NewsGroup(what).label) if what in NewsGroup.values else gettext("All news")
    )
