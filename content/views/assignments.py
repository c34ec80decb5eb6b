"""Assignments: the learner's side, and the mentor's."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from community.lib.text import small_number
from content import access
from content.errors import AlreadyHandedIn, AlreadyReviewed, HandedInAgain
from content.forms.assignments import AssignmentForm, ReviewForm, WorkForm
from content.services import assignments
from content.services.media import media_link
from content.views.asking import asked_first

WORK_PER_PAGE = 50


@active_member_required
def assignment(request, pk):
    """The task, what was said of the work so far, and room to hand in."""
    shown = access.get_assignment_to_do(request.user, pk)
    may_hand_in = assignments.may_hand_in(shown, request.user)
    form = WorkForm(
        request.POST or None, request.FILES or None, takes_file=shown.takes_file
    )
    if may_hand_in and form.is_valid():
        _hand_in(request, shown, form)
        return redirect(shown)
    work = list(assignments.work_of(shown, request.user))
    context = {
        "assignment": shown,
        "work": [(it, _file_link(it, request.user)) for it in work],
        "form": form if may_hand_in else None,
    }
    status = 422 if may_hand_in and form.is_bound else 200
    return render(request, "content/assignments/detail.html", context, status=status)


def _hand_in(request, shown, form):
    member = request.user
    try:
        assignments.hand_in(assignment=shown, member=member, **form.cleaned_data)
    except AlreadyHandedIn:
        messages.error(request, _("You have handed it in already."))
    else:
        messages.success(request, _("Handed in. You hear when it was looked at."))


def _file_link(work, reader):
    return work.file and media_link(work, reader)


@active_member_required
@require_safe
def work_waiting(request):
    """What waits, of all courses or one; or what was reviewed, to be put right."""
    work = access.get_work_to_look_at(request.user)
    is_reviewed = "reviewed" in request.GET
    among = assignments.reviewed_among if is_reviewed else assignments.waiting_among
    found = among(work)
    course = small_number(request.GET.get("course", ""))
    shown = found.filter(assignment__lesson__section__item=course) if course else found
    context = {
        "page": Paginator(shown, WORK_PER_PAGE).get_page(request.GET.get("page")),
        "courses": assignments.courses_with(found),
        "course": course,
        "is_reviewed": is_reviewed,
    }
    return render(request, "content/assignments/waiting.html", context)


@active_member_required
def work_review(request, pk):
    """Said once; afterwards it may be put right, and what was said before is kept."""
    work = access.get_work_of_learner(request.user, pk)
    form = ReviewForm(request.POST or None, work=work)
    # What stands on the page that was sent, not what somebody did meanwhile.
    corrects = "correct" in request.POST
    may_say = assignments.is_latest(work)
    if may_say and form.is_valid():
        if corrects:
            _correct(request, work, form)
            return redirect("content:work_review", pk)
        _review(request, work, form)
        return redirect("content:work_waiting")
    context = {
        "work": work,
        "file_link": _file_link(work, request.user),
        "form": form if may_say else None,
        "is_waiting": work.outcome == work.Outcome.WAITING,
    }
    status = 422 if may_say and form.is_bound else 200
    return render(request, "content/assignments/review.html", context, status=status)


def _review(request, work, form):
    try:
        assignments.review(work=work, by=request.user, **form.review)
    except AlreadyReviewed:
        messages.error(request, _("Somebody else has reviewed it meanwhile."))
    else:
        messages.success(request, _("Reviewed. The learner is told."))


def _correct(request, work, form):
    try:
        is_new = assignments.correct_review(work=work, by=request.user, **form.review)
    except HandedInAgain:
        messages.error(request, _("Another piece was handed in since: decide on that."))
    else:
        told = _("Corrected. The learner is told.") if is_new else _("Nothing changed.")
        messages.success(request, told)


@active_member_required
def lesson_assignment(request, pk):
    """The assignment of a lesson in the studio: made, changed."""
    lesson = access.get_lesson_to_write(request.user, pk)
    made = access.get_assignment_of(lesson)
    form = AssignmentForm(request.POST or None, instance=made)
    if form.is_valid():
        assignments.save_assignment(lesson=lesson, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("content:lesson_assignment", pk)
    context = {"form": form, "lesson": lesson, "made": made}
    context["item"] = lesson.section.item
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/assignment.html", context, status=status)


@active_member_required
@require_POST
def assignment_remove(request, pk):
    lesson = access.get_lesson_to_write(request.user, pk)
    made = access.get_assignment_of(lesson)
    question = _("Take out this assignment?")
    if page := asked_first(request, question, f"/studio/lessons/{pk}/assignment/"):
        return page
    if made and not assignments.remove_assignment(assignment=made):
        messages.error(request, _("Members have handed in work already; it stays."))
    return redirect("content:course_quizzes", lesson.section.item_id)
