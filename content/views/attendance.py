"""Tickets, and who comes in with them."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from community.lib.text import without_nul
from content import access
from content.errors import (
    AlreadyCounted,
    EventOver,
    NoSeatKept,
    NotIncluded,
    TooEarly,
)
from content.forms.attendance import DoorForm, PersonForm
from content.services import attendance, door, outcomes

SHOWN = 500


@never_cache
@active_member_required
@require_safe
def event_ticket(request, pk):
    """What is shown at the door."""
    mine = access.get_registration_with_ticket(request.user, pk)
    code = attendance.code_of(mine)
    context = {
        "mine": mine,
        "event": mine.event,
        "code": code,
        "address": request.build_absolute_uri(f"/tickets/{code}/"),
    }
    return render(request, "content/attendance/ticket.html", context)


@never_cache
@active_member_required
def ticket(request, code):
    """Where the square on a ticket leads: who leads the event lets them in."""
    registration = access.get_registration_of_ticket(request.user, code)
    if request.method == "POST":
        _let_in(request, registration)
        return redirect("content:event_door", registration.event_id)
    context = {"registration": registration, "event": registration.event}
    return render(request, "content/attendance/check.html", context)


def _let_in(request, registration):
    try:
        attendance.check_in(registration=registration)
    except EventOver:
        messages.error(request, _("This event does not take place."))
    except TooEarly:
        messages.error(request, _("It is too early: the event is not near."))
    except NoSeatKept:
        messages.error(request, _("There is no seat for them."))
    else:
        who = {"name": registration.member}
        messages.success(request, _("%(name)s is here.") % who)


@never_cache
@active_member_required
def event_door(request, pk):
    """Everybody who has a seat, with one button each; or the code from a ticket."""
    event = access.get_event_at_door(request.user, pk)
    form = DoorForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        if registration := attendance.with_ticket(event, code):
            _let_in(request, registration)
            return redirect("content:event_door", pk)
        form.add_error("code", _("This is no ticket for this event."))
    return _door(request, event, status=422 if form.is_bound else 200, form=form)


def _door(request, event, *, status=200, **forms):
    words = without_nul(request.GET.get("q", "")).strip()[:80]
    context = {
        "event": event,
        "form": DoorForm(),
        "walk_in_form": PersonForm(prefix="walk"),
        "helper_form": PersonForm(prefix="helper"),
        "words": words,
        "people": attendance.at_the_door(event, words)[:SHOWN],
        "here": attendance.at_the_door(event).exclude(checked_in_at=None).count(),
        "outcome": outcomes.of(event),
        "leads": access.leads(request.user, event),
        "helpers": door.helpers_of(event),
    }
    page = "content/attendance/door.html"
    return render(request, page, context | forms, status=status)


@active_member_required
@require_POST
def event_walk_in(request, pk):
    """Somebody stands there without having registered."""
    event = access.get_event_at_door(request.user, pk)
    form = PersonForm(request.POST, prefix="walk")
    if form.is_valid():
        try:
            door.walk_in(event=event, member=form.member)
        except NotIncluded:
            text = _("It is not for them, or to be paid: they register on its page.")
            form.add_error("username", text)
        except NoSeatKept:
            form.add_error("username", _("All seats are taken."))
        except EventOver:
            form.add_error("username", _("This event does not take place."))
        except TooEarly:
            text = _("It is too early: the event is not near.")
            form.add_error("username", text)
        else:
            messages.success(request, _("%(name)s is here.") % {"name": form.member})
            return redirect("content:event_door", pk)
    return _door(request, event, status=422, walk_in_form=form)


@active_member_required
@require_POST
def event_helper_add(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    form = PersonForm(request.POST, prefix="helper")
    if form.is_valid():
        try:
            door.name_helper(event=event, member=form.member, by=request.user)
        except NotIncluded:
            form.add_error("username", _("They cannot see this event."))
        except EventOver:
            form.add_error("username", _("It is over or was cancelled."))
        else:
            who = {"name": form.member}
            messages.success(request, _("%(name)s may check in now.") % who)
            return redirect("content:event_door", pk)
    return _door(request, event, status=422, helper_form=form)


@active_member_required
@require_POST
def event_helper_remove(request, pk):
    helper = access.get_door_helper_to_dismiss(request.user, pk)
    door.dismiss_helper(helper=helper)
    return redirect("content:event_door", helper.event_id)


@active_member_required
@require_POST
def check_in(request, pk):
    registration = access.get_registration_at_door(request.user, pk)
    _let_in(request, registration)
    return redirect("content:event_door", registration.event_id)


@active_member_required
@require_POST
def check_in_undo(request, pk):
    registration = access.get_registration_at_door(request.user, pk)
    try:
        attendance.undo_check_in(registration=registration)
    except AlreadyCounted:
        messages.error(request, _("It was counted already who came."))
    return redirect("content:event_door", registration.event_id)
