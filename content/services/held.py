"""What waits to be looked at, in the hands of its author; and how it is posted."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services.members import hold_members
from content.errors import ClosedAlready
from content.models import Case, Decision, Lesson, Post, Topic
from content.services import checks, discussions, live_lines, reports
from content.services.checks import Reason, Text

What = Case.What
Outcome = Case.Outcome
LINES = ("message__room__event", "question__room__event")

# What its author cannot change by writing otherwise.
LASTING = {"all", "first", "burst", "rush", "duplicate"}


def held_of(member: User) -> QuerySet[Case]:
    """What this member has waiting, and what came of the rest."""
    held = Case.objects.filter(author=member, what__in=Case.HELD)
    related = held.select_related("space", "item", "topic", *LINES)
    return related.order_by("-created_at", "-pk")


def decision_on(case: Case) -> Decision | None:
    """The one in force."""
    decisions = case.decisions.filter(undone_at=None)
    return decisions.select_related("rule__policy").first()


@transaction.atomic
def change(*, case: Case, body: str, title: str = "") -> Case:
    """The author writes it otherwise; when nothing speaks against it any more, it is
    posted. Raises ClosedAlready, and TopicClosed."""
    case = hold(case)
    stands = (case.topic, case.post) if case.post and case.topic else None
    text = Text(
        case.author,
        case.space,
        title,
        body,
        before=(stands[0].title, stands[1].body, stands[0].link) if stands else None,
        beside=checks.beside(case.arguments),
    )
    is_said = case.what == What.SAID
    found = (checks.reasons_in_room if is_said else checks.reasons_to_hold)(text)
    case.arguments["body"] = body
    if case.line:
        live_lines.reword(case.line, body)
    if "title" in case.arguments:
        case.arguments["title"] = title
    lasting = [reason for reason in case.reasons if reason["code"] in LASTING]
    case.reasons = lasting + [it for it in found if it["code"] not in LASTING]
    case.save(update_fields=["arguments", "reasons"])
    if not case.reasons:
        put_up(case)
        close(case, Outcome.ACCEPTED)
    return case


@transaction.atomic
def withdraw(*, case: Case) -> None:
    """The author takes it back: the case stays, without the text. Raises
    ClosedAlready."""
    case = hold(case)
    if case.line:
        live_lines.reword(case.line, "…")
    case.arguments, case.reasons = {}, []
    case.save(update_fields=["arguments", "reasons"])
    close(case, Outcome.WITHDRAWN)


def hold(case: Case) -> Case:
    """The case as it is now, and until the transaction ends. Raises ClosedAlready."""
    hold_members(case.author_id)
    rows = Case.objects.select_for_update(of=("self",))
    related = "author", "space", "item", "topic", "post", "rating__item"
    case = rows.select_related(*related, *LINES).get(pk=case.pk)
    if case.closed_at:
        raise ClosedAlready
    return case


def close(case: Case, outcome: str) -> None:
    case.closed_at, case.outcome = timezone.now(), outcome
    case.save(update_fields=["closed_at", "outcome", "topic", "post"])


def put_up(case: Case) -> dict[str, Any]:
    """Post what is held, in its author's name, now; or show it again where it was
    posted before. Returns what stood in its place. Raises TopicClosed."""
    if case.what == What.EDIT:
        return _put_up_edit(case)
    if case.line:
        live_lines.bring_back(case.line, body=case.arguments["body"])
        return {}
    if case.post:
        _show_again(case, case.post)
        return {}
    arguments = dict(case.arguments)
    if case.what == What.REPLY:
        topic = cast("Topic", case.topic)  # a constraint says that there is one
        if topic.merged_into:  # where its posts stand now, under other numbers
            arguments.pop("reply_to", None)
        case.topic = topic.merged_into or topic
        case.post = discussions.reply(
            topic=case.topic,
            author=case.author,
            form_key=case.form_key,
            is_paced=False,
            **arguments,
        )
        return {}
    # What is about a lesson that is gone meanwhile is about its course.
    lesson = Lesson.objects.filter(pk=arguments.pop("lesson", None)).first()
    if late := late_poll(case):
        arguments["poll"] = {**arguments["poll"], "closes_at": late.end.isoformat()}
    case.topic = discussions.start_topic(
        author=case.author,
        space=None if case.item else case.space,
        item=case.item,
        lesson=lesson,
        form_key=case.form_key,
        is_paced=False,
        **arguments,
    )
    case.post = case.topic.posts.get(number=1)
    return {}


@dataclass(frozen=True)
class LatePoll:
    """When a poll was to end that waited past it, and when it ends instead."""

    meant: dt.datetime
    end: dt.datetime


def late_poll(case: Case) -> LatePoll | None:
    """Nobody could have voted: it stays open for as long as was meant."""
    text = case.arguments.get("poll", {}).get("closes_at")
    until = case.closed_at or timezone.now()
    if not text or (meant := dt.datetime.fromisoformat(text)) > until:
        return None
    return LatePoll(meant, meant + (until - case.created_at))


def _put_up_edit(case: Case) -> dict[str, Any]:
    post = case.subject
    before = {"title": post.topic.title, "body": post.body}
    arguments = {**case.arguments, "title": case.arguments.get("title") or None}
    discussions.edit_post(post=post, **arguments)
    return before


def _show_again(case: Case, post: Post) -> None:
    """It was let through, and that was undone."""
    reports.unhide(post=post)
    title = case.arguments.get("title")
    discussions.edit_post(post=post, body=case.arguments["body"], title=title)


def take_down(case: Case, before: dict[str, Any]) -> None:
    """Undo `put_up`."""
    post = case.post
    if case.line:
        live_lines.put_away(case.line, by=None)
    if post is None:
        return
    if case.what == What.EDIT:
        title = before.get("title")
        discussions.edit_post(post=post, body=before["body"], title=title)
    else:
        reports.hide(post=post, reason="")


# What is said of it ------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    text: str
    is_marked: bool


def marked(text: str, places: list[list[int]]) -> list[Piece]:
    """The text in pieces; those at the places are marked."""
    pieces, last = [], 0
    for start, end in sorted(places):
        if start < last:
            continue
        pieces += [Piece(text[last:start], False), Piece(text[start:end], True)]
        last = end
    pieces.append(Piece(text[last:], False))
    return [piece for piece in pieces if piece.text]


def places_in(case: Case, field: str) -> list[list[int]]:
    return [it["at"] for it in case.reasons if it.get("field") == field]


def told(reasons: list[Reason]) -> list[str]:
    """Why it waits, each once, in the reader's language."""
    return list(dict.fromkeys(_in_words(reason) for reason in reasons))


def _in_words(reason: Reason) -> str:
    match reason["code"]:
        case "all":
            return _("Everything that is posted here is looked at before.")
        case "first":
            return ngettext(
                "The first post of a member is looked at before.",
                "The first %(number)d posts of a member are looked at before.",
                reason["number"],
            ) % {"number": reason["number"]}
        case "word":
            return _("“%(word)s” is a word that we look at.") % reason
        case "domain":
            return _("It links to %(domain)s.") % reason
        case "links":
            return ngettext(
                "It has %(number)d link; new members' posts have at most %(most)d.",
                "It has %(number)d links; new members' posts have at most %(most)d.",
                reason["number"],
            ) % {"number": reason["number"], "most": reason["most"]}
        case "duplicate":
            return _("Nearly the same was written not long ago.")
        case "burst":
            return _("Very many new members write just now.")
        case "rush":
            return _("Several new members write for the first time just now.")
        case _:
            return _("Somebody should look at it.")


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """For news about cases: (title, address) of the member's own."""
    cases = Case.objects.filter(author=member, pk__in=numbers)
    cases = cases.select_related("author", "topic", "rating__item", *LINES)
    return {case.pk: (case.title, case.get_absolute_url()) for case in cases}
