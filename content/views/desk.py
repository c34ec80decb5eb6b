"""The editorial desk: the queue, the calendar, what grows old."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.decorators import active_member_required
from content import access
from content.forms.editorial import OutdatedForm
from content.services import desk, editorial


@login_required
@require_safe
def queue(request):
    access.check_is_on_the_desk(request.user)
    context = {
        "queue": desk.queue(),
        "changed": desk.changed_after_review(),
        "remarks": desk.remarks_after_review(),
    }
    return render(request, "content/desk/queue.html", context)


@login_required
@require_safe
def calendar(request):
    access.check_is_on_the_desk(request.user)
    context = {"month": desk.month_of(_month_asked(request))}
    context["today"] = timezone.localdate()
    return render(request, "content/desk/calendar.html", context)


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
    context = {"rows": desk.ageing(only_due=only_due), "only_due": only_due}
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
