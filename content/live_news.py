"""What is new in a live room, for hundreds who ask every few seconds.

Who is on the page has a ticket: a signed cookie that says for a minute what was found
out about them. With it nothing is asked of the session or the database: one look into
Redis says whether there is anything new, and what is new is one text for everybody who
reads the same language. Without a ticket the view finds out anew, and gives another.
"""

from dataclasses import dataclass
from hashlib import blake2b

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User
from content.models import LiveRoom
from content.services import live, live_state

COOKIE = "room"
LASTS = 60  # seconds
SHORTLY = 400  # milliseconds: somebody else is just making what is new
_signer = signing.TimestampSigner(salt="content.live_news")


@dataclass(frozen=True)
class Ticket:
    event: int
    member: int
    leads: bool
    language: str
    since: float = 0


def give_ticket(
    response: HttpResponse, request: HttpRequest, room: LiveRoom, member: User
) -> None:
    ticket = ":".join(
        (
            str(room.event_id),
            str(member.pk),
            f"{live.leads(member, room.event):d}",
            translation.get_language() or settings.LANGUAGE_CODE,
            _session_of(request),
        )
    )
    response.set_cookie(
        COOKIE,
        _signer.sign(ticket),
        max_age=LASTS,
        path=f"/events/{room.event_id}/live/",
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def ticket_of(request: HttpRequest, event_id: int) -> Ticket | None:
    """None where there is none for this room and this session, or it is too old."""
    signed = request.COOKIES.get(COOKIE, "")
    try:
        text = _signer.unsign(signed, max_age=LASTS)
    except signing.BadSignature:
        return None
    event, member, leads, language, session = text.split(":")
    if int(event) != event_id or session != _session_of(request):
        return None
    since = signing.b62_decode(signed.split(":")[-2])
    return Ticket(event_id, int(member), leads == "1", language, since)


def _session_of(request: HttpRequest) -> str:
    """Who signs out takes the ticket along."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return blake2b(key.encode(), digest_size=12).hexdigest()


def answer_at_once(request: HttpRequest, event_id: int) -> HttpResponse | None:
    """None where the view has to look closer."""
    ticket = ticket_of(request, event_id)
    if ticket is None:
        return None
    look = live_state.look(event_id, ticket.member)
    if look is None or (look.out_since and ticket.since <= look.out_since):
        return None
    return _answer(request, ticket, look.versions, look.here)


def answer_after_a_look(
    request: HttpRequest, room: LiveRoom, member: User
) -> HttpResponse:
    """Who this is has been found out, and that they may be here."""
    live_state.tell(room)
    language = translation.get_language() or settings.LANGUAGE_CODE
    leads = live.leads(member, room.event)
    ticket = Ticket(room.event_id, member.pk, leads, language)
    look = live_state.look(room.event_id, member.pk)
    if look is None:
        versions = (room.chat, room.board)
        response = _answer(request, ticket, versions, here=0)
        response["X-Room-Wait"] = str(live_state.WAIT_WITHOUT)
        return response
    response = _answer(request, ticket, look.versions, look.here)
    give_ticket(response, request, room, member)
    return response


def _answer(
    request: HttpRequest, ticket: Ticket, versions: tuple[int, int], here: int
) -> HttpResponse:
    seen = _seen(request)
    wait = live_state.wait_for(here)
    shown, texts = [], []
    for part, version, before in zip(live_state.PARTS, versions, seen, strict=True):
        if version <= before:
            shown.append(before)
            continue
        made = part_of(ticket, part, version)
        if made is None or made[0] <= before:
            wait = SHORTLY
            shown.append(before)
            continue
        shown.append(made[0])
        texts.append(made[1])
    response = HttpResponse("".join(texts), status=200 if texts else 204)
    if texts:
        response["Content-Length"] = str(len(response.content))
    response["X-Room-Version"] = version_of(*shown)
    response["X-Room-Wait"] = str(wait)
    response["X-Room-Here"] = str(here)
    response["Cache-Control"] = "private, no-store"
    return response


def version_of(chat: int, board: int) -> str:
    return f"{chat}.{board}"


def _seen(request: HttpRequest) -> tuple[int, int]:
    chat, _, board = request.GET.get("after", "").partition(".")
    return _number(chat), _number(board)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else -1


def part_of(ticket: Ticket, part: str, version: int) -> tuple[int, str] | None:
    """(version, text): the one that was made for others, or made now for them. None
    while somebody else is making the first."""
    piece = live_state.Piece(ticket.event, part, ticket.leads, ticket.language)
    kept = live_state.kept(piece)
    if kept and kept[0] >= version:
        return kept
    if not live_state.may_make(piece):
        return kept
    made = _make(ticket, part)
    live_state.keep(piece, *made)
    return made


def _make(ticket: Ticket, part: str) -> tuple[int, str]:
    """Its version is read before the rows: newer rows under an older number are only
    sent once more."""
    rooms = LiveRoom.objects.select_related("event__host", "pinned__author")
    room = rooms.get(event=ticket.event)
    with translation.override(ticket.language):
        return getattr(room, part), render_part(room, part, leading=ticket.leads)


def render_part(
    room: LiveRoom, part: str, *, leading: bool, viewer: User | None = None
) -> str:
    if part == "chat":
        context = live.chat_of(room, leading=leading, viewer=viewer)
    else:
        context = live.board_of(room, leading=leading, viewer=viewer)
    return render_to_string(f"content/live/_{part}.html", context)
