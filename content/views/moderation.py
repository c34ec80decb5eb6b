"""The queue for those who keep order, and what waits for those who wrote it."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from accounts.services import news, rules
from community.lib.keyset import after_mark, mark_of
from content import access
from content.errors import ClosedAlready, TakenByOther, TopicClosed
from content.forms.moderation import DecisionForm, HeldForm, PageDecisionForm
from content.models import Case, Decision
from content.services import checks, held, moderation
from content.views.asking import asked_first

PER_PAGE = 20
REFUSED = {
    ClosedAlready: gettext_lazy("Somebody else has decided on it meanwhile."),
    TakenByOther: gettext_lazy("Somebody else looks at it just now."),
    TopicClosed: gettext_lazy("Its topic was closed meanwhile: nothing was posted."),
}


# For those who keep order ------------------------------------------------------------


@login_required
@require_safe
def queue(request):
    return _queue(request, DecisionForm())


def _queue(request, form, status=200):
    cases = access.get_cases(request.user)
    show, what = request.GET.get("show", ""), request.GET.get("what", "")
    if what not in {"", *Case.What.values}:
        raise Http404
    rows, more = moderation.waiting(
        cases,
        by=request.user,
        show=show,
        what=what,
        after=after_mark(request.GET.get("after", "")),
    )
    context = {
        "rows": [
            (case, held.told(case.reasons), moderation.claimed_by(case))
            for case in rows
        ],
        "next": more and mark_of(rows[-1].created_at, rows[-1].pk),
        "kinds": _kinds(moderation.numbers(cases)),
        "show": show,
        "what": what,
        "form": form,
        "chosen": set(request.POST.getlist("cases")),
        "ready": moderation.ready_reasons(),
        "undo": request.GET.get("undo", "") if _batch(request.GET) else "",
        "lately": moderation.decided_lately(request.user),
    }
    return render(request, "content/moderation/queue.html", context, status=status)


def _kinds(numbers):
    return [(what.value, what.label, numbers.get(what.value, 0)) for what in Case.What]


@active_member_required
@require_POST
def queue_decide(request):
    """Several at once, each by itself; undone together."""
    cases = access.get_cases_to_decide(request.user, request.POST.getlist("cases"))
    if request.POST.get("act") == "accept":
        many = moderation.decide_each(
            cases=cases, act=moderation.accept, by=request.user
        )
        return _done(request, many)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _queue(request, form, status=422)
    many = moderation.decide_each(
        cases=cases, act=moderation.reject, by=request.user, **form.cleaned_data
    )
    return _done(request, many)


def _done(request, many):
    if many.done:
        text = ngettext("Decided on %(number)d.", "Decided on %(number)d.", many.done)
        messages.success(request, text % {"number": many.done})
    if many.left:
        text = ngettext(
            "%(number)d was left: somebody was first, or its topic is closed.",
            "%(number)d were left: somebody was first, or their topic is closed.",
            many.left,
        )
        messages.warning(request, text % {"number": many.left})
    if not many.done:
        return redirect("content:queue")
    return redirect(f"/studio/queue/?undo={many.batch}")


@active_member_required
@require_POST
def queue_undo(request):
    access.check_may_moderate(request.user)
    batch = _batch(request.POST)
    if batch is None:
        raise Http404
    many = moderation.undo_all(batch=batch, by=request.user)
    if many.done:
        text = ngettext("%(number)d waits again.", "%(number)d wait again.", many.done)
        messages.success(request, text % {"number": many.done})
    else:
        messages.warning(request, _("It is too late to undo it."))
    return redirect("content:queue")


@login_required
@require_safe
def queue_history(request):
    """What was decided, of that which this person may decide on; searched by words."""
    cases = access.get_cases(request.user)
    words, act = request.GET.get("q", "").strip()[:100], request.GET.get("act", "")
    if act not in {"", *Decision.Act.values}:
        raise Http404
    rows, more = moderation.decided(
        cases, words=words, act=act, after=after_mark(request.GET.get("after"))
    )
    context = {
        "rows": rows,
        "next": more and mark_of(rows[-1].at, rows[-1].pk),
        "words": words,
        "act": act,
        "acts": Decision.Act.choices,
    }
    return render(request, "content/moderation/history.html", context)


@login_required
def case(request, pk):
    """One case: the text with the places, who wrote it, who reported it."""
    case = access.get_case_to_decide(request.user, pk)
    if request.method == "POST":
        return _decide(request, case)
    return _case(request, case, HeldForm(case=case), _form_of(case)())


def _form_of(case):
    return PageDecisionForm if case.what == Case.What.MEMBER else DecisionForm


@active_member_required
def _decide(request, case):
    if request.POST.get("act") == "accept":
        form, other = HeldForm(request.POST, case=case), _form_of(case)()
        if case.is_held and not form.is_valid():
            return _case(request, case, form, other, status=422)
        words = form.cleaned_data if case.is_held else {}
        return _try(request, moderation.accept, case=case, by=request.user, **words)
    form = _form_of(case)(request.POST)
    if not form.is_valid():
        return _case(request, case, HeldForm(case=case), form, status=422)
    how = form.cleaned_data
    return _try(request, moderation.reject, case=case, by=request.user, **how)


def _try(request, act, **how):
    try:
        decision = act(**how)
    except (ClosedAlready, TakenByOther, TopicClosed) as refusal:
        messages.warning(request, REFUSED[type(refusal)])
        return redirect("content:queue")
    messages.success(request, _("Decided."))
    return redirect(f"/studio/queue/?undo={decision.batch}")


def _case(request, case, held_form, form, status=200):
    context = {
        **_told(case),
        "record": moderation.record_of(case.author),
        "reports": case.reports.select_related("member"),
        "decisions": case.decisions.select_related("by", "rule"),
        "claimed_by": moderation.claimed_by(case),
        "held_form": held_form,
        "form": form,
        "ready": moderation.ready_reasons(),
    }
    return render(request, "content/moderation/case.html", context, status=status)


def _told(case):
    return {
        "case": case,
        "title": held.marked(case.title, held.places_in(case, "title")),
        "beside": checks.beside(case.arguments),
        "body": held.marked(case.body, held.places_in(case, "body")),
        "reasons": held.told(case.reasons),
        "late_poll": held.late_poll(case),
    }


@active_member_required
@require_POST
def case_claim(request, pk):
    case = access.get_case_to_decide(request.user, pk)
    if request.POST.get("undo") == "1":
        moderation.put_back(case=case, by=request.user)
        return redirect("content:queue")
    try:
        moderation.claim(case=case, by=request.user)
    except (ClosedAlready, TakenByOther) as refusal:
        messages.warning(request, REFUSED[type(refusal)])
    return redirect("content:case", pk)


# For those who wrote it --------------------------------------------------------------


@login_required
@require_safe
def held_list(request):
    pages = Paginator(held.held_of(request.user), PER_PAGE)
    context = {"page": pages.get_page(request.GET.get("page"))}
    return render(request, "content/moderation/held_list.html", context)


@login_required
def held_case(request, pk):
    case = access.get_own_case(request.user, pk)
    news.read_about(request.user, case=[pk])
    if request.method == "POST":
        return _change(request, case.pk)
    return _held(request, case, HeldForm(case=case))


@active_member_required
def _change(request, pk):
    case = access.get_held_to_reword(request.user, pk)
    form = HeldForm(request.POST, case=case)
    if not form.is_valid():
        return _held(request, case, form, status=422)
    try:
        case = held.change(case=case, **form.cleaned_data)
    except (ClosedAlready, TopicClosed) as refusal:
        messages.warning(request, REFUSED[type(refusal)])
        return redirect(case)
    if case.closed_at and (shown := case.post or case.line):
        messages.success(request, _("Posted."))
        return redirect(shown if case.post else shown.room)
    messages.success(request, _("Saved. It still waits."))
    return redirect(case)


def _held(request, case, form, status=200):
    decision = held.decision_on(case)
    context = {
        **_told(case),
        "form": None if case.closed_at else form,
        "decision": decision,
        "rule": decision
        and decision.rule
        and rules.in_language(decision.rule, get_language()),
    }
    return render(request, "content/moderation/held.html", context, status=status)


@active_member_required
@require_POST
def held_withdraw(request, pk):
    case = access.get_held_to_change(request.user, pk)
    question = _("Take back what you wrote? It is not posted, and its text is removed.")
    if page := asked_first(request, question, case.get_absolute_url()):
        return page
    held.withdraw(case=case)
    messages.success(request, _("Taken back."))
    return redirect("content:held_list")


def _batch(sent):
    try:
        return uuid.UUID(sent.get("undo", ""))
    except ValueError:
        return None
