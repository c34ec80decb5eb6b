from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import access
from accounts.decorators import active_account_required
from accounts.forms.news import NewsForm
from accounts.services import bounces, news
from accounts.services import news_choices as choices
from community.lib.text import small_number


@login_required
@require_safe
def notifications(request):
    asked = small_number(request.GET.get("before", ""))
    before = access.get_own_news(request.user, asked) if asked else None
    rows = list(news.page_for(request.user, before))
    shown, more = rows[: news.PAGE], len(rows) > news.PAGE
    lines = news.lines(request.user, shown)
    news.read_unseen(request.user, shown, lines)
    context = {"lines": lines, "next": shown[-1].pk if more else None}
    return render(request, "accounts/news/list.html", context)


@login_required
@require_safe
def notification_open(request, pk):
    address = news.open_line(request.user, access.get_own_news(request.user, pk))
    if address:
        return redirect(address)
    messages.info(request, _("What this was about can no longer be seen."))
    return redirect("accounts:notifications")


@login_required
@require_POST
def notifications_read(request):
    news.read_all(request.user)
    return redirect("accounts:notifications")


@active_account_required
def news_choices(request):
    choice = choices.choice_of(request.user)
    form = NewsForm(request.POST or None, instance=choice)
    if form.is_valid():
        choices.choose(member=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("accounts:news_choices")
    return render(
        request,
        "accounts/me/news.html",
        {"form": form, "zone": choices.zone_of(request.user)},
        status=422 if form.is_bound else 200,
    )


@active_account_required
@require_POST
def address_trust(request):
    """The member says that their address takes mail again."""
    bounces.trust(request.user)
    messages.success(request, _("We will write to you again."))
    return redirect("accounts:news_choices")


@csrf_exempt  # mail programs press the button themselves, see RFC 8058
@require_http_methods(["GET", "HEAD", "POST"])
def news_stop(request, token):
    """Ends one sort of mail without signing in: whoever has the link got the mail."""
    member, what = access.get_news_to_stop(token)
    is_done = request.method == "POST"
    if is_done:
        choices.stop(member=member, what=what)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse(status=200)
    context = {"what": choices.name_of(what), "is_done": is_done}
    return render(request, "accounts/news/stop.html", context)
