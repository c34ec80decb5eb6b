"""Taking a quiz: what it asks for, the questions, what came of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.decorators import active_member_required
from community.lib.zones import zone_name
from content import access
from content.errors import NoMoreAttempts, NothingToAsk
from content.services import assignments, attempts, quizzes


@active_member_required
@require_safe
def quiz(request, pk):
    shown = access.get_quiz_to_take(request.user, pk)
    context = {
        "quiz": shown,
        "begun": quizzes.open_attempt(shown, request.user),
        "attempts": access.get_attempts_of(request.user, shown),
        "left": quizzes.attempts_left(shown, request.user),
        "asked": quizzes.how_many_asked(shown),
        "stuck": _stuck(shown, request.user),
    }
    return render(request, "content/quizzes/quiz.html", context)


def _stuck(shown, member):
    """Who can neither pass nor try again: whom to ask, and since when they did."""
    if not attempts.is_stuck(shown, member):
        return None
    return {
        "teachers": assignments.teachers_of(member, shown.item),
        "asked_at": attempts.asked_at(shown, member),
    }


@active_member_required
@require_POST
def attempts_ask(request, pk):
    shown = access.get_quiz_to_take(request.user, pk)
    attempts.ask_for_more(quiz=shown, member=request.user)
    return redirect(shown)


@active_member_required
@require_POST
def quiz_start(request, pk):
    shown = access.get_quiz_to_take(request.user, pk)
    try:
        return redirect(quizzes.start(quiz=shown, member=request.user))
    except NoMoreAttempts:
        messages.error(request, _("You have had all your attempts."))
    except NothingToAsk:
        messages.error(request, _("This quiz has no questions yet."))
    return redirect(shown)


@active_member_required
def attempt(request, pk):
    """The questions while it is open; afterwards what was right."""
    shown = access.get_attempt(request.user, pk)
    if not shown.handed_in_at and quizzes.is_over(shown):
        shown = quizzes.hand_in(attempt=shown)
    if shown.handed_in_at and request.method == "POST":
        return _too_late(request, shown)
    if shown.handed_in_at:
        return _result(request, shown)
    access.get_quiz_to_take(request.user, shown.quiz_id)
    if request.method == "POST":
        return _answered(request, shown)
    return _questions(request, shown)


def _questions(request, shown):
    context = {"attempt": shown, "asked": quizzes.asked_in(shown)}
    context["zone"] = zone_name(timezone.get_current_timezone_name())
    return render(request, "content/quizzes/attempt.html", context)


def _result(request, shown):
    context = {
        "attempt": shown,
        "asked": quizzes.asked_in(shown),
        "left": quizzes.attempts_left(shown.quiz, request.user),
        "stuck": _stuck(shown.quiz, request.user),
    }
    return render(request, "content/quizzes/result.html", context)


def _too_late(request, shown):
    """Nothing is dropped without a word; a button pressed twice is no news."""
    if shown.is_timed_out:
        text = _("Handed in after the end; what had come in by then counts.")
    else:
        text = _("It was handed in already; what had come in by then counts.")
    messages.warning(request, text)
    return HttpResponseClientRefresh() if request.htmx else redirect(shown)


def _answered(request, shown):
    given = {
        answer.question_id: request.POST.getlist(f"question-{answer.question_id}")
        for answer in shown.answers.all()
    }
    if not quizzes.save_answers(attempt=shown, given=given):
        return _too_late(request, quizzes.hand_in(attempt=shown))
    if request.htmx:
        return HttpResponse(_("Saved"))
    if "save" in request.POST:
        messages.success(request, _("Saved. You can go on where you were."))
        return redirect(shown.quiz)
    quizzes.hand_in(attempt=shown)
    return redirect(shown)
