from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.services import shares
from content import access
from content.services.studio import studio_of


@login_required
@require_safe
def studio(request):
    """A mentor's own courses: who learns, who asks, what they earn."""
    access.check_may_teach(request.user)
    context = {
        "studio": studio_of(request.user),
        "owed": shares.owed_by_currency(request.user),
    }
    return render(request, "content/studio/studio.html", context)
