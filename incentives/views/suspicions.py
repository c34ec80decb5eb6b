"""A member's own points that somebody looks at: why, and a word on it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_account_required
from incentives import access
from incentives.errors import NotYet
from incentives.forms.suspicions import WordsForm
from incentives.services import suspicions


@never_cache
@login_required
@require_safe
def check(request, pk):
    found = access.get_own_suspicion(request.user, pk)
    return _page(request, found, WordsForm(initial={"words": found.statement}))


@active_account_required
@require_POST
def check_state(request, pk):
    return _say(request, pk, suspicions.state, _("Thank you, it will be read."))


@active_account_required
@require_POST
def check_appeal(request, pk):
    done = _("Thank you. Somebody else looks at it again.")
    return _say(request, pk, suspicions.appeal, done)


def _say(request, pk, service, done):
    found = access.get_own_suspicion(request.user, pk)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        service(suspicion=found, words=form.cleaned_data["words"])
    except NotYet:
        messages.info(request, _("It has been decided meanwhile."))
    else:
        messages.success(request, done)
    return redirect(found)


def _page(request, found, form, status=200):
    context = {"suspicion": found, "why": suspicions.why_of(found), "form": form}
    return render(request, "incentives/check.html", context, status=status)
