from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from incentives import access
from incentives.forms.rankings import RankingForm
from incentives.services import rankings


@login_required
@require_safe
def ranking(request):
    """Points earned of late: the top, one's neighbours, one's own progress."""
    spaces = access.spaces_to_rank(request.user)
    form = RankingForm({"period": "month", **request.GET.dict()}, spaces=spaces)
    context = {"form": form}
    if form.is_valid():
        context["ranking"] = rankings.ranking_for(request.user, **form.cleaned_data)
    status = 200 if form.is_valid() else 422
    return render(request, "incentives/ranking.html", context, status=status)


@active_member_required
@require_POST
def ranking_leave(request):
    rankings.leave(member=request.user)
    messages.success(request, _("You stand in no ranking now."))
    return redirect("incentives:ranking")


@active_member_required
@require_POST
def ranking_come_back(request):
    rankings.come_back(member=request.user)
    messages.success(request, _("You stand in the rankings again."))
    return redirect("incentives:ranking")
