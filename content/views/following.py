"""What a member wants to hear of, and what is new to them."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.decorators import active_member_required
from content import access, blocks
from content.models import Stance
from content.services import following, unread


@require_POST
@active_member_required
def topic_follow(request, pk):
    topic = access.get_topic_to_read(request.user, pk)
    following.set_topic_stance(
        topic=topic, member=request.user, stance=_stance(request)
    )
    return redirect(topic)


@require_POST
@active_member_required
def space_follow(request, slug):
    space = access.get_space_to_read(request.user, slug)
    following.set_space_stance(
        space=space, member=request.user, stance=_stance(request)
    )
    return redirect("content:space", slug)


@require_POST
@active_member_required
def space_caught_up(request, slug):
    space = access.get_space_to_read(request.user, slug)
    following.catch_up(space=space, member=request.user)
    if request.POST.get("back") == "news":
        return redirect("content:whats_new")
    return redirect("content:space", slug)


@require_GET
@active_member_required
def whats_new(request):
    """What is new in all spaces of a member."""
    spaces = access.get_numbers_of_spaces(request.user)
    news = [
        {"space": it, "rows": blocks.rows_for(it.rows)}
        for it in unread.latest(request.user, spaces)
    ]
    return render(request, "content/topics/whats_new.html", {"news": news})


def _stance(request) -> str:
    stance = request.POST.get("stance", "")
    if stance and stance not in Stance:
        raise Http404
    return stance
