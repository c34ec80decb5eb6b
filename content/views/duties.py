"""The questions that wait for an answer, for those who answer them."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from content import access
from content.services import duties

PER_PAGE = 20
SHOWN = ("mine", "unassigned", "overdue", "all")


@login_required
@require_safe
def questions_waiting(request):
    topics = access.get_topics_to_care_for(request.user)
    show = request.GET.get("show", "mine")
    show = show if show in SHOWN else "mine"
    found = duties.queue(topics, reader=request.user, show=show)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "show": show,
        "now": timezone.now(),
        "in_time": duties.in_time(),
    }
    return render(request, "content/studio/waiting.html", context)


@require_POST
@active_member_required
def question_care(request, pk):
    """Take a question, or decline it."""
    duty = access.get_duty_to_care_for(request.user, pk)
    if request.POST.get("act") == "decline":
        duties.decline(duty=duty, by=request.user)
    else:
        duties.take(duty=duty, by=request.user)
    return redirect("content:questions_waiting")
