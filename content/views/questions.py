"""Quizzes in the studio: where they stand, what they ask, the bank of questions."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from community.lib.text import small_number
from content import access
from content.forms.quizzes import ChoiceOfQuestionsForm, QuestionForm, QuizForm
from content.models import Quiz
from content.services import attempts, gain, questions
from content.views.asking import asked_first


@active_member_required
@require_safe
def course_quizzes(request, pk):
    """Every place of the course where a quiz is or may be."""
    course = access.get_course_to_write(request.user, pk)
    context = {
        "item": course,
        "lessons": access.get_lessons_with_quizzes(course),
        "tests": questions.tests_about(course),
        "compared": questions.compare_tests(course),
        "gain": gain.gain_of(course),
        "fewest": gain.FEWEST,
    }
    return render(request, "content/studio/quizzes.html", context)


@active_member_required
@require_POST
def lesson_quiz_add(request, pk):
    lesson = access.get_lesson_to_write(request.user, pk)
    made = questions.add_quiz(
        course=lesson.section.item, kind=Quiz.Kind.LESSON, lesson=lesson
    )
    return redirect("content:quiz_manage", made.pk)


@active_member_required
@require_POST
def course_test_add(request, pk, kind):
    course = access.get_course_to_write(request.user, pk)
    made = questions.add_quiz(course=course, kind=access.get_kind_of_test(kind))
    return redirect("content:quiz_manage", made.pk)


@active_member_required
def quiz_manage(request, pk):
    """Its questions and its rules; each form is sent on its own."""
    quiz = access.get_quiz_to_write(request.user, pk)
    bank = questions.bank_of(quiz.item)
    sent = request.POST.get("form")
    rules = QuizForm(request.POST if sent == "rules" else None, instance=quiz)
    choice = ChoiceOfQuestionsForm(
        request.POST if sent == "questions" else None,
        bank=bank,
        chosen=quiz.asked.values_list("question", flat=True),
    )
    if rules.is_valid():
        questions.save_quiz(quiz=quiz, **rules.cleaned_data)
    elif choice.is_valid():
        questions.choose(quiz=quiz, **choice.cleaned_data)
    else:
        context = {"quiz": quiz, "bank": bank, "rules": rules, "choice": choice}
        context["asks_the_same"] = questions.ask_the_same(quiz)
        context["stuck"] = attempts.stuck_in(quiz)
        context["chosen"] = set(quiz.asked.values_list("question", flat=True))
        status = 422 if rules.is_bound or choice.is_bound else 200
        return render(request, "content/studio/quiz.html", context, status=status)
    messages.success(request, _("Saved."))
    return redirect("content:quiz_manage", pk)


@active_member_required
@require_POST
def attempts_give(request, pk, member):
    """One more attempt for one learner."""
    quiz, learner = access.get_quiz_to_open_again(request.user, pk, member)
    if attempts.give_more(quiz=quiz, member=learner, by=request.user):
        messages.success(request, _("They may try again, and are told."))
    else:
        messages.info(request, _("They have an attempt left, or have passed."))
    cohort = small_number(request.POST.get("cohort", ""))
    if cohort:
        return redirect("content:cohort", cohort)
    return redirect("content:quiz_manage", pk)


@active_member_required
@require_POST
def quiz_remove(request, pk):
    quiz = access.get_quiz_to_write(request.user, pk)
    question = _("Take out this quiz? Its questions stay in the bank.")
    if page := asked_first(request, question, f"/studio/quizzes/{pk}/"):
        return page
    if not questions.remove_quiz(quiz=quiz):
        messages.error(request, _("Members have taken it already; it stays."))
        return redirect("content:quiz_manage", pk)
    return redirect("content:course_quizzes", quiz.item_id)


@active_member_required
def question_add(request, pk):
    quiz = access.get_quiz_to_write(request.user, pk)
    form = QuestionForm(request.POST or None)
    if form.is_valid():
        questions.add_question(quiz=quiz, **form.says)
        messages.success(request, _("Saved."))
        again = "content:question_add" if "again" in request.POST else None
        return redirect(again or "content:quiz_manage", pk)
    return _show(request, form, quiz.item, None)


@active_member_required
def question_change(request, pk):
    question = access.get_question_to_write(request.user, pk)
    if "retire" in request.POST:
        sure = _("Ask this question no more?")
        if page := asked_first(request, sure, f"/studio/questions/{pk}/"):
            return page
        questions.retire(question=question)
        return redirect("content:course_quizzes", question.item_id)
    form = QuestionForm(request.POST or None, instance=question)
    if form.is_valid():
        questions.change_question(question=question, **form.says)
        messages.success(request, _("Saved."))
        return redirect("content:course_quizzes", question.item_id)
    return _show(request, form, question.item, question)


def _show(request, form, course, question):
    context = {"form": form, "item": course, "question": question}
    status = 422 if form.is_bound else 200
    return render(request, "content/studio/question.html", context, status=status)
