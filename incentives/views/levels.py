from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from incentives.services import levels


@login_required
@require_safe
def ladder(request):
    """Where a member stands, what is missing to the next level, what each brings."""
    context = {"progress": levels.progress_of(request.user, language=get_language())}
    return render(request, "incentives/levels.html", context)
