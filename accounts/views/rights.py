"""A member's own data: a copy of it, its end, and the texts it rests on."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms.rights import AgreeForm, DeleteForm
from accounts.services import consents, erasures, exports, policies
from community.lib.files import send_file


@reauthentication_required
def export(request):
    """Ask for a copy of everything; fetch it once it is ready."""
    if request.method == "POST":
        exports.ask(member=request.user)
        messages.success(
            request, _("We put it together and write to you when it is ready.")
        )
        return redirect("accounts:export")
    context = {"export": exports.latest(request.user)}
    return render(request, "accounts/me/export.html", context)


@reauthentication_required
def export_file(request):
    export = exports.latest(request.user)
    if export is None or not export.file:
        raise Http404
    response = send_file(request, export.file.name)
    response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    return response


@reauthentication_required
def delete(request):
    """Asked once, with what it means; done after days to think it over."""
    form = DeleteForm(request.POST or None)
    pending = erasures.pending(request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "pending": pending, "grace": erasures.GRACE.days}
        status = 422 if form.is_bound else 200
        return render(request, "accounts/me/delete.html", context, status=status)
    erasures.ask(
        member=request.user,
        keeps_contributions=form.cleaned_data["texts"] == "keep",
    )
    logout(request)
    messages.success(
        request, _("Noted. You can change your mind by signing in until it is done.")
    )
    return redirect("home")


@login_required
@require_POST
def delete_cancel(request):
    erasures.cancel(member=request.user)
    messages.success(request, _("Your account stays."))
    return redirect("accounts:privacy")


@login_required
def agree(request):
    """The texts that have changed, what is new in them, and the box to agree again.

    Leaving, taking one's data along and reading stay possible without.
    """
    missing = consents.missing(request.user)
    form = AgreeForm(request.POST or None, purposes=missing)
    if not missing:
        return redirect(_next(request))
    if request.method == "POST" and form.is_valid():
        for purpose in missing:
            consents.give(member=request.user, purpose=purpose)
        return redirect(_next(request))
    context = {
        "form": form,
        "next": _next(request),
        "texts": [policies.with_changes(kind, get_language()) for kind in missing],
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/me/agree.html", context, status=status)


def _next(request):
    path = request.POST.get("next") or request.GET.get("next") or ""
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"
