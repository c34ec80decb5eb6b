"""Whether something that a member wrote is posted at once, or looked at before.

Each check says why it would rather have somebody look; what is written is never refused
for it.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Space, User
from community.lib.prints import are_near, print_of
from community.lib.watched import Watch, watch
from content.models import (
    Decision,
    KnownDomain,
    ModerationPolicy,
    Post,
    TextTrace,
    WatchedWord,
)

Mode = ModerationPolicy.Mode
Effect = WatchedWord.Effect
Reason = dict[str, Any]

NEW_FOR = dt.timedelta(days=3)
SETTLED_AFTER = 5  # posts that stand: then an account is not new any more
REMEMBERED_FOR = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
REFUSED_COUNTS_FOR = dt.timedelta(days=90)
MOST_COMPARED = 200
FIRST_COUNT = 5  # times as much as the others when posts of new members are a storm
AT_ONCE = dt.timedelta(seconds=5)
AT_ONCE_COUNT = 10  # times as much, within so short a time
IN_ROOM = {"word", "domain", "links"}

LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"'，。；）】」]+", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """What is to be posted; `before` is what stands already, when it is a change."""

    author: User
    space: Space | None
    title: str
    body: str
    before: tuple[str, ...] | None = None
    beside: str = ""  # the link of a share, the choices of a poll

    @property
    def fields(self) -> dict[str, str]:
        return {"title": self.title, "body": self.body, "beside": self.beside}


def beside(arguments: dict[str, Any]) -> str:
    """What else is said with a text, of the arguments that it is posted with."""
    poll = arguments.get("poll") or {}
    said = [arguments.get("link"), poll.get("question"), *poll.get("choices", [])]
    return "\n".join(filter(None, said))


def reasons_to_hold(text: Text) -> list[Reason]:
    """In the order they are told; none where it is to be posted."""
    if guides(text.author):
        return []
    reasons = [*_watched(text, Effect.HOLD), *_refused_domains(text)]
    policy = policy_for(text.space)
    if is_exempt(text.author, policy):
        return reasons
    return [*_mode(text, policy), *reasons, *_suspicions(text, policy)]


def not_to_be_said(text: Text) -> list[Reason]:
    """The words and links alone: for who writes for the house, but does not keep order
    in it. How new they are here, and what the place asks of others, is nothing then."""
    if guides(text.author):
        return []
    return [*_watched(text, Effect.HOLD), *_refused_domains(text)]


def reasons_in_room(text: Text) -> list[Reason]:
    """Of a line in a live room. How a space wants its posts read, and what looks like a
    flood of topics, says nothing of a chat."""
    return [it for it in reasons_to_hold(text) if it["code"] in IN_ROOM]


def guides(member: User) -> bool:
    """Those who keep order write without being looked at."""
    return member.is_operator or (
        member.may_act_as_staff
        and (member.is_mentor or member.is_volunteer or member.is_reviewer)
    )


def policy_for(space: Space | None) -> ModerationPolicy:
    rows = ModerationPolicy.objects.filter(space=None)
    if space is not None:
        rows |= ModerationPolicy.objects.filter(space=space)
    found = sorted(rows, key=lambda it: it.space_id is None)
    return found[0] if found else ModerationPolicy()


def is_exempt(member: User, policy: ModerationPolicy) -> bool:
    if policy.exempt_level is not None and member.level >= policy.exempt_level:
        return True
    trusted = policy.trusted_posts
    if not trusted or standing(member, trusted) < trusted:
        return False
    refused = Decision.objects.filter(
        case__author=member,
        act__in=[Decision.Act.REJECT, Decision.Act.HIDE],
        undone_at=None,
        at__gt=timezone.now() - REFUSED_COUNTS_FOR,
    )
    return not refused.exists()


def standing(member: User, most: int) -> int:
    """How many posts of this member stand, counted up to `most`."""
    posts = Post.objects.filter(author=member, hidden_at=None, topic__hidden_at=None)
    return posts.order_by()[:most].count()


def is_new(member: User) -> bool:
    if member.date_joined < timezone.now() - NEW_FOR or guides(member):
        return False
    return standing(member, SETTLED_AFTER) < SETTLED_AFTER


# How the place wants it --------------------------------------------------------------


def _mode(text: Text, policy: ModerationPolicy) -> Iterator[Reason]:
    if policy.mode == Mode.ALL:
        yield {"code": "all"}
    elif policy.mode == Mode.FIRST:
        first = policy.first_posts
        if standing(text.author, first) < first:
            yield {"code": "first", "number": first}


# Words -------------------------------------------------------------------------------


def flagged_words(text: Text) -> list[str]:
    """What is posted all the same, and looked at afterwards."""
    return [reason["word"] for reason in _watched(text, Effect.FLAG)]


def watched_in(text: str, effect: str) -> list[str]:
    """Each watched word with this effect that stands in a text, once."""
    words = _words(effect)
    return list(dict.fromkeys(hit.word for hit in words.hits(text))) if words else []


def _watched(text: Text, effect: str) -> list[Reason]:
    """Each place where a watched word stands that did not stand there before."""
    words = _words(effect)
    if words is None:
        return []
    known = set()
    if text.before:
        known = {hit.word for part in text.before for hit in words.hits(part)}
    return [
        {"code": "word", "word": hit.word, "field": name, "at": [hit.start, hit.end]}
        for name, part in text.fields.items()
        for hit in words.hits(part)
        if hit.word not in known
    ]


def _words(effect: str) -> Watch | None:
    rows = WatchedWord.objects.filter(effect=effect)
    state = rows.aggregate(number=Count("pk"), last=Max("changed_at"))
    return _compiled(effect, **state) if state["number"] else None


@lru_cache(maxsize=4)
def _compiled(effect: str, number: int, last: dt.datetime) -> Watch:
    """Kept for as long as no word is added, changed or taken away."""
    rows = WatchedWord.objects.filter(effect=effect)
    return watch(rows.values_list("word", "with_forms"))


# Links -------------------------------------------------------------------------------


def _links(text: str) -> list[tuple[str, int, int]]:
    """(host, start, end) of each link that leads out of the house."""
    found = []
    for link in LINK.finditer(text):
        address = link[0] if "://" in link[0] else f"//{link[0]}"
        try:
            host = (urlsplit(address).hostname or "").lower()
        except ValueError:  # no address, then
            continue
        if host and host != _own_host():
            found.append((host, *link.span()))
    return found


def _own_host() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""


def _is_below(host: str, domains: set[str]) -> bool:
    parts = host.split(".")
    return any(".".join(parts[at:]) in domains for at in range(len(parts)))


def _domains(*, allowed: bool) -> set[str]:
    rows = KnownDomain.objects.filter(is_allowed=allowed)
    return {domain.lower() for domain in rows.values_list("domain", flat=True)}


def _refused_domains(text: Text) -> list[Reason]:
    places = {name: _links(part) for name, part in text.fields.items()}
    if not any(places.values()):
        return []
    refused = _domains(allowed=False)
    known = {host for part in text.before or () for host, _at, _end in _links(part)}
    return [
        {"code": "domain", "domain": host, "field": name, "at": [start, end]}
        for name, links in places.items()
        for host, start, end in links
        if _is_below(host, refused) and host not in known
    ]


# What a flood looks like -------------------------------------------------------------


def _suspicions(text: Text, policy: ModerationPolicy) -> Iterator[Reason]:
    new = is_new(text.author)
    if new:
        yield from _many_links(text, policy)
    if text.before is not None:
        return
    if _was_written_before(text, new=new):
        yield {"code": "duplicate"}
    if new and is_storm(policy):
        yield {"code": "burst"}
    elif new and is_rush(text.author, policy):
        yield {"code": "rush"}


def _many_links(text: Text, policy: ModerationPolicy) -> Iterator[Reason]:
    allowed = _domains(allowed=True)

    def strange(part: str) -> int:
        return sum(not _is_below(host, allowed) for host, *_at in _links(part))

    number = sum(strange(part) for part in text.fields.values())
    before = sum(strange(part) for part in text.before or ())
    if number > max(policy.most_links, before):
        yield {"code": "links", "number": number, "most": policy.most_links}


def _was_written_before(text: Text, *, new: bool) -> bool:
    """By themselves; or, when they are new here, by another who is."""
    own = print_of(f"{text.title}\n{text.body}")
    if own is None:
        return False
    near = TextTrace.objects.filter(
        at__gt=timezone.now() - REMEMBERED_FOR, print__overlap=own
    )
    by_them = near.filter(author=text.author)
    rows = by_them | near.filter(is_new_member=True) if new else by_them
    prints = rows.values_list("print", flat=True)[:MOST_COMPARED]
    return any(are_near(own, print_) for print_ in prints if print_)


def is_storm(policy: ModerationPolicy) -> bool:
    """So much by new members in the last minute, posted or held, that it is not they.

    Counted in the database: with the index it costs as much as a cache would, and is
    right also where there is none.
    """
    lately = TextTrace.objects.filter(
        is_new_member=True, at__gt=timezone.now() - MINUTE
    )
    return lately[: policy.burst].count() >= policy.burst


def is_rush(author: User, policy: ModerationPolicy) -> bool:
    """Several others of whom nothing stood a minute ago write just now, and so does
    this one: a storm begins like that, and is not waited for. In a minute they may be
    more than within seconds, where people hardly come together by chance.

    The first of them are like any newcomer: where nothing of a storm may ever be seen,
    the place has first posts looked at before (`Mode.FIRST`).
    """
    if _stood(author.pk).exists():
        return False
    limits = (MINUTE, FIRST_COUNT), (AT_ONCE, AT_ONCE_COUNT)
    return any(
        _several_first(author, within, policy.burst // share)
        for within, share in limits
    )


def _several_first(author: User, within: dt.timedelta, several: int) -> bool:
    several = max(several, 2)
    others = first_of_new(within).exclude(author=author).values("author").distinct()
    return others[:several].count() >= several


def first_of_new(within: dt.timedelta = MINUTE) -> QuerySet[TextTrace]:
    """What was written just now by who had nothing standing a minute ago."""
    return TextTrace.objects.filter(
        ~Exists(_stood(OuterRef("author"))),
        is_new_member=True,
        at__gt=timezone.now() - within,
    )


def _stood(author: Any) -> QuerySet[Post]:
    """What stands of theirs from before the last minute; also within a query."""
    return Post.objects.filter(
        author=author,
        hidden_at=None,
        topic__hidden_at=None,
        created_at__lt=timezone.now() - MINUTE,
    )


def leave_trace(text: Text, *, post: Post | None = None) -> None:
    TextTrace.objects.create(
        author=text.author,
        post=post,
        is_new_member=is_new(text.author),
        print=print_of(f"{text.title}\n{text.body}"),
    )


def forget_traces() -> None:
    """Nightly: what was written longer ago says nothing any more."""
    TextTrace.objects.filter(at__lt=timezone.now() - REMEMBERED_FOR).delete()


# For the checks to come --------------------------------------------------------------


def features_of(title: str, body: str) -> dict[str, int]:
    """What can be counted in a text, kept with each decision."""
    text = f"{title}\n{body}"
    return {
        "characters": len(text),
        "lines": text.count("\n"),
        "links": len(_links(text)),
        "capitals": sum(character.isupper() for character in text),
        "digits": sum(character.isdigit() for character in text),
    }
