"""Runs of a course: joining one, and in the studio making and guiding them."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from content import access
from content.errors import CohortFull, CohortInUse, CohortOver
from content.forms.cohorts import CohortForm
from content.models import Cohort
from content.services import cohorts
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
    return redirect(cohort.course)


@active_member_required
@require_POST
def cohort_leave(request, pk):
    cohort = access.get_own_cohort(request.user, pk)
    cohorts.leave(cohort=cohort, member=request.user)
    messages.success(request, _("You have left “%(name)s”.") % {"name": cohort})
    return redirect(cohort.course)


@active_member_required
def course_cohorts(request, pk):
    """All runs of a course, and room for another."""
    course = access.get_course_to_write(request.user, pk)
    cohort = Cohort(course=course, mentor=course.author)
    form = CohortForm(request.POST or None, instance=cohort)
    if form.is_valid():
        made = cohorts.save_cohort(cohort=cohort, **form.cleaned_data)
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
        "may_change": access.may_change_cohort(request.user, shown),
    }
    return render(request, "content/studio/cohort.html", context)


@active_member_required
def cohort_change(request, pk):
    shown = access.get_cohort_to_write(request.user, pk)
    form = CohortForm(request.POST or None, instance=shown)
    if form.is_valid():
        cohorts.save_cohort(cohort=shown, **form.cleaned_data)
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
