from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from community.lib.text import small_number
from content import access
from content.services import bookmarks as keeping


@require_safe
@login_required
def bookmarks(request):
    """One's own only."""
    asked = request.GET.get("before", "")
    before = small_number(asked)
    if asked and not before:
        raise Http404
    kept, more = keeping.page_of(request.user, before=before)
    context = {"kept": kept, "next": more and kept[-1].pk}
    return render(request, "content/bookmarks/list.html", context)


@require_POST
@active_member_required
def bookmark_drop(request, pk):
    keeping.remove(bookmark=access.get_bookmark(request.user, pk))
    messages.success(request, _("Removed from what you keep."))
    return redirect("content:bookmarks")


@require_POST
@active_member_required
def item_bookmark(request, pk):
    item = access.get_item_by_number(request.user, pk)
    if request.POST.get("undo") == "1":
        keeping.drop(member=request.user, item=item)
        return redirect(item)
    keeping.keep(member=request.user, item=item)
    messages.success(request, _("You find it again under “What I keep”."))
    return redirect(item)
