"""The editorial desk: the queue, the calendar, what grows old."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import active_member_required
from content import access
from content.errors import NotAllowedNow
from content.forms.editorial import DayForm, OutdatedForm
from content.models import EditorialStep
from content.services import desk, editorial

Act = EditorialStep.Act
PER_PAGE = 20


@login_required
@require_safe
def queue(request):
    access.check_is_on_the_desk(request.user)
    show = request.GET.get("show", "")
    found = desk.queue(show=show, editor=request.user)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "show": show,
        "takes": access.is_editor(request.user),
        "changed": desk.changed_after_review(),
        "remarks": desk.remarks_after_review(),
    }
    return render(request, "content/desk/queue.html", context)


@active_member_required
@require_POST
def take(request):
    """Several at once."""
    chosen = request.POST.getlist("items")
    items = access.get_items_to_take(request.user, chosen)
    taken = editorial.take_each(items=items, by=request.user)
    text = ngettext("%(number)d taken.", "%(number)d taken.", taken)
    messages.success(request, text % {"number": taken})
    if left := len(set(chosen)) - taken:
        text = ngettext(
            "%(number)d was left: somebody was first, or you wrote it.",
            "%(number)d were left: somebody was first, or you wrote them.",
            left,
        )
        messages.warning(request, text % {"number": left})
    return redirect("/studio/desk/?show=mine")


@login_required
@require_safe
def calendar(request):
    access.check_is_on_the_desk(request.user)
    return _calendar(request, _month_asked(request))


def _calendar(request, first, *, refused=None):
    month = desk.month_of(first)
    context = {
        "month": month,
        "balance": desk.balance_of(month),
        "today": timezone.localdate(),
        "refused": refused,
    }
    status = 422 if refused else 200
    return render(request, "content/desk/calendar.html", context, status=status)


@active_member_required
@require_POST
def item_day(request, pk):
    """What is scheduled goes out on another day."""
    item = access.get_item_to_step(request.user, pk, Act.RESCHEDULED)
    if not item.is_scheduled:
        return _moved_on(request)
    form = DayForm(request.POST, item=item)
    if not form.is_valid():
        first = timezone.localdate(item.published_at).replace(day=1)
        return _calendar(request, first, refused=form)
    at = form.cleaned_data["day"]
    try:
        editorial.reschedule(item=item, by=request.user, at=at)
    except NotAllowedNow:
        return _moved_on(request)
    return redirect(f"/studio/desk/calendar/?month={at:%Y-%m}#item-{pk}")


def _moved_on(request):
    messages.warning(request, _("It has moved on meanwhile; nothing was changed."))
    return redirect("content:calendar")


def _month_asked(request):
    try:
        asked = dt.date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)
    # Whole weeks around it must be dates, too.
    return asked if 2000 <= asked.year <= 2200 else timezone.localdate().replace(day=1)


@login_required
@require_safe
def ageing(request):
    access.check_is_on_the_desk(request.user)
    only_due = request.GET.get("show") == "due"
    tag = request.GET.get("tag", "").replace("\0", "")
    found = desk.ageing(only_due=only_due, tag=tag)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "only_due": only_due, "tag": tag}
    return render(request, "content/desk/ageing.html", context)


@active_member_required
def outdated(request, pk):
    """A member says that something is no longer true."""
    item = access.get_item_to_flag(request.user, pk)
    form = OutdatedForm(request.POST or None)
    if form.is_valid():
        editorial.flag_outdated(item=item, member=request.user, **form.cleaned_data)
        messages.success(request, _("Thank you. The editors look at it."))
        return redirect(item)
    context = {"form": form, "item": item}
    status = 422 if form.is_bound else 200
    return render(request, "content/library/outdated.html", context, status=status)
