"""Asking an expert for a price: the asker's side, the expert's, and who reads along."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, member_required
from accounts.errors import NotEnough
from accounts.services import news, shares
from accounts.views.own_limits import tells_own_limits
from content import access
from content.errors import (
    AnswerBegun,
    NotAskedAnyMore,
    NotTaken,
    TooManyDrafts,
    TooManyFollowUps,
)
from content.forms.paid_questions import (
    AnswerForm,
    DeclineForm,
    FollowUpForm,
    QuestionForm,
    RatingForm,
    TermsForm,
)
from content.services import asking_terms, paid_questions, read_along
from content.views.asking import asked_first

IS_OVER = gettext_lazy("This question is over: it was answered, ended, or is too late.")
NOT_TAKEN = gettext_lazy("This expert does not take questions at the moment.")
TOO_FEW = gettext_lazy("You do not have that many points.")


@member_required
@require_safe
def experts(request):
    """Who can be asked, for how much, and by which rules."""
    context = {"terms": asking_terms.taking(), "rules": _rules()}
    return render(request, "content/paid/experts.html", context)


def _rules():
    """In percent, as people read it."""
    return {"askers": read_along.ASKERS // 10, "experts": read_along.EXPERTS // 10}


@active_member_required
def asking_terms_change(request):
    access.check_may_name_prices(request.user)
    form = TermsForm(
        request.POST or None,
        terms=asking_terms.terms_of(request.user),
        share=shares.agreed_with(request.user),
    )
    if form.is_valid():
        asking_terms.save_terms(expert=request.user, **form.says)
        messages.success(request, _("Saved."))
        return redirect("content:asking_terms")
    status = 422 if form.is_bound else 200
    return render(request, "content/paid/terms.html", {"form": form}, status=status)


@active_member_required
def paid_question_ask(request, username):
    terms = access.get_expert_to_ask(request.user, username)
    form = QuestionForm(request.POST or None, draft=f"ask-{terms.expert_id}")
    if form.is_valid():
        try:
            written = paid_questions.write(
                asker=request.user, expert=terms.expert, **form.cleaned_data
            )
            return redirect(written)
        except NotTaken:
            form.add_error(None, NOT_TAKEN)
        except TooManyDrafts:
            form.add_error(
                None, _("First ask or drop some of the questions you have begun.")
            )
    context = {"form": form, "terms": terms, "rules": _rules()}
    status = 422 if form.is_bound else 200
    return render(request, "content/paid/ask.html", context, status=status)


@active_member_required
def paid_question_change(request, pk):
    question = access.get_paid_question_to_ask(request.user, pk)
    if not question.is_unpaid:
        return redirect(question)
    form = QuestionForm(
        request.POST or None, draft=f"paid-question-{pk}", question=question
    )
    if form.is_valid():
        _do(request, paid_questions.change, question=question, **form.cleaned_data)
        return redirect(question)
    context = {"form": form, "question": question}
    status = 422 if form.is_bound else 200
    return render(request, "content/paid/change.html", context, status=status)


@login_required
@require_safe
def paid_questions_mine(request):
    context = {
        "asked": paid_questions.asked_by(request.user),
        "taken": paid_questions.asked_of(request.user),
    }
    return render(request, "content/paid/mine.html", context)


@member_required
@require_safe
def paid_answers(request):
    """What may be read along."""
    context = {"questions": read_along.open_questions(), "rules": _rules()}
    return render(request, "content/paid/answers.html", context)


@member_required
@require_safe
def paid_question(request, pk):
    question = access.get_paid_question_to_see(request.user, pk)
    news.read_about(request.user, paid_question=[pk])
    return _show(request, question)


def _show(request, question, *, status=200, **forms):
    if not access.may_read_paid_question(request.user, question):
        context = {
            "question": question,
            "points": read_along.points_to_read(question),
            "rules": _rules(),
            **forms,
        }
        return render(request, "content/paid/door.html", context, status=status)
    may_write = not request.user.is_suspended
    is_asker = may_write and request.user.pk == question.asker_id
    is_expert = may_write and request.user.pk == question.expert_id
    knows_asker = access.is_party(request.user, question)
    context = {
        "question": question,
        "asker": question.asker if knows_asker else _("Somebody"),
        "is_asker": is_asker,
        "is_expert": is_expert,
        "follow_ups": question.follow_ups.select_related("author"),
        "checkout_next": question.get_absolute_url(),
    }
    if is_expert and question.is_waiting_for_answer:
        context["answer_form"] = AnswerForm(question=question)
        context["decline_form"] = DeclineForm()
    if (is_asker or is_expert) and paid_questions.may_follow_up(question, request.user):
        context["follow_up_form"] = FollowUpForm(question=question)
    if is_asker and question.is_answered:
        context["rating_form"] = RatingForm(question=question)
    context |= forms
    return render(request, "content/paid/detail.html", context, status=status)


@active_member_required
@require_POST
def paid_question_pay(request, pk):
    """With points it is asked at once; with money the checkout comes first."""
    question = access.get_paid_question_to_ask(request.user, pk)
    try:
        if question.is_unpaid and paid_questions.follow_terms(question=question):
            messages.warning(
                request,
                _("The expert's terms have changed. Please look at them again."),
            )
            return redirect(question)
        if request.POST.get("with") == "points":
            paid_questions.pay_with_points(question=question)
            messages.success(request, _("Asked. The expert is told."))
            return redirect(question)
        offer = paid_questions.offer_for(question=question)
    except NotEnough:
        return _show(request, question, status=422, points_error=TOO_FEW)
    except NotTaken:
        messages.error(request, NOT_TAKEN)
    except NotAskedAnyMore:
        messages.info(request, _("This question is asked already."))
    else:
        back = urlencode({"next": question.get_absolute_url()})
        return redirect(f"{offer.get_absolute_url()}?{back}")
    return redirect(question)


@active_member_required
@require_POST
def paid_question_withdraw(request, pk):
    question = access.get_paid_question_to_ask(request.user, pk)
    sure = _("Take this question back? What you paid comes back to you.")
    if page := asked_first(request, sure, question.get_absolute_url()):
        return page
    try:
        paid_questions.withdraw(question=question)
    except AnswerBegun:
        messages.error(request, _("The expert has begun to answer: please wait."))
    except NotAskedAnyMore:
        messages.error(request, IS_OVER)
    else:
        messages.success(request, _("Taken back."))
        return redirect("content:paid_questions_mine")
    return redirect(question)


@active_member_required
@require_POST
def paid_question_answer(request, pk):
    """Kept as a draft, or sent."""
    question = access.get_paid_question_to_answer(request.user, pk)
    form = AnswerForm(request.POST, question=question)
    if not form.is_valid():
        return _show(request, question, status=422, answer_form=form)
    is_draft = "draft" in request.POST
    act = paid_questions.begin_answer if is_draft else paid_questions.answer
    try:
        act(question=question, **form.cleaned_data)
    except NotAskedAnyMore:
        form.add_error(None, IS_OVER)
        return _show(request, question, status=422, answer_form=form)
    messages.success(request, _("Saved.") if is_draft else _("Sent. Thank you!"))
    return redirect(question)


@active_member_required
@require_POST
def paid_question_decline(request, pk):
    question = access.get_paid_question_to_answer(request.user, pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, question, status=422, decline_form=form)
    sure = _("Decline this question? The asker gets everything back.")
    if page := asked_first(request, sure, question.get_absolute_url()):
        return page
    _do(request, paid_questions.decline, question=question, **form.cleaned_data)
    return redirect("content:paid_questions_mine")


@active_member_required
@require_POST
def paid_question_more(request, pk):
    question = access.get_paid_question_to_discuss(request.user, pk)
    form = FollowUpForm(request.POST, question=question)
    if form.is_valid():
        try:
            paid_questions.follow_up(
                question=question, author=request.user, **form.cleaned_data
            )
            return redirect(question)
        except TooManyFollowUps:
            form.add_error(None, _("That was all that comes with an answer."))
        except NotAskedAnyMore:
            form.add_error(None, _("There is no answer yet."))
    return _show(request, question, status=422, follow_up_form=form)


@active_member_required
@require_POST
def paid_question_rate(request, pk):
    question = access.get_paid_question_to_ask(request.user, pk)
    form = RatingForm(request.POST, question=question)
    if not form.is_valid():
        return _show(request, question, status=422, rating_form=form)
    _do(request, paid_questions.rate, question=question, **form.cleaned_data)
    return redirect(question)


@active_member_required
@require_POST
@tells_own_limits
def paid_question_read(request, pk):
    """Pay points in order to read along."""
    question = access.get_paid_question_to_buy(request.user, pk)
    try:
        read_along.read_for_points(question=question, reader=request.user)
    except NotEnough:
        return _show(request, question, status=422, points_error=TOO_FEW)
    except NotTaken:
        messages.error(request, _("It is not read for points."))
    return redirect(question)


def _do(request, service, **arguments):
    try:
        service(**arguments)
    except NotAskedAnyMore:
        messages.error(request, IS_OVER)
    else:
        messages.success(request, _("Saved."))
