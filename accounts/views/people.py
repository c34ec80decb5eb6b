from django.core.files.storage import default_storage
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import visitors_sign_in
from community.lib.files import send_file


@require_safe
@visitors_sign_in
def person(request, handle):
    context = {"person": access.get_person_to_see(request.user, handle)}
    return render(request, "accounts/people/person.html", context)


@require_safe
def policy(request, kind):
    context = {"policy": access.get_policy_to_read(kind, get_language())}
    return render(request, "accounts/people/policy.html", context)


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def avatar(request, name):
    """A member's picture. Its name is random and changes with every upload."""
    path = f"avatars/{name}"
    if not default_storage.exists(path):
        raise Http404
    return send_file(request, path)
