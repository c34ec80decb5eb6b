"""What a player tells while it plays: where it is, and that it still does."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.decorators import active_member_required
from content import access
from content.services import playing, watching


@active_member_required
@require_POST
def lesson_position(request, pk):
    return _keep_place(request, access.get_lesson_to_learn(request.user, pk))


@active_member_required
@require_POST
def file_position(request, pk):
    return _keep_place(request, access.get_file_to_play(request.user, pk))


def _keep_place(request, played):
    seconds = request.POST.get("position", "")
    if not seconds.isdecimal() or len(seconds) > 6:
        return HttpResponse(_("Not a position."), status=422)
    playing.keep_place(member=request.user, played=played, seconds=int(seconds))
    is_begun = "begins" in request.POST
    watching.beat(member=request.user, played=played, begins=is_begun)
    return HttpResponse(status=204)
