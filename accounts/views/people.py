from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.decorators import (
    active_member_required,
    member_required,
    visitors_sign_in,
)
from accounts.models import Purpose
from accounts.services import (
    consents,
    directory,
    follows,
    interests,
    profiles,
    rules,
)
from community.lib.files import send_public

PEOPLE_PER_PAGE = 24


@require_safe
@visitors_sign_in
def person(request, handle):
    shown = access.get_person_to_see(request.user, handle)
    context = {"person": shown, "profile": profiles.profile_of(shown, request.user)}
    return render(request, "accounts/people/person.html", context)


@member_required
@require_safe
def people(request):
    """Those who agreed to be found, to other members only."""
    asked = {
        "words": request.GET.get("q", "").strip()[:100],
        "role": request.GET.get("role", ""),
        "field": request.GET.get("field", "")[:60],
    }
    if asked["role"] not in directory.ROLES:
        asked["role"] = ""
    found = directory.found(**asked)
    context = {
        **asked,
        "page": Paginator(found, PEOPLE_PER_PAGE).get_page(request.GET.get("page")),
        "roles": directory.ROLES,
        "fields": directory.fields_known(),
        "is_listed": consents.has_given(request.user, Purpose.DIRECTORY),
    }
    return render(request, "accounts/people/list.html", context)


@login_required
@require_safe
def following(request):
    followed = access.people_followed_by(request.user)
    page = Paginator(followed, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "subjects": access.subjects_followed_by(request.user)}
    return render(request, "accounts/people/following.html", context)


@active_member_required
@require_POST
def subject_unfollow(request, pk):
    subject = access.get_subject_followed(request.user, pk)
    interests.follow(member=request.user, tag=subject, is_on=False)
    return redirect("accounts:following")


@active_member_required
@require_POST
def person_follow(request, handle):
    """Begin or stop to follow: the button says which."""
    person = access.get_person_to_follow(request.user, handle)
    if request.POST.get("follow") == "no":
        follows.unfollow(follower=request.user, followed=person)
    else:
        follows.follow(follower=request.user, followed=person)
    return redirect(person)


@require_safe
def policy(request, kind):
    context = {"policy": access.get_policy_to_read(kind, get_language())}
    return render(request, "accounts/people/policy.html", context)


@require_safe
def community_rules(request):
    """Each with its number: decisions lead here."""
    context = {
        "policy": access.get_policy_to_read(rules.KIND, get_language()),
        "rules": rules.rules_in_force(get_language()),
        "must_agree": request.user.is_authenticated and rules.must_agree(request.user),
    }
    return render(request, "accounts/people/rules.html", context)


@require_POST
@active_member_required
def rules_agree(request):
    rules.agree(member=request.user)
    messages.success(request, _("Noted: you agree."))
    return redirect("accounts:rules")


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def avatar(request, name):
    """A member's picture. Its name is random and changes with every upload."""
    return send_public(request, "avatars", name)
