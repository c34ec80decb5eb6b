"""An appointment, as each of the two sees it and what they do with it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, member_required
from accounts.errors import NotEnough
from accounts.services import news
from content import access
from content.errors import NotStanding, NotTaken, SlotTaken
from content.forms.appointments import (
    LinkForm,
    ReasonForm,
    SayForm,
    StarsForm,
    TimeForm,
)
from content.services import appointment_files, appointments, consultations
from content.services import appointment_rules as rules
from content.views.asking import asked_first
from content.views.consultations import NOT_TAKEN, TAKEN, zone_shown

IS_OVER = gettext_lazy("That cannot be done with this appointment any more.")
TOO_FEW = gettext_lazy("You do not have that many points.")


@login_required
@require_safe
def appointment_list(request):
    context = {
        "asked": appointments.asked_by(request.user),
        "taken": appointments.asked_of(request.user),
        "may_offer": access.is_verified(request.user),
    }
    return render(request, "content/appointments/mine.html", context)


@member_required
@require_safe
def appointment(request, pk):
    shown = access.get_appointment_to_see(request.user, pk)
    news.read_about(request.user, appointment=[pk])
    return _show(request, shown)


def _show(request, shown, *, status=200, **forms):
    may_write = not request.user.is_suspended
    is_asker = may_write and request.user.pk == shown.asker_id
    is_expert = may_write and request.user.pk == shown.expert_id
    is_party = is_asker or is_expert
    context = {
        "appointment": shown,
        "is_asker": is_asker,
        "is_expert": is_expert,
        "is_party": is_party,
        "is_door_open": is_party and appointments.is_door_open(shown),
        "meeting": appointments.link_for(shown, request.user) if is_party else "",
        "is_proposer": is_party and shown.proposed_by_id == request.user.pk,
        "says": shown.asker_says if is_asker else shown.expert_says,
        "rules": rules,
        "zone": zone_shown(),
    }
    if is_expert and (shown.is_asked or shown.may_be_cancelled):
        link = consultations.calendar_of(shown.expert).join_url
        context["link_form"] = LinkForm(appointment=shown, link=link)
        context["reason_form"] = ReasonForm()
    if is_asker and shown.may_be_cancelled:
        context["reason_form"] = ReasonForm()
    if is_party and shown.may_be_judged:
        context["say_form"] = SayForm(initial={"says": context["says"]})
    if is_asker and shown.is_done:
        context["stars_form"] = StarsForm(appointment=shown)
    page = "content/appointments/appointment.html"
    return render(request, page, context | forms, status=status)


@member_required
@require_safe
def appointment_file(request, pk):
    """For the calendar of either; it leads to the page, where the link to meet is."""
    shown = access.get_appointment_to_keep(request.user, pk)
    body = appointment_files.file_of(shown, reader=request.user)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    response["Cache-Control"] = "private"
    return response


@active_member_required
@require_POST
def appointment_pay(request, pk):
    """With points it is asked at once; with money the checkout comes first."""
    mine = access.get_appointment_to_ask(request.user, pk)
    try:
        if request.POST.get("with") == "points":
            appointments.pay_with_points(appointment=mine)
            messages.success(
                request, pgettext("an appointment", "Asked. The expert is told.")
            )
            return redirect(mine)
        offer = appointments.offer_for(appointment=mine)
    except NotEnough:
        return _show(request, mine, status=422, points_error=TOO_FEW)
    except NotTaken:
        messages.error(request, NOT_TAKEN)
    except NotStanding:
        messages.info(request, _("This hour is paid for, or not kept any more."))
    else:
        back = urlencode({"next": mine.get_absolute_url()})
        return redirect(f"{offer.get_absolute_url()}?{back}")
    return redirect(mine)


@active_member_required
@require_POST
def appointment_withdraw(request, pk):
    mine = access.get_appointment_to_ask(request.user, pk)
    sure = _("Let this hour go? What you paid comes back to you.")
    if page := asked_first(request, sure, mine.get_absolute_url()):
        return page
    return _do(request, mine, appointments.withdraw)


@active_member_required
@require_POST
def appointment_confirm(request, pk):
    mine = access.get_appointment_to_answer(request.user, pk)
    form = LinkForm(request.POST, appointment=mine)
    if not form.is_valid():
        return _show(request, mine, status=422, link_form=form)
    return _do(request, mine, appointments.confirm, **form.cleaned_data)


@active_member_required
@require_POST
def appointment_link(request, pk):
    mine = access.get_appointment_to_answer(request.user, pk)
    form = LinkForm(request.POST, appointment=mine)
    if not form.is_valid():
        return _show(request, mine, status=422, link_form=form)
    said = form.cleaned_data.get("join_url", "")
    return _do(request, mine, appointments.change_link, join_url=said)


@active_member_required
@require_POST
def appointment_reject(request, pk):
    mine = access.get_appointment_to_answer(request.user, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, mine, status=422, reason_form=form)
    sure = _("Say no to it? The other one gets everything back.")
    if page := asked_first(request, sure, mine.get_absolute_url()):
        return page
    return _do(request, mine, appointments.reject, **form.cleaned_data)


@active_member_required
@require_POST
def appointment_cancel(request, pk):
    mine = access.get_appointment_to_keep(request.user, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, mine, status=422, reason_form=form)
    back = appointments.back_if_cancelled(mine, request.user)
    if back is None:
        messages.error(request, IS_OVER)
        return redirect(mine)
    sure = _("Cancel it? %(back)s %% of what was paid goes back.") % {"back": back}
    if page := asked_first(request, sure, mine.get_absolute_url()):
        return page
    said = form.cleaned_data
    return _do(request, mine, appointments.cancel, by=request.user, **said)


@active_member_required
def appointment_move(request, pk):
    """Proposes another time; the other one has to agree."""
    mine = access.get_appointment_to_keep(request.user, pk)
    if not mine.may_be_cancelled:
        return redirect(mine)
    form = TimeForm(request.POST or None)
    if form.is_valid():
        try:
            appointments.propose(
                appointment=mine, by=request.user, starts_at=form.cleaned_data["at"]
            )
            messages.success(request, _("Proposed. Until then the old time stands."))
            return redirect(mine)
        except SlotTaken:
            messages.error(request, TAKEN)
        except NotStanding:
            messages.error(request, IS_OVER)
            return redirect(mine)
    times = appointments.times_to_propose(mine)
    context = {
        "appointment": mine,
        "days": consultations.by_day(times),
        "zone": zone_shown(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "content/appointments/move.html", context, status=status)


@active_member_required
@require_POST
def appointment_agree(request, pk):
    mine = access.get_appointment_to_keep(request.user, pk)
    try:
        return _do(request, mine, appointments.accept_time, by=request.user)
    except SlotTaken:
        messages.error(request, _("That time is gone. The old one stands."))
    return redirect(mine)


@active_member_required
@require_POST
def appointment_disagree(request, pk):
    mine = access.get_appointment_to_keep(request.user, pk)
    return _do(request, mine, appointments.drop_proposal, by=request.user)


@active_member_required
@require_POST
def appointment_join(request, pk):
    """Keeps that they came; their page then has the link. No form may lead to another
    site, and what only follows links has not come."""
    mine = access.get_appointment_to_keep(request.user, pk)
    try:
        appointments.enter(appointment=mine, by=request.user)
    except NotStanding:
        messages.info(request, _("The door opens half an hour before the beginning."))
    return redirect(mine)


@active_member_required
@require_POST
def appointment_say(request, pk):
    mine = access.get_appointment_to_keep(request.user, pk)
    form = SayForm(request.POST)
    if not form.is_valid():
        return _show(request, mine, status=422, say_form=form)
    if form.is_away:
        back = appointments.back_if_away(mine, request.user)
        sure = _("You were not there? %(back)s %% of what was paid goes back.") % {
            "back": back
        }
        if page := asked_first(request, sure, mine.get_absolute_url()):
            return page
    return _do(request, mine, appointments.say, by=request.user, **form.cleaned_data)


@active_member_required
@require_POST
def appointment_rate(request, pk):
    mine = access.get_appointment_to_ask(request.user, pk)
    form = StarsForm(request.POST, appointment=mine)
    if not form.is_valid():
        return _show(request, mine, status=422, stars_form=form)
    return _do(request, mine, appointments.rate, **form.cleaned_data)


def _do(request, mine, service, **arguments):
    try:
        service(appointment=mine, **arguments)
    except NotStanding:
        messages.error(request, IS_OVER)
    else:
        messages.success(request, _("Saved."))
    return redirect(mine)
