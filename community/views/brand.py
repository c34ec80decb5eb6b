"""The community's own colour and mark, under addresses that change with them."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.services import community
from community import brand
from community.lib.files import send_public

for_ever = cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)


@require_safe
@for_ever
def brand_stylesheet(request: HttpRequest, version: str) -> HttpResponse:
    accent = community.current().accent
    css = brand.stylesheet(accent) if accent else ""
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@require_safe
@for_ever
def brand_picture(request: HttpRequest, version: str) -> HttpResponse:
    picture = brand.shared_picture(community.current())
    return HttpResponse(picture, content_type="image/png")


@require_safe
@for_ever
def brand_logo(request: HttpRequest, name: str) -> HttpResponseBase:
    return send_public(request, "brand", name)
