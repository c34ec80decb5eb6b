"""What is passed on to the world outside: a link, a code, a picture, a poster."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from content import access, posters
from content.services import sharing


@require_safe
def share(request, kind, pk):
    """A page of its own, and what opens under "Share" on the page of the thing."""
    shown = access.get_shown(kind, pk)
    context = {"shown": shown, "address": sharing.address_for(request.user, shown)}
    part = "#ways" if request.htmx else ""
    return render(request, f"content/sharing/share.html{part}", context)


@require_safe
@conditional_page
@cache_control(private=True, no_cache=True)
def poster(request, kind, pk):
    """The member's own: another one reads the code of another."""
    shown = access.get_shown(kind, pk)
    drawn = posters.poster(shown, sharing.address_for(request.user, shown))
    return HttpResponse(drawn, content_type="image/png")


@require_safe
def shown_picture(request, kind, pk, version):
    """The same for everybody; its address says all that it shows."""
    shown = access.get_shown(kind, pk)
    if version != shown.version:
        return redirect(shown.picture_path)
    answer = HttpResponse(posters.picture(shown), content_type="image/png")
    patch_cache_control(answer, public=True, max_age=365 * 24 * 3600, immutable=True)
    return answer
