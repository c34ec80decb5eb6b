from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from community.lib.dates import site_day
from incentives.services import badges


@login_required
@require_safe
def shelf(request):
    """The badges of a member, those still to earn, and their days in a row."""
    context = {
        "badges": badges.shown_for(request.user, language=get_language()),
        "streak": badges.days_in_a_row(request.user, site_day()),
        "rest": badges.REST_DAYS,
    }
    return render(request, "incentives/badges.html", context)
