from zoneinfo import ZoneInfo

from django.contrib.auth.middleware import get_user
from django.utils import timezone, translation


class MemberLocaleMiddleware:
    """Shows a signed-in member the site in their own language and time zone.

    The member replaces Django's lazy stand-in: every page needs them here, and a
    hundred looks through the stand-in are a tenth of a page.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        member = request.user = get_user(request)
        if not member.is_authenticated:
            return self.get_response(request)
        if member.language:
            translation.activate(member.language)
            request.LANGUAGE_CODE = member.language
        if member.time_zone:
            timezone.activate(ZoneInfo(member.time_zone))
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()
