from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required, member_required
from accounts.services import news
from content import access
from content.errors import NotAllowedNow, TooManyPosts
from content.forms.suggestions import SuggestionForm
from content.models import Suggestion
from content.services import suggestions as board

State = Suggestion.State
SHOWN = (State.OPEN, State.PLANNED, State.DOING, State.DONE, State.DECLINED)
CHANGES_PER_PAGE = 20


@member_required
@require_safe
def suggestions(request):
    sort = request.GET.get("sort", "votes")
    state = request.GET.get("state", "")
    if sort not in board.SORTS or (state and state not in SHOWN):
        raise Http404
    after = _after(request.GET.get("after", ""))
    rows, more = board.board(sort=sort, state=state, after=after)
    context = {
        "rows": rows,
        "more": more,
        "sort": sort,
        "state": state,
        "states": SHOWN,
        "voted": board.voted_by(request.user, rows),
        "waiting": board.waiting_of(request.user) if not after else (),
    }
    return render(request, "content/suggestions/list.html", context)


def _after(mark):
    votes, _dash, pk = mark.partition("-")
    if not mark:
        return None
    if not (votes.isdecimal() and pk.isdecimal() and len(mark) < 30):
        raise Http404
    return int(votes), int(pk)


@member_required
@require_safe
def suggestion(request, pk):
    shown = access.get_suggestion_to_read(request.user, pk)
    if shown.merged_into_id:
        return redirect(shown.merged_into)
    news.read_about(request.user, suggestion=[pk])
    context = {
        "suggestion": shown,
        "has_voted": bool(board.voted_by(request.user, [shown])),
        "may_vote": shown.is_voted_on,
    }
    return render(request, "content/suggestions/detail.html", context)


@active_member_required
def suggestion_new(request):
    form = SuggestionForm(request.POST or None)
    if form.is_valid():
        try:
            made = board.suggest(author=request.user, **form.cleaned_data)
        except TooManyPosts:
            form.add_error(None, _("That is a lot for one day. Please go on tomorrow."))
        else:
            messages.success(request, _("Thank you. An operator looks at it first."))
            return redirect(made)
    status = 422 if form.is_bound else 200
    return render(
        request, "content/suggestions/new.html", {"form": form}, status=status
    )


@active_member_required
@require_POST
def suggestion_vote(request, pk):
    shown = access.get_suggestion_to_read(request.user, pk)
    try:
        if "withdraw" in request.POST:
            board.withdraw_vote(suggestion=shown, by=request.user)
        else:
            board.vote(suggestion=shown, by=request.user)
    except NotAllowedNow:
        messages.error(request, _("It is not voted on any more."))
    return redirect(shown)


@member_required
@require_safe
def changes(request):
    """You said, we did."""
    pages = Paginator(board.changes(), CHANGES_PER_PAGE)
    context = {"page": pages.get_page(request.GET.get("page"))}
    return render(request, "content/suggestions/changes.html", context)
