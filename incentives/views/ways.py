from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from incentives.services.ways import ways_of


@login_required
@require_safe
def ways(request):
    context = {"ways": ways_of(request.user, language=get_language())}
    return render(request, "incentives/ways.html", context)
