"""Language and light or dark: choices of the browser, and of the member if known.

They carry no CSRF token, so that pages for visitors are the same for everybody and
can be cached. The worst a forged request can do is to turn the light on.
"""

from django.conf import settings
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.services.language import set_language
from community.lib.pages import THEMES

ONE_YEAR = 365 * 24 * 3600


@csrf_exempt
@require_POST
def appearance(request):
    answer = _back(request)
    theme = request.POST.get("theme")
    if theme not in THEMES:
        answer.delete_cookie("theme", samesite="Lax")
        return answer
    return _remember(answer, "theme", theme)


@csrf_exempt
@require_POST
def language(request):
    answer = _back(request)
    chosen = request.POST.get("language")
    if chosen not in dict(settings.LANGUAGES):
        return answer
    if request.user.is_authenticated:
        set_language(member=request.user, language=chosen)
    return _remember(answer, settings.LANGUAGE_COOKIE_NAME, chosen)


def _remember(answer, name, value):
    answer.set_cookie(
        name,
        value,
        max_age=ONE_YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return answer


def _back(request):
    """To the page the choice was made on, if it is one of ours."""
    url = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(url if ours else "/")
