"""Events in the studio: making, changing, cancelling them, and who comes."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from community.lib.spreadsheets import send_csv
from community.lib.uploads import NotAccepted
from content import access
from content.errors import EventOver, NotYetOver, SeatsTaken
from content.forms.events import (
    AgendaFormSet,
    CancelForm,
    EventForm,
    MaterialForm,
    SpeakerFormSet,
    StaffTimeForm,
)
from content.models import Event
from content.services import events, registrations, series
from content.views.asking import asked_first


@active_member_required
@require_safe
def event_studio(request):
    access.check_may_lead_events(request.user)
    everything = access.is_operator(request.user)
    found = events.hosted_by(request.user, everything=everything)
    context = {
        "events": found[:200],
        "series": series.hosted_by(request.user, everything=everything)[:50],
    }
    return render(request, "content/hosting/list.html", context)


@active_member_required
def event_new(request):
    access.check_may_lead_events(request.user)
    event = Event(time_zone=timezone.get_current_timezone_name())
    event.cohort = access.get_cohort_asked(request.user, request.GET.get("cohort"))
    spaces = access.get_spaces_to_write_in(request.user)
    cohorts = access.get_cohorts_to_plan_for(request.user)
    form = EventForm(
        request.POST or None, instance=event, spaces=spaces, cohorts=cohorts
    )
    if form.is_valid():
        form_key = form.cleaned_data["form_key"]
        made = events.make_event(by=request.user, form_key=form_key, **form.says)
        return redirect("content:event_manage", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "content/hosting/new.html", {"form": form}, status=status)


@active_member_required
@require_safe
def event_manage(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    if event.is_pattern:
        return redirect("content:series_manage", event.series_id)
    return _manage(request, event)


def _manage(request, event, *, status=200, material_form=None, staff_form=None):
    context = {
        "event": event,
        "people": registrations.people_of(event),
        "materials": event.materials.all(),
        "material_form": material_form or MaterialForm(event=event),
        "cancel_form": CancelForm(),
        "staff_form": staff_form or StaffTimeForm.of(event),
    }
    return render(request, "content/hosting/manage.html", context, status=status)


@active_member_required
def event_change(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    if event.series_date:  # which of its series is meant is asked there
        return redirect("content:series_change", pk)
    spaces = access.get_spaces_to_write_in(request.user)
    cohorts = access.get_cohorts_to_plan_for(request.user)
    form = EventForm(
        request.POST or None, instance=event, spaces=spaces, cohorts=cohorts
    )
    if form.is_valid():
        try:
            events.change_event(event=event, by=request.user, **form.says)
        except SeatsTaken:
            form.add_error("seats", _("More seats are taken than that."))
        except EventOver:
            form.add_error(None, _("This event was cancelled."))
        else:
            messages.success(request, _("Saved."))
            return redirect("content:event_manage", pk)
    context = {"event": event, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/hosting/change.html", context, status=status)


@active_member_required
def event_programme(request, pk):
    """Speakers and agenda, each with a form of its own on one page."""
    event = access.get_event_to_lead(request.user, pk)
    sent = request.POST.get("part")
    speakers = SpeakerFormSet(
        request.POST if sent == "speakers" else None,
        prefix="speakers",
        initial=[_speaker(it) for it in event.speakers.select_related("member")],
    )
    agenda = AgendaFormSet(
        request.POST if sent == "agenda" else None,
        prefix="agenda",
        form_kwargs={"event": event},
        initial=list(
            event.agenda.values("begins_after", "minutes", "title", "speaker")
        ),
    )
    if sent == "speakers" and speakers.is_valid():
        said = [form.says for form in speakers if form.says]
        events.save_speakers(event=event, speakers=said)
    elif sent == "agenda" and agenda.is_valid():
        events.save_agenda(event=event, entries=_entries(agenda))
    else:
        context = {"event": event, "speakers": speakers, "agenda": agenda}
        status = 422 if sent else 200
        page = "content/hosting/programme.html"
        return render(request, page, context, status=status)
    messages.success(request, _("Saved."))
    return redirect("content:event_programme", pk)


def _speaker(speaker):
    member = speaker.member
    return {
        "pk": speaker.pk,
        "username": member.username if member else "",
        "name": speaker.name,
        "about": speaker.about,
    }


def _entries(agenda):
    said = [form.cleaned_data for form in agenda if form.cleaned_data]
    return [
        {name: value for name, value in entry.items() if name != "DELETE"}
        for entry in said
        if not entry.get("DELETE")
    ]


@active_member_required
@require_POST
def event_publish(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    try:
        events.publish_event(event=event, by=request.user)
    except EventOver:
        messages.error(request, _("It is over or was cancelled."))
    else:
        messages.success(request, _("Published."))
    return redirect("content:event_manage", pk)


@active_member_required
@require_POST
def event_cancel(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    form = CancelForm(request.POST)
    sure = _("Cancel this event? Everybody is told, and what they paid goes back.")
    if page := asked_first(request, sure, f"/studio/events/{pk}/"):
        return page
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        events.cancel_event(event=event, by=request.user, reason=reason)
    except EventOver:
        messages.error(request, _("It has taken place."))
    else:
        messages.success(request, _("Cancelled. Everybody is told."))
    return redirect("content:event_manage", pk)


@active_member_required
@require_POST
def event_remove(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    if page := asked_first(request, _("Remove this draft?"), f"/studio/events/{pk}/"):
        return page
    try:
        events.remove_draft(event=event)
    except EventOver:
        messages.error(request, _("It went out already: cancel it instead."))
        return redirect("content:event_manage", pk)
    return redirect("content:event_studio")


@active_member_required
@require_POST
def event_material_add(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    form = MaterialForm(request.POST, request.FILES, event=event)
    if form.is_valid():
        said = form.cleaned_data
        try:
            material = events.add_material(
                event=event,
                title=said["title"],
                upload=said["file"],
                open_from=said["open_from"],
            )
            if said.get("for_all"):
                series.spread_material(material=material)
            messages.success(request, _("Saved."))
            return redirect("content:event_manage", pk)
        except NotAccepted as error:
            form.add_error("file", str(error))
    return _manage(request, event, status=422, material_form=form)


@active_member_required
@require_POST
def event_material_remove(request, pk):
    material = access.get_material_to_remove(request.user, pk)
    back = f"/studio/events/{material.event_id}/"
    sure = _("Remove this file?")
    if material.event.is_pattern:
        sure = _("Remove this file, also from all that come?")
    if page := asked_first(request, sure, back):
        return page
    events.remove_material(material=material)
    return redirect("content:event_manage", material.event_id)


@active_member_required
@require_POST
def event_staff_time(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    form = StaffTimeForm(request.POST)
    if not form.is_valid():
        return _manage(request, event, status=422, staff_form=form)
    try:
        events.note_staff_time(event=event, by=request.user, minutes=form.minutes)
    except (EventOver, NotYetOver):
        messages.error(request, _("It has not taken place."))
    else:
        messages.success(request, _("Saved."))
    return redirect("content:event_manage", pk)


@active_member_required
@require_safe
def event_people_csv(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    header = [
        *(_("Name"), _("User name"), _("State"), _("Since")),
        *(_("Checked in at"), _("Minutes in the live room"), _("Came")),
        *event.questions,
    ]
    rows = (
        [
            str(it.member),
            it.member.username,
            it.get_state_display(),
            f"{it.created_at:%Y-%m-%d %H:%M}",
            *_presence(it),
            *_answers(event, it),
        ]
        for it in registrations.people_of(event)
    )
    return send_csv(f"event-{pk}", header, rows)


def _presence(registration):
    at, missed = registration.checked_in_at, registration.no_show
    return [
        f"{at:%Y-%m-%d %H:%M}" if at else "",
        registration.seconds_present // 60,
        "" if missed is None else _("no") if missed else _("yes"),
    ]


def _answers(event, registration):
    """In the order of the questions as they are now."""
    said = dict(registration.answers)
    return [said.get(question, "") for question in event.questions]
