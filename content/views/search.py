from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from community.lib.text import small_number, without_nul
from content.models import SearchDocument
from content.services import recent_searches, searches
from content.services import search as finding


@require_safe
def search(request):
    """One box for everything that this reader may know of."""
    words = without_nul(request.GET.get("q", "")).strip()[: finding.LONGEST_QUERY]
    kind = request.GET.get("kind", "")
    kind = kind if kind in SearchDocument.Kind.values else ""
    page = small_number(request.GET.get("page", "")) or 1
    page = min(max(page, 1), finding.MOST_PAGES)
    found = finding.search(words, request.user, kind=kind, page=page) if words else None
    if found and request.user.is_authenticated and page == 1 and not kind:
        in_vain = found.is_loose or not found.total
        searches.note_search(member=request.user, words=words, in_vain=in_vain)
    recent = _recent(request)
    context = {
        "words": words,
        "kind": kind,
        "page": page,
        "found": found,
        "kinds": _kinds(found),
        "recent": recent,
        "has_more": found
        and page < finding.MOST_PAGES
        and found.total > page * finding.PER_PAGE,
    }
    answer = render(request, "content/search.html", context)
    if words and request.user.is_authenticated:
        _keep(request, answer, recent_searches.with_one(recent, words))
    return answer


@require_POST
@login_required
def search_forget(request):
    """One search, or without words all of them."""
    words = request.POST.get("words")
    answer = redirect("content:search")
    left = recent_searches.without(_recent(request), words) if words else []
    _keep(request, answer, left)
    return answer


def _recent(request):
    if not request.user.is_authenticated:
        return []
    cookie = request.COOKIES.get(recent_searches.COOKIE, "")
    return recent_searches.recent(cookie, request.user)


def _keep(request, answer, recent):
    path = reverse("content:search")
    if not recent:
        answer.delete_cookie(recent_searches.COOKIE, path=path, samesite="Lax")
        return
    answer.set_cookie(
        recent_searches.COOKIE,
        recent_searches.sealed(recent, request.user),
        max_age=recent_searches.REMEMBERED,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _kinds(found):
    """(value, label, number) of each kind that something was found of."""
    if found is None:
        return []
    return [
        (kind.value, kind.label, found.counts[kind])
        for kind in SearchDocument.Kind
        if found.counts.get(kind)
    ]
