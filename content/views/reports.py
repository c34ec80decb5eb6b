from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.decorators import active_member_required
from content import access
from content.errors import TooManyReports
from content.forms.moderation import ReportForm
from content.services import reports

PER_PAGE = 20


@active_member_required
def post_report(request, pk):
    post = access.get_post_to_judge(request.user, pk)
    form = ReportForm(request.POST or None)
    if form.is_valid() and _send(request, form, post):
        return redirect("content:my_reports")
    context = {"form": form, "post": post}
    status = 422 if form.is_bound else 200
    return render(request, "content/moderation/report.html", context, status=status)


def _send(request, form, post):
    try:
        reports.report(post=post, by=request.user, **form.cleaned_data)
    except TooManyReports:
        text = _("That is a lot for one day. Write to the operators if it is urgent.")
        form.add_error(None, text)
        return False
    messages.success(request, _("Thank you. Somebody looks at it, and you hear of it."))
    return True


@login_required
@require_safe
def my_reports(request):
    pages = Paginator(reports.reports_of(request.user), PER_PAGE)
    context = {"page": pages.get_page(request.GET.get("page"))}
    return render(request, "content/moderation/my_reports.html", context)
