from django.shortcuts import render
from django.views.decorators.http import require_safe

from community.lib.text import small_number
from content.models import SearchDocument
from content.services import search as finding
from content.services import searches


@require_safe
def search(request):
    """One box for everything that this reader may know of."""
    words = request.GET.get("q", "").replace("\0", "").strip()[: finding.LONGEST_QUERY]
    kind = request.GET.get("kind", "")
    kind = kind if kind in SearchDocument.Kind.values else ""
    page = small_number(request.GET.get("page", "")) or 1
    page = min(max(page, 1), finding.MOST_PAGES)
    found = finding.search(words, request.user, kind=kind, page=page) if words else None
    if found and request.user.is_authenticated and page == 1 and not kind:
        in_vain = found.is_loose or not found.total
        searches.note_search(member=request.user, words=words, in_vain=in_vain)
    context = {
        "words": words,
        "kind": kind,
        "page": page,
        "found": found,
        "kinds": _kinds(found),
        "has_more": found
        and page < finding.MOST_PAGES
        and found.total > page * finding.PER_PAGE,
    }
    return render(request, "content/search.html", context)


def _kinds(found):
    """(value, label, number) of each kind that something was found of."""
    if found is None:
        return []
    return [
        (kind.value, kind.label, found.counts[kind])
        for kind in SearchDocument.Kind
        if found.counts.get(kind)
    ]
