"""The live room of an event: watching, saying, asking and voting."""

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, member_required
from community.lib.text import small_number
from content import access
from content import live_news as news
from content.errors import PollOver, RoomClosed
from content.forms.live import (
    AskForm,
    CarryForm,
    ChoiceForm,
    LivePollForm,
    OnForm,
    SayForm,
    SlowForm,
    send,
)
from content.services import live as rooms
from content.services import live_state

EARLIER = 100


@member_required
@require_safe
def live(request, pk):
    """The room; who comes too early reads when it opens."""
    return show(request, access.get_room_to_enter(request.user, pk))


def show(request, room, *, status=200, **forms):
    """With the forms that are to be mended, in place of new ones."""
    event = room.event
    leads = access.leads(request.user, event)
    opens_at = rooms.opens_at(event)
    if rooms.is_too_early(event) and not leads:
        context = {"event": event, "opens_at": opens_at}
        return render(request, "content/live/door.html", context)
    stream = None if rooms.is_past(event) else rooms.stream_for(event)
    plays = stream is not None and stream.how != "link" and _wants_to_watch(request)
    is_open = rooms.is_open(event)
    context = {
        "event": event,
        "room": room,
        "leads": leads,
        "is_open": is_open,
        "opens_at": opens_at,
        "stream": stream,
        "plays": plays,
        "version": news.version_of(room.chat, room.board),
        "wait": live_state.LEAST_WAIT,
        "chat": _part(room, "chat", request.user, leads),
        "board": _part(room, "board", request.user, leads),
        "may_not_write": _why_silent(room, request.user),
        "earlier": rooms.earlier_than_shown(room, leads),
        "say_form": SayForm(),
        "ask_form": AskForm(),
        **(_tools(request.user, room) if leads else {}),
        **forms,
    }
    response = render(request, "content/live/room.html", context, status=status)
    if plays:
        response.policy = _policy(stream)
    news.give_ticket(response, request, room, request.user)
    return response


def _wants_to_watch(request):
    """Nothing is asked of another site until somebody wants to see what is there."""
    return "1" in (request.GET.get("play"), request.POST.get("play"))


def _part(room, part, viewer, leads):
    return news.render_part(room, part, leading=leads, viewer=viewer)


def _why_silent(room, member):
    """In words: who may only read is told by whom."""
    if member.is_muted:
        return _("You cannot write in the talk at the moment.")
    if rooms.is_muted_here(room, member):
        return _("The host has asked you to listen only.")
    return None


def _tools(user, room):
    spaces = access.get_spaces_for_left_open(user, room)
    return {
        "slow_form": SlowForm(initial={"seconds": room.slow_seconds}),
        "poll_form": LivePollForm(),
        "carry_form": CarryForm(spaces=spaces) if spaces.exists() else None,
    }


def _policy(stream):
    """What plays here may come from one place; other pages may not load it."""
    if stream.how == "film":
        media = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["media-src"]
        # The playlist of a stream is fetched by the browser's own player.
        return {"media-src": [*media, stream.origin], "frame-src": ["'none'"]}
    return {"frame-src": [stream.origin]}


@member_required
@require_safe
def live_news(request, pk):
    """What is new since `after`; nearly always answered before it comes here."""
    room = access.get_room_to_enter(request.user, pk)
    if rooms.is_too_early(room.event) and not access.leads(request.user, room.event):
        raise Http404
    return news.answer_after_a_look(request, room, request.user)


@member_required
@require_safe
def live_earlier(request, pk):
    room = access.get_room_to_enter(request.user, pk)
    leads = access.leads(request.user, room.event)
    before = small_number(request.GET.get("before", ""))
    found = rooms.messages_of(room, leads, before, EARLIER + 1)
    lines = found[-EARLIER:]
    context = {
        "event": room.event,
        "lines": lines,
        "before": lines[0].pk if len(found) > EARLIER else None,
    }
    return render(request, "content/live/earlier.html", context)


@active_member_required
@require_POST
def live_say(request, pk):
    room = access.get_room_to_enter(request.user, pk)
    form = SayForm(request.POST)
    if form.is_valid() and (
        line := send(form, rooms.say, room=room, author=request.user)
    ):
        return _said(request, room, line)
    return refused(request, room, say_form=form)


@active_member_required
@require_POST
def live_ask(request, pk):
    room = access.get_room_to_enter(request.user, pk)
    form = AskForm(request.POST)
    if form.is_valid() and (
        line := send(form, rooms.ask, room=room, author=request.user)
    ):
        return _said(request, room, line)
    return refused(request, room, ask_form=form)


def _said(request, room, line):
    """Whoever's line waits is told so: the others do not see it yet."""
    if line.hidden_at is None:
        return back(request, room)
    text = _("It is shown as soon as somebody has looked at it.")
    if is_script(request):
        return _with_form_key(HttpResponse(text, content_type="text/plain"))
    messages.info(request, text)
    return back(request, room)


@active_member_required
@require_POST
def live_question_vote(request, pk, number):
    question = access.get_live_question(request.user, pk, number)
    try:
        rooms.vote_for_question(
            question=question, member=request.user, on=is_on(request)
        )
    except RoomClosed:
        return say_no(request, question.room, _("The room is closed."))
    return back(request, question.room)


@active_member_required
@require_POST
def live_poll_vote(request, pk, number):
    poll = access.get_live_poll(request.user, pk, number)
    form = ChoiceForm(request.POST, poll=poll)
    if not form.is_valid():
        raise BadRequest
    choice = form.cleaned_data["choice"]
    try:
        rooms.vote_in_poll(poll=poll, member=request.user, choice=choice)
    except (PollOver, RoomClosed):
        return say_no(request, poll.room, _("The poll has ended."))
    return back(request, poll.room)


def is_on(request):
    form = OnForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    return form.cleaned_data["on"]


def back(request, room):
    """Into the room; its script only wants to know, and the name of the next form."""
    if is_script(request):
        return _with_form_key(HttpResponse(status=204))
    plays = "?play=1" if request.POST.get("play") == "1" else ""
    return redirect(f"/events/{room.event_id}/live/{plays}")


def _with_form_key(response):
    response["X-Form-Key"] = str(uuid4())
    return response


def say_no(request, room, text):
    """What was pressed has no effect, and why."""
    if is_script(request):
        return HttpResponse(text, status=409, content_type="text/plain")
    messages.error(request, text)
    return back(request, room)


def refused(request, room, **forms):
    if is_script(request):
        (form,) = forms.values()
        words = [text for texts in form.errors.values() for text in texts]
        return HttpResponse("\n".join(words), status=422, content_type="text/plain")
    return show(request, room, status=422, **forms)


def is_script(request):
    return request.headers.get("X-While-Typing") == "1"
