from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.decorators import active_member_required
from accounts.errors import AlreadyDecided
from accounts.forms.authors import AgreeForm, AuthorForm
from accounts.services import authors


@active_member_required
def author(request):
    """Where one stands on the way to writing courses here, and the next step on it."""
    if request.method != "POST":
        return _page(request)
    if not authors.may_apply(request.user):
        return redirect("accounts:author")
    form = AuthorForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    authors.apply(member=request.user, **form.cleaned_data)
    messages.success(request, _("Sent. An operator reads it and writes to you."))
    return redirect("accounts:author")


def _page(request, *, form=None, agree_form=None):
    text = authors.agreement(get_language())
    context = {
        "application": authors.latest_of(request.user),
        "may_apply": authors.may_apply(request.user),
        "form": form or AuthorForm(),
        "agreement": text,
        "agree_form": agree_form
        or AgreeForm(initial={"version": text.version if text else 0}),
    }
    bound = [f for f in (form, agree_form) if f is not None and f.is_bound]
    status = 422 if bound else 200
    return render(request, "accounts/authors/author.html", context, status=status)


@active_member_required
@require_POST
def author_agree(request):
    application = access.get_application_under_way(request.user)
    form = AgreeForm(request.POST)
    if not form.is_valid():
        return _page(request, agree_form=form)
    try:
        authors.agree(application=application, version=form.cleaned_data["version"])
    except AlreadyDecided:
        messages.error(request, _("The text has changed meanwhile. Please read it."))
        return redirect("accounts:author")
    messages.success(request, _("Welcome as an author."))
    return redirect("content:studio")


@active_member_required
@require_POST
def author_withdraw(request):
    authors.step_back(access.get_application_under_way(request.user))
    messages.success(request, _("Withdrawn."))
    return redirect("accounts:author")
