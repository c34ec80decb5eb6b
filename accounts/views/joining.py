"""Being let in, as the one who wants in sees it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.decorators import active_account_required, active_member_required
from accounts.errors import AlreadyDecided, NotNow, TooManyTries, UnknownCode
from accounts.forms.joining import ApplicationForm, CodeForm, InterestsForm
from accounts.models import JoinMode
from accounts.services import community, interests, joining
from accounts.views.limits import TOO_MANY_TRIES, count_try


@active_account_required
def apply(request, slug=None):
    """The questions, or how the application stands; into the community or a space."""
    space = access.get_space_to_apply_to(request.user, slug) if slug else None
    if space is None and not request.user.is_applicant:
        return redirect("home")
    application = joining.latest_application(request.user, space)
    mode = space.join_mode if space else community.current().join_mode
    form = ApplicationForm(request.POST or None, questions=joining.questions(space))
    if request.method == "POST" and mode == JoinMode.APPLICATION and form.is_valid():
        joining.apply(member=request.user, space=space, answers=form.answers())
        messages.success(request, _("Sent. You get the answer by e-mail."))
        return redirect(request.path)
    context = {
        "space": space,
        "mode": mode,
        "application": application,
        "form": form,
        "code_form": CodeForm(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/joining/apply.html", context, status=status)


@active_account_required
@require_POST
def application_change(request, pk):
    """Take the place that was kept, or let it be."""
    application = access.get_own_application(request.user, pk)
    try:
        if request.POST.get("act") == "take":
            joining.take_place(application=application)
            messages.success(request, _("Welcome!"))
            return redirect("content:space", application.space.slug)
        joining.withdraw(application=application)
    except (AlreadyDecided, NotNow):
        messages.error(request, _("That is not possible at the moment."))
    return redirect("home")


def invitation(request, code=""):
    """A code that lets in; who has no account makes one first and comes in by it."""
    code = code or request.POST.get("code", "")
    if not request.user.is_authenticated:
        request.session["invitation"] = code[:40]
        return redirect("account_signup")
    return _redeem(request, code)


@active_account_required
def _redeem(request, code):
    form = CodeForm(request.POST or None, initial={"code": code})
    if request.method == "POST" and form.is_valid():
        try:
            count_try(request)
            used = joining.redeem_invitation(
                code=form.cleaned_data["code"], member=request.user
            )
        except UnknownCode:
            form.add_error(
                "code", _("This invitation is no longer good, or everything is full.")
            )
        except TooManyTries:
            form.add_error("code", TOO_MANY_TRIES)
        else:
            messages.success(request, _("Welcome!"))
            if used.space:
                return redirect("content:space", used.space.slug)
            return redirect("accounts:welcome")
    context = {
        "form": form,
        "invitation": joining.invitation_to(request.user, code),
    }
    return render(
        request,
        "accounts/joining/invitation.html",
        context,
        status=422 if form.is_bound else 200,
    )


@active_member_required
def welcome(request):
    """What a new member looks for; may be skipped, and changed at any time."""
    form = InterestsForm(
        request.POST or None,
        tags=interests.offered(),
        initial={
            "tags": interests.of(request.user),
            "experience": request.user.experience,
        },
    )
    if request.method == "POST" and form.is_valid():
        interests.declare(member=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. Your home starts from it."))
        return redirect("home")
    return render(request, "accounts/joining/welcome.html", {"form": form})
