"""What experts offer of their time: choosing, and in the studio offering it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, member_required
from accounts.services import shares
from community.lib.zones import zone_name
from content import access
from content.errors import NotTaken, SlotTaken, TooManyUnpaid
from content.forms.appointments import BookForm, TimeForm
from content.forms.consultations import (
    CalendarForm,
    ConsultationForm,
    ExceptionForm,
    HoursForm,
)
from content.services import appointment_rules as rules
from content.services import appointments, consultations

TAKEN = gettext_lazy("That hour has just been given away. Please choose another.")
NOT_TAKEN = gettext_lazy("This expert takes no appointments at the moment.")


@member_required
@require_safe
def consultation_list(request):
    offered = list(consultations.offered()[:200])
    standings = consultations.standings({it.expert_id for it in offered})
    context = {
        "rows": [(it, standings.get(it.expert_id)) for it in offered],
        "may_offer": access.is_verified(request.user),
    }
    return render(request, "content/appointments/consultations.html", context)


@member_required
@require_safe
def expert_consultations(request, username):
    person = access.get_expert_to_meet(request.user, username)
    context = {
        "person": person,
        "consultations": consultations.of_expert(person),
        "standing": consultations.standings([person.pk]).get(person.pk),
        "said": consultations.said_of(person),
    }
    return render(request, "content/appointments/expert.html", context)


@member_required
@require_safe
def consultation(request, pk):
    """Its free hours, on the reader's own clock."""
    shown = access.get_consultation_to_see(request.user, pk)
    standings = consultations.standings([shown.expert_id])
    times = consultations.free_slots(
        expert=shown.expert, other=request.user, minutes=shown.minutes
    )
    context = {
        "consultation": shown,
        "standing": standings.get(shown.expert_id),
        "days": consultations.by_day(times),
        "zone": zone_shown(),
        "rules": rules,
    }
    return render(request, "content/appointments/consultation.html", context)


def zone_shown():
    return zone_name(timezone.get_current_timezone_name())


@active_member_required
def consultation_book(request, pk):
    """Says what it costs to cancel before anything is kept or paid."""
    wanted = access.get_consultation_to_book(request.user, pk)
    asked = TimeForm(request.POST or request.GET)
    if not asked.is_valid():
        return redirect(wanted)
    at = (request.POST or request.GET)["at"]
    form = BookForm(request.POST or None, consultation=wanted, at=at)
    if form.is_valid():
        said = form.cleaned_data
        try:
            booked = appointments.book(
                asker=request.user,
                consultation=wanted,
                starts_at=said["at"],
                brief=said["brief"],
                form_key=said["form_key"],
            )
            return redirect(booked)
        except SlotTaken:
            form.add_error(None, TAKEN)
        except NotTaken:
            form.add_error(None, NOT_TAKEN)
        except TooManyUnpaid:
            form.add_error(
                None,
                _("Other hours are kept for you: first pay for them, or let them go."),
            )
    context = {
        "consultation": wanted,
        "starts_at": asked.cleaned_data["at"],
        "form": form,
        "rules": rules,
        "zone": zone_shown(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "content/appointments/book.html", context, status=status)


# In the studio ------------------------------------------------------------------


@active_member_required
@require_safe
def consultation_studio(request):
    access.check_may_name_prices(request.user)
    return _studio(request)


def _studio(request, *, status=200, **forms):
    expert = request.user
    calendar = consultations.calendar_of(expert)
    taken = appointments.asked_of(expert)
    context = {
        "calendar": calendar,
        "queue": [it for it in taken if it.is_asked],
        "coming": [it for it in taken if it.is_confirmed],
        "consultations": expert.consultations.all(),
        "hours": expert.availability.all(),
        "exceptions": expert.availability_exceptions.filter(
            day__gte=timezone.localdate()
        ),
        "calendar_form": CalendarForm(calendar=calendar),
        "hours_form": HoursForm(),
        "exception_form": ExceptionForm(),
    }
    page = "content/appointments/studio.html"
    return render(request, page, context | forms, status=status)


@active_member_required
def consultation_new(request):
    access.check_may_name_prices(request.user)
    share = shares.agreed_with(request.user)
    form = ConsultationForm(request.POST or None, share=share)
    if form.is_valid():
        consultations.add_consultation(expert=request.user, **form.says)
        messages.success(request, _("Saved."))
        return redirect("content:consultation_studio")
    context = {"form": form}
    status = 422 if form.is_bound else 200
    page = "content/appointments/consultation_change.html"
    return render(request, page, context, status=status)


@active_member_required
def consultation_change(request, pk):
    mine = access.get_consultation_to_change(request.user, pk)
    share = shares.agreed_with(request.user)
    form = ConsultationForm(request.POST or None, share=share, consultation=mine)
    if form.is_valid():
        consultations.change_consultation(consultation=mine, **form.says)
        messages.success(request, _("Saved."))
        return redirect("content:consultation_studio")
    context = {"form": form, "consultation": mine}
    status = 422 if form.is_bound else 200
    page = "content/appointments/consultation_change.html"
    return render(request, page, context, status=status)


@active_member_required
@require_POST
def expert_calendar(request):
    access.check_may_name_prices(request.user)
    calendar = consultations.calendar_of(request.user)
    form = CalendarForm(request.POST, calendar=calendar)
    if not form.is_valid():
        return _studio(request, status=422, calendar_form=form)
    consultations.save_calendar(expert=request.user, **form.cleaned_data)
    return _saved(request)


@active_member_required
@require_POST
def hours_add(request):
    access.check_may_name_prices(request.user)
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _studio(request, status=422, hours_form=form)
    consultations.add_hours(expert=request.user, **form.cleaned_data)
    return _saved(request)


@active_member_required
@require_POST
def hours_remove(request, pk):
    hours = access.get_hours_to_change(request.user, pk)
    consultations.remove_hours(hours=hours)
    return _saved(request)


@active_member_required
@require_POST
def exception_add(request):
    access.check_may_name_prices(request.user)
    form = ExceptionForm(request.POST)
    if not form.is_valid():
        return _studio(request, status=422, exception_form=form)
    consultations.add_exception(expert=request.user, **form.cleaned_data)
    return _saved(request)


@active_member_required
@require_POST
def exception_remove(request, pk):
    exception = access.get_exception_to_change(request.user, pk)
    consultations.remove_exception(exception=exception)
    return _saved(request)


def _saved(request):
    messages.success(request, _("Saved."))
    return redirect("content:consultation_studio")
