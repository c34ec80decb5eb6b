"""Saying something to the operators, and seeing what became of it."""

from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.decorators import member_required
from accounts.services import news
from content import access
from content.forms.feedback import FeedbackForm
from content.services import feedback as talkback

PER_PAGE = 20


def feedback(request):
    """For everybody; the suspended, too: it may be their only word."""
    member = request.user
    if request.method != "POST":
        page = talkback.page_kept(_came_from(request))
        initial = {"page": page, "area": talkback.area_of(page)}
        return _show(request, FeedbackForm(initial=initial, member=member))
    form = FeedbackForm(request.POST, member=member)
    if not form.is_valid():
        return _show(request, form)
    if form.cleaned_data.pop("website"):
        return redirect("content:feedback")  # a machine: nobody waits for an answer
    # Counted by an address that is kept nowhere but in this count, for an hour.
    if not ratelimit.consume(request, action="feedback"):
        form.add_error(None, _("That is a lot at once. Please wait a while."))
        return _show(request, form)
    is_named = member.is_authenticated and not form.cleaned_data["is_anonymous"]
    form.cleaned_data.pop("is_anonymous", None)
    given = talkback.give(
        **form.cleaned_data,
        language=get_language(),
        member=member if is_named else None,
    )
    messages.success(request, _("Thank you. Somebody will read it."))
    return redirect(given)


def _came_from(request):
    """The path alone: what follows it may be a search, or a secret."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return ""
    return urlsplit(page).path


def _show(request, form):
    status = 422 if form.is_bound else 200
    return render(request, "content/feedback/new.html", {"form": form}, status=status)


@require_safe
def feedback_state(request, code):
    """How it stands: for who gave it, or, where nobody is named, who has the link."""
    given = access.get_feedback_to_see(request.user, code)
    response = render(request, "content/feedback/detail.html", {"feedback": given})
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


@member_required
@require_safe
def my_feedback(request):
    pages = Paginator(talkback.of_member(request.user), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    news.read_about(request.user, feedback=[it.pk for it in page])
    return render(request, "content/feedback/mine.html", {"page": page})
