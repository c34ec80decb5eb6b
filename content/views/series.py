"""Series of events: seeing one, coming to all of it, and leading it in the studio."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.services import news
from content import access
from content.errors import (
    EventOver,
    LastsTooLong,
    NotIncluded,
    RuleMissesItsFirst,
    SeatsTaken,
    TooEarlyInSeries,
)
from content.forms.events import EventForm, RegistrationForm
from content.forms.series import EndForm, ReachForm, RuleForm
from content.services import series as services
from content.views.asking import asked_first
from content.views.events import calendar_file


@require_safe
def series(request, pk):
    shown = access.get_series_to_see(request.user, pk)
    if request.user.is_authenticated:
        news.read_about(request.user, event_series=[pk])
    context = {
        "series": shown,
        "pattern": services.pattern_of(shown),
        "events": services.coming_of(shown).select_related("host", "space"),
        "is_guest": services.is_guest(shown, request.user),
        "may_come": request.user.is_authenticated
        and services.may_come_to_all(shown, request.user),
        "leads": access.leads(request.user, shown),
    }
    return render(request, "content/series/series.html", context)


@require_safe
def series_file(request, pk):
    shown = access.get_series_to_see(request.user, pk)
    title = services.pattern_of(shown).title
    return calendar_file(services.coming_of(shown), title=title, with_links=False)


@active_member_required
def series_come(request, pk):
    """Asks the questions of its events once, for all of them."""
    shown = access.get_series_to_see(request.user, pk)
    pattern = services.pattern_of(shown)
    form = RegistrationForm(request.POST or None, event=pattern)
    if request.method == "POST" and not pattern.questions:
        form = RegistrationForm({}, event=pattern)
    if form.is_valid():
        try:
            services.come_to_all(
                series=shown, member=request.user, answers=form.answers
            )
        except NotIncluded:
            messages.error(request, _("Each of these events is paid for by itself."))
        else:
            messages.success(request, _("You are registered for all of them."))
        return redirect(shown)
    context = {"series": shown, "pattern": pattern, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/series/come.html", context, status=status)


@active_member_required
@require_POST
def series_leave(request, pk):
    mine = access.get_own_series(request.user, pk)
    sure = _("Give every seat that you have here back? Others may have them then.")
    if page := asked_first(request, sure, mine.get_absolute_url()):
        return page
    services.leave_all(series=mine, member=request.user)
    messages.success(request, _("You are not registered any more."))
    return redirect("content:events")


# In the studio ----------------------------------------------------------------


@active_member_required
def series_begin(request, pk):
    event = access.get_event_to_lead(request.user, pk)
    form = RuleForm(request.POST or None, event=event)
    if event.series_id:
        return redirect("content:series_manage", event.series_id)
    if form.is_valid():
        try:
            made = services.start_series(event=event, **form.cleaned_data)
        except EventOver:
            form.add_error(None, _("It is over or was cancelled."))
        except LastsTooLong:
            form.add_error(None, _("An event of a series lasts a week at most."))
        except RuleMissesItsFirst:
            text = _("The day of this event is not the last such weekday of its month.")
            form.add_error("frequency", text)
        else:
            messages.success(request, _("Published, as often as it comes."))
            return redirect("content:series_manage", made.pk)
    context = {"event": event, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/series/begin.html", context, status=status)


@active_member_required
@require_safe
def series_manage(request, pk):
    shown = access.get_series_to_lead(request.user, pk)
    return _manage(request, shown, EndForm())


def _manage(request, shown, end_form, status=200):
    context = {
        "series": shown,
        "pattern": services.pattern_of(shown),
        "events": services.coming_of(shown).select_related("host", "space"),
        "materials": services.pattern_of(shown).materials.all(),
        "guest_count": shown.guests.count(),
        "end_form": end_form,
    }
    return render(request, "content/series/manage.html", context, status=status)


@active_member_required
def series_change(request, pk):
    """The form of one event, and for which of its series it holds."""
    event = access.get_occurrence_to_lead(request.user, pk)
    spaces = access.get_spaces_to_write_in(request.user)
    cohorts = access.get_cohorts_to_plan_for(request.user)
    form = EventForm(
        request.POST or None, instance=event, spaces=spaces, cohorts=cohorts
    )
    reach = ReachForm(request.POST or None)
    if reach.is_valid() and form.is_valid():
        change = services.change_one
        if reach.is_for_all:
            change = services.change_following
        if _changed(request, form, change, event):
            messages.success(request, _("Saved."))
            return redirect("content:event_manage", pk)
    context = {"event": event, "form": form, "reach": reach}
    status = 422 if form.is_bound else 200
    return render(request, "content/series/change.html", context, status=status)


def _changed(request, form, change, event):
    try:
        change(event=event, by=request.user, **form.says)
    except SeatsTaken:
        form.add_error("seats", _("More seats are taken than that."))
    except EventOver:
        form.add_error(None, _("This event was cancelled."))
    except LastsTooLong:
        form.add_error("ends_at", _("An event of a series lasts a week at most."))
    except TooEarlyInSeries:
        text = _("The one before it would come later than this one.")
        form.add_error("starts_at", text)
    else:
        return True
    return False


@active_member_required
@require_POST
def series_programme(request, pk):
    event = access.get_occurrence_to_lead(request.user, pk)
    sure = _("Give all that come after it these speakers and this agenda?")
    if page := asked_first(request, sure, f"/studio/events/{pk}/programme/"):
        return page
    services.spread_programme(event=event)
    messages.success(request, _("Saved."))
    return redirect("content:series_manage", event.series_id)


@active_member_required
@require_POST
def series_end(request, pk):
    shown = access.get_series_to_lead(request.user, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _manage(request, shown, form, status=422)
    sure = _("What would come later is cancelled, and everybody is told. Go on?")
    if page := asked_first(request, sure, f"/studio/events/series/{pk}/"):
        return page
    services.end_series(series=shown, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("content:series_manage", pk)
