from functools import wraps
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

LONG = 40  # letters: what nobody wants to type a second time


def active_account_required(view):
    """For one's own affairs, such as paying: signed in, and not suspended."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return _signed_out(request)
        if request.user.suspended_at:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _signed_out(request):
    """To the sign-in page; but who sent a text gets it back before that. Our scripts
    keep what was typed themselves, and only want to know."""
    if request.headers.get("X-While-Typing"):
        return HttpResponse(status=401)  # nobody pressed anything: they go on typing
    is_page = "text/html" in request.headers.get("Accept", "") and not request.htmx
    texts = [
        text
        for name, sent in request.POST.lists()
        for text in sent
        if name != "csrfmiddlewaretoken" and len(text) > LONG
    ]
    if is_page and texts:
        context = {"texts": texts}
        return render(request, "accounts/signed_out.html", context, status=401)
    if request.method == "POST" and (is_page or request.htmx):
        messages.info(
            request, _("You are no longer signed in: your last click was not taken.")
        )
    door = redirect_to_login(_where_they_were(request))
    # The whole page goes there, not the piece of it that was to be exchanged.
    return HttpResponseClientRedirect(door.url) if request.htmx else door


def _where_they_were(request):
    """The page to come back to: what was sent to may have nothing to show."""
    if request.method in ("GET", "HEAD") and not request.htmx:
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return "/"
    page = urlsplit(came_from)
    path = f"/{page.path.lstrip('/')}"  # two slashes would name another site
    return f"{path}?{page.query}" if page.query else path


def active_member_required(view):
    """For views that write: let in, too; who waits for that is shown how it stands."""

    @active_account_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_applicant:
            return redirect("accounts:joining")
        return view(request, *args, **kwargs)

    return guarded


def member_required(view):
    """For reading among members; who waits to be let in is shown how it stands."""

    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_applicant:
            return redirect("accounts:joining")
        return view(request, *args, **kwargs)

    return guarded


def visitors_sign_in(view):
    """Where a visitor is refused, signing in may help: ask them to, and come back."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            if request.user.is_authenticated:
                raise
            return redirect_to_login(request.get_full_path())

    return guarded
