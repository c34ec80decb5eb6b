"""What the host of an event does in its live room."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.decorators import active_member_required
from accounts.errors import Muted
from content import access
from content.errors import DecidedElsewhere, RulesNotAgreed, TooManyPosts
from content.forms.live import CarryForm, LivePollForm, SlowForm
from content.models import Topic
from content.services import live as rooms
from content.views.live import back, is_on, refused, say_no


@active_member_required
@require_POST
def live_slow(request, pk):
    room = access.get_room_to_lead(request.user, pk)
    form = SlowForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    rooms.set_slow_mode(room=room, seconds=form.cleaned_data["seconds"])
    return back(request, room)


@active_member_required
@require_POST
def live_message_hide(request, pk, number):
    return _hide(request, access.get_message_to_lead(request.user, pk, number))


def _hide(request, line):
    try:
        rooms.hide_line(line=line, by=request.user, on=is_on(request))
    except DecidedElsewhere:
        text = _("Those who keep order in the community decide on this one.")
        return say_no(request, line.room, text)
    return back(request, line.room)


@active_member_required
@require_POST
def live_message_pin(request, pk, number):
    message = access.get_message_to_lead(request.user, pk, number)
    rooms.pin_message(message=message, on=is_on(request))
    return back(request, message.room)


@active_member_required
@require_POST
def live_mute(request, pk, number):
    room = access.get_room_to_lead(request.user, pk)
    member = access.get_member_in_room(room, number)
    rooms.mute_member(room=room, member=member, by=request.user, on=is_on(request))
    return back(request, room)


@active_member_required
@require_POST
def live_question_hide(request, pk, number):
    return _hide(request, access.get_live_question_to_lead(request.user, pk, number))


@active_member_required
@require_POST
def live_question_answered(request, pk, number):
    question = access.get_live_question_to_lead(request.user, pk, number)
    rooms.mark_answered(question=question, on=is_on(request))
    return back(request, question.room)


@active_member_required
@require_POST
def live_poll_begin(request, pk):
    room = access.get_room_to_lead(request.user, pk)
    form = LivePollForm(request.POST)
    if not form.is_valid():
        return refused(request, room, poll_form=form)
    rooms.begin_poll(room=room, **form.cleaned_data)
    return back(request, room)


@active_member_required
@require_POST
def live_poll_end(request, pk, number):
    poll = access.get_live_poll_to_lead(request.user, pk, number)
    rooms.end_poll(poll=poll)
    return back(request, poll.room)


@active_member_required
@require_POST
def live_carry(request, pk):
    """What was left open becomes a topic."""
    room = access.get_room_to_lead(request.user, pk)
    spaces = access.get_spaces_for_left_open(request.user, room)
    form = CarryForm(request.POST, spaces=spaces)
    if not form.is_valid():
        return refused(request, room, carry_form=form)
    space = form.cleaned_data["space"]
    try:
        topic = rooms.carry_over(room=room, by=request.user, space=space)
    except (Muted, RulesNotAgreed, TooManyPosts):
        messages.error(request, _("You cannot write in the talk at the moment."))
        return back(request, room)
    if isinstance(topic, Topic):
        return redirect(topic)
    if topic is None:
        messages.info(request, _("No question is open."))
    else:
        messages.info(request, _("It is shown as soon as somebody has looked at it."))
    return back(request, room)
