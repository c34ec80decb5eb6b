"""Taking a quiz: what it asks for, the questions, what came of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.decorators import active_member_required
from content import access
from content.errors import NoMoreAttempts, NothingToAsk
from content.services import quizzes


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
    }
    return render(request, "content/quizzes/quiz.html", context)


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
    if shown.handed_in_at:
        return _result(request, shown)
    access.get_quiz_to_take(request.user, shown.quiz_id)
    if request.method == "POST":
        return _answered(request, shown)
    return _questions(request, shown)


def _questions(request, shown):
    context = {"attempt": shown, "asked": quizzes.asked_in(shown)}
    return render(request, "content/quizzes/attempt.html", context)


def _result(request, shown):
    context = {
        "attempt": shown,
        "asked": quizzes.asked_in(shown),
        "left": quizzes.attempts_left(shown.quiz, request.user),
    }
    return render(request, "content/quizzes/result.html", context)


def _answered(request, shown):
    given = {
        answer.question_id: request.POST.getlist(f"question-{answer.question_id}")
        for answer in shown.answers.all()
    }
    in_time = quizzes.save_answers(attempt=shown, given=given)
    if request.htmx:
        return HttpResponse(_("Saved")) if in_time else HttpResponseClientRefresh()
    if "save" in request.POST:
        messages.success(request, _("Saved. You can go on where you were."))
        return redirect(shown.quiz)
    quizzes.hand_in(attempt=shown)
    return redirect(shown)
