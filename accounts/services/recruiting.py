"""Following where people come from, from the first click to staying."""

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import connection, transaction
from django.db.models import Q, Sum
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import (
    Channel,
    Entitlement,
    LinkDay,
    Origin,
    Referral,
    TrackedLink,
    User,
    Verb,
)
from accounts.services.activity import record_activity
from community.lib.dates import site_day

DEFAULTS = {
    Channel.Kind.DIRECT: "Direct",
    Channel.Kind.REFERRAL: "Members",
    Channel.Kind.IMPORT: "Import",
}
COOKIE = "came"
REMEMBERED = dt.timedelta(days=90)
STAYED_AFTER = dt.timedelta(days=30)
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
# Hosts of mail by other names for the same mailboxes.
ONE_HOST = {
    "googlemail.com": "gmail.com",
    "foxmail.com": "qq.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
# Machines that say that they are.
BOTS = (
    *("bot", "crawl", "spider", "slurp", "preview"),
    *("curl", "wget", "python", "headless"),
)


def make_defaults(**kwargs: Any) -> None:
    """The channels that every community has."""
    for kind in DEFAULTS:
        _default(kind)


def _default(kind: Channel.Kind) -> Channel:
    channel = Channel.objects.filter(kind=kind).order_by("pk").first()
    return channel or Channel.objects.create(kind=kind, name=DEFAULTS[kind])


def came_by_import(members: Iterable[User]) -> None:
    """New accounts that were brought along from another platform."""
    channel = _default(Channel.Kind.IMPORT)
    Origin.objects.bulk_create(
        Origin(
            member=member,
            channel=channel,
            first_at=member.date_joined,
            last_at=member.date_joined,
        )
        for member in members
    )


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(7))


def follow(code: str) -> TrackedLink | None:
    return TrackedLink.objects.filter(code=code, ended_at=None).first()


def is_machine(agent: str) -> bool:
    agent = agent.casefold()
    return not agent or any(word in agent for word in BOTS)


def count_visit(link: TrackedLink) -> None:
    """One statement, whoever else counts at the same moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_linkday (link_id, day, visits) VALUES (%s, %s, 1)"
            " ON CONFLICT (link_id, day)"
            " DO UPDATE SET visits = accounts_linkday.visits + 1",
            [link.pk, site_day()],
        )


# The cookie ------------------------------------------------------------------------


@dataclass(frozen=True)
class Touches:
    """The first and the last link that a visitor came by, with the moments."""

    first: str
    first_at: int
    last: str
    last_at: int


def touches(request: HttpRequest) -> Touches | None:
    """What the visitor's cookie says; None for none, an old or a forged one."""
    text = request.COOKIES.get(COOKIE, "")
    try:
        told = signing.loads(text, salt=COOKIE, max_age=REMEMBERED)
        return Touches(*told)
    except (signing.BadSignature, TypeError):
        return None


def with_touch(request: HttpRequest, code: str) -> str:
    """The cookie that remembers this link, too."""
    now = int(timezone.now().timestamp())
    known = touches(request)
    first, first_at = (known.first, known.first_at) if known else (code, now)
    return signing.dumps([first, first_at, code, now], salt=COOKIE)


# Joining ---------------------------------------------------------------------------


@transaction.atomic
def remember_origin(*, member: User, request: HttpRequest) -> None:
    """Keep with a new member by what they came, and who brought them."""
    told = touches(request)
    links = TrackedLink.objects.filter(code__in=[told.first, told.last] if told else [])
    by_code = {link.code: link for link in links.select_related("channel", "owner")}
    first = by_code.get(told.first) if told else None
    last = by_code.get(told.last) if told else None
    channel = last.channel if last else _default(Channel.Kind.DIRECT)
    now = timezone.now()
    Origin.objects.get_or_create(
        member=member,
        defaults={
            "first_link": first,
            "first_at": _moment(told.first_at) if told else now,
            "last_link": last,
            "last_at": _moment(told.last_at) if told else now,
            "channel": channel,
        },
    )
    if last and last.owner and _is_another(last.owner, member):
        Referral.objects.get_or_create(member=member, defaults={"referrer": last.owner})


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _is_another(referrer: User, member: User) -> bool:
    """Nobody brings themselves, by whichever spelling of their address."""
    return referrer.pk != member.pk and _plain(referrer.email) != _plain(member.email)


def _plain(email: str | None) -> str:
    """An address in the one spelling of all that lead to the same mailbox."""
    name, _, host = (email or "").casefold().partition("@")
    host = ONE_HOST.get(host, host)
    name = name.partition("+")[0]
    return f"{name.replace('.', '') if host == 'gmail.com' else name}@{host}"


# Members' own links ----------------------------------------------------------------


def own_link(member: User) -> TrackedLink:
    """The member's link for everything, made when it is first looked at."""
    return _link_of(member, "/")


def link_to_share(*, member: User, kind: str, pk: int, path: str) -> TrackedLink:
    """The member's link to one thing, made when it is first looked at.

    So its visits and joins are known by who shared and by what was shared.
    """
    link = _link_of(member, path, object_kind=kind, object_id=pk)
    if link.path != path:  # the thing has another address by now
        link.path = path
        link.save(update_fields=["path"])
    return link


def _link_of(member: User, path: str, **thing: Any) -> TrackedLink:
    channel = _default(Channel.Kind.REFERRAL)
    link, _ = TrackedLink.objects.get_or_create(
        owner=member,
        **(thing or {"object_id": None}),
        defaults={"code": new_code(), "channel": channel, "path": path},
    )
    return link


@dataclass(frozen=True)
class Shares:
    """What came of sharing a thing; whose links they are is not told."""

    links: int
    visits: int
    joined: int


def shares_of(things: Mapping[str, Iterable[int]]) -> Shares:
    """Of all members' links to these things: numbers by kind."""
    wanted = Q()
    for kind, ids in things.items():
        wanted |= Q(object_kind=kind, object_id__in=ids)
    links = TrackedLink.objects.filter(wanted, object_id__isnull=False)
    days = LinkDay.objects.filter(link__in=links)
    return Shares(
        links=links.count(),
        visits=days.aggregate(all=Sum("visits", default=0))["all"],
        joined=Origin.objects.filter(last_link__in=links).count(),
    )


def brought_by(member: User) -> list[Referral]:
    return list(member.referrals.select_related("member")[:200])


def reward_who_stayed() -> int:
    """Note for each referral that has come of age that it counts; how many.

    Who was suspended, erased or never let in has not stayed. Points are given by the
    rule on the verb; each referral is noted once.
    """
    due = Referral.objects.filter(
        stayed_at=None,
        at__lte=timezone.now() - STAYED_AFTER,
        member__erased_at=None,
        member__suspended_at=None,
        member__is_applicant=False,
        referrer__erased_at=None,
    )
    ids = list(due.values_list("pk", flat=True))
    return sum(_reward(pk) for pk in ids)


@transaction.atomic
def _reward(pk: int) -> int:
    referral = Referral.objects.select_for_update().get(pk=pk)
    if referral.stayed_at or not _has_stayed(referral):
        return 0
    referral.stayed_at = timezone.now()
    referral.save(update_fields=["stayed_at"])
    record_activity(
        member=referral.referrer, verb=Verb.REFERRAL_STAYED, target=referral
    )
    return 1


def _has_stayed(referral: Referral) -> bool:
    """Seen, or holding something, after the waiting time began to end."""
    since = timezone.now() - STAYED_AFTER / 2
    holds = Entitlement.objects.in_force().filter(member=referral.member)
    seen = referral.member.activities.filter(at__gte=since)
    return holds.exists() or seen.exists()
