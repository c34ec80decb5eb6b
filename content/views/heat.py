"""Talk that grows heated: for those who keep order there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from content import access
from content.errors import TakenByOther
from content.services import heat

PER_PAGE = 20


@login_required
@require_safe
def heat_list(request):
    rows = heat.shown(access.get_heat(request.user))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "topics": heat.told(page.object_list)}
    return render(request, "content/moderation/heat.html", context)


@active_member_required
@require_POST
def heat_take(request, pk):
    row = access.get_heat_to_calm(request.user, pk)
    if request.POST.get("undo") == "1":
        heat.give_back(row=row, by=request.user)
        return redirect("content:heat")
    try:
        heat.take(row=row, by=request.user)
    except TakenByOther:
        messages.warning(request, _("Somebody else has taken it meanwhile."))
        return redirect("content:heat")
    messages.success(request, _("Others see that you write a word there."))
    return redirect(row.topic)


@active_member_required
@require_POST
def heat_leave(request, pk):
    row = access.get_heat_to_calm(request.user, pk)
    heat.leave_alone(row=row, by=request.user)
    messages.success(request, _("It is not shown here for a day."))
    return redirect("content:heat")
