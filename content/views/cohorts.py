"""Runs of a course: joining one, and in the studio making and guiding them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, member_required
from accounts.services import messages as talk
from accounts.services import news
from content import access
from content.errors import CohortFull, CohortInUse, CohortOver, NotInCohort
from content.forms.cohorts import (
    CohortForm,
    DueDatesForm,
    IntroductionForm,
    NewCohortForm,
)
from content.models import Cohort
from content.services import (
    calendars,
    classmates,
    cohort_spaces,
    cohorts,
    due_dates,
    nudges,
    survey_report,
)
from content.views.asking import asked_first


@active_member_required
@require_POST
def cohort_join(request, pk):
    cohort = access.get_cohort_to_join(request.user, pk)
    try:
        cohorts.join(cohort=cohort, member=request.user)
    except CohortFull:
        messages.error(request, _("Every place is taken."))
    except CohortOver:
        messages.error(request, _("This cohort is over."))
    else:
        messages.success(request, _("You learn with “%(name)s”.") % {"name": cohort})
        return redirect(cohort.room_url)
    return redirect(cohort.course)


@active_member_required
@require_POST
def cohort_leave(request, pk):
    cohort = access.get_own_cohort(request.user, pk)
    cohorts.leave(cohort=cohort, member=request.user)
    messages.success(request, _("You have left “%(name)s”.") % {"name": cohort})
    return redirect(cohort.course)


@member_required
@require_safe
def cohort_room(request, pk):
    """Where those in a cohort find each other, and what comes next."""
    shown = access.get_cohort_to_meet(request.user, pk)
    news.read_about(request.user, cohort=[pk])
    return _show_room(request, shown)


def _show_room(request, shown, *, form=None, status=200):
    mine = classmates.introduction_of(shown, request.user)
    context = {
        "cohort": shown,
        "learns": shown.learners.filter(member=request.user).exists(),
        "guides": access.guides_cohort(request.user, shown),
        "may_write": shown.mentor is not None
        and talk.may_write(request.user, shown.mentor),
        "is_inside": cohort_spaces.is_inside(shown, request.user),
        "progress": classmates.progress_in(shown, request.user),
        "schedule": classmates.schedule_of(shown, request.user),
        "classmates": classmates.classmates_of(shown),
        "introduction": mine,
        "form": form or IntroductionForm(initial={"text": mine.text if mine else ""}),
    }
    return render(request, "content/cohorts/room.html", context, status=status)


@active_member_required
@require_POST
def cohort_introduce(request, pk):
    shown = access.get_cohort_to_introduce_in(request.user, pk)
    if "withdraw" in request.POST:
        classmates.withdraw(cohort=shown, member=request.user)
        messages.success(request, _("Your classmates do not see your name any more."))
        return redirect(shown.room_url)
    form = IntroductionForm(request.POST)
    if not form.is_valid():
        return _show_room(request, shown, form=form, status=422)
    try:
        classmates.introduce(cohort=shown, member=request.user, **form.cleaned_data)
    except NotInCohort:
        messages.error(request, _("You do not learn in it any more."))
        return redirect(shown.course)
    messages.success(request, _("Your classmates see your name and what you wrote."))
    return redirect(shown.room_url)


@member_required
@require_safe
def cohort_file(request, pk):
    """The cohort's whole schedule for a calendar; links to join are for the seated."""
    shown = access.get_cohort_to_meet(request.user, pk)
    body = calendars.file_of(
        classmates.events_of(shown, request.user),
        title=str(shown),
        with_links=False,
        days=calendars.days_of(due_dates.due_for(None, [shown])),
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cohort.ics"'
    response["Cache-Control"] = "private"
    return response


@active_member_required
def course_cohorts(request, pk):
    """All runs of a course, and room for another."""
    course = access.get_course_to_write(request.user, pk)
    cohort = Cohort(course=course, mentor=course.author)
    form = NewCohortForm(request.POST or None, instance=cohort)
    if form.is_valid():
        made = cohorts.save_cohort(cohort=cohort, by=request.user, **form.says)
        if form.cleaned_data["with_space"]:
            cohort_spaces.open_space(cohort=made, by=request.user)
        messages.success(request, _("Saved."))
        return redirect(made)
    context = {"item": course, "cohorts": cohorts.cohorts_of(course), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/cohorts.html", context, status=status)


@active_member_required
@require_safe
def cohort(request, pk):
    """How far everybody in it is."""
    shown = access.get_cohort_to_guide(request.user, pk)
    context = {
        "board": cohorts.board_of(shown),
        "quiet_days": cohorts.QUIET.days,
        "schedule": classmates.schedule_of(shown, request.user),
        "opinion": survey_report.of_cohort(shown),
        "may_change": access.may_change_cohort(request.user, shown),
    }
    return render(request, "content/studio/cohort.html", context)


@active_member_required
def cohort_change(request, pk):
    shown = access.get_cohort_to_write(request.user, pk)
    form = CohortForm(request.POST or None, instance=shown)
    if form.is_valid():
        cohorts.save_cohort(cohort=shown, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(shown)
    context = {"cohort": shown, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/cohort_change.html", context, status=status)


@active_member_required
@require_POST
def cohort_remove(request, pk):
    shown = access.get_cohort_to_write(request.user, pk)
    if page := asked_first(request, _("Remove this cohort?"), shown.get_absolute_url()):
        return page
    try:
        cohorts.remove_cohort(cohort=shown)
    except CohortInUse:
        messages.error(request, _("Somebody learns in it; it stays."))
        return redirect(shown)
    return redirect("content:course_cohorts", shown.course_id)


@active_member_required
@require_POST
def cohort_space(request, pk):
    shown = access.get_cohort_to_write(request.user, pk)
    space = cohort_spaces.open_space(cohort=shown, by=request.user)
    messages.success(
        request, _("The cohort has its space: “%(name)s”.") % {"name": space}
    )
    return redirect(shown)


@active_member_required
@require_POST
def learner_ask(request, pk, member):
    """How it goes: by one tap, to somebody who has been quiet."""
    shown = access.get_cohort_to_guide(request.user, pk)
    learner = access.get_learner_to_ask(request.user, shown, member)
    if nudges.nudge(cohort=shown, member=learner, by=request.user):
        text = _("%(name)s was asked how it goes.")
    else:
        text = _("%(name)s was asked lately, or has finished.")
    messages.info(request, text % {"name": learner})
    return redirect(shown)


@active_member_required
def course_due(request, pk):
    """Until when each part should be done, counted from a cohort's first day."""
    course = access.get_course_to_write(request.user, pk)
    form = DueDatesForm(request.POST or None, things=due_dates.things_of(course))
    if form.is_valid():
        due_dates.set_due_dates(course=course, days=form.days)
        messages.success(request, _("Saved."))
        return redirect("content:course_cohorts", pk)
    context = {"item": course, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/due.html", context, status=status)
