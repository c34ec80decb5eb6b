from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.decorators import active_account_required
from accounts.forms.profile import ProfileForm
from accounts.models import Purpose
from accounts.services import consents, erasures
from accounts.services.profiles import save_profile


@login_required
def me(request):
    return redirect("accounts:profile")


@active_account_required
def profile(request):
    form = ProfileForm(
        request.POST or None, request.FILES or None, instance=request.user
    )
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        # The invalid input is on the form's own copy, not in the page's header.
        request.user.refresh_from_db()
        return render(
            request, "accounts/me/profile.html", {"form": form}, status=status
        )
    save_profile(
        member=form.instance,
        picture=form.cleaned_data["picture"],
        remove_picture=form.cleaned_data.get("remove_picture", False),
    )
    messages.success(request, _("Saved."))
    return redirect("accounts:profile")


@login_required
def security(request):
    """Everything about signing in, from one place."""
    context = {
        "has_second_factor": is_mfa_enabled(request.user),
        "sessions": UserSession.objects.purge_and_list(request.user),
        "socials": settings.SOCIAL,
        "needs_second_factor": settings.STAFF_NEEDS_MFA and request.user.is_staff,
    }
    return render(request, "accounts/me/security.html", context)


@login_required
def my_privacy(request):
    context = {
        "purposes": consents.overview(request.user),
        "missing": consents.missing(request.user),
        "erasure": erasures.pending(request.user),
        "readings": access.readings_of(request.user),
    }
    return render(request, "accounts/me/privacy.html", context)


@login_required
@require_POST
def consent_change(request):
    """One purpose given or withdrawn. Also for the suspended: it is their right."""
    purpose = request.POST.get("purpose")
    if purpose not in Purpose.values:
        return redirect("accounts:privacy")
    if request.POST.get("agree") == "yes":
        consents.give(member=request.user, purpose=purpose)
        messages.success(request, _("Noted: you agree."))
    elif purpose not in consents.REQUIRED:
        consents.withdraw(member=request.user, purpose=purpose)
        messages.success(request, _("Noted: you no longer agree."))
    return redirect("accounts:privacy")
