from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import get_person_to_follow
from accounts.decorators import active_member_required
from content import access
from content.errors import TooManyReports
from content.forms.moderation import ReportForm
from content.services import reports

PER_PAGE = 20


@active_member_required
def post_report(request, pk):
    post = access.get_post_to_judge(request.user, pk)
    context = {
        "title": _("Report this post"),
        "who": post.author,
        "subject": post.topic.title,
        "back": post.get_absolute_url(),
    }
    return _report(request, context, reports.report, post=post)


@active_member_required
def rating_report(request, pk):
    rating = access.get_rating_to_report(request.user, pk)
    context = {
        "title": _("Report this rating"),
        "who": rating.member,
        "subject": rating.item.title,
        "back": rating.get_absolute_url(),
    }
    return _report(request, context, reports.report_rating, rating=rating)


@active_member_required
def live_message_report(request, pk, number):
    line = access.get_message_to_report(request.user, pk, number)
    return _report_line(request, line)


@active_member_required
def live_question_report(request, pk, number):
    line = access.get_live_question_to_report(request.user, pk, number)
    return _report_line(request, line)


def _report_line(request, line):
    context = {
        "title": _("Report a line in a live room"),
        "who": line.author,
        "subject": line.body,
        "back": line.room.get_absolute_url(),
    }
    return _report(request, context, reports.report_line, line=line)


@active_member_required
def person_report(request, handle):
    """The text or the picture of a member's page."""
    person = get_person_to_follow(request.user, handle)
    context = {
        "title": _("Report this page"),
        "who": _("The text or the picture of a member"),
        "subject": str(person),
        "back": person.get_absolute_url(),
    }
    return _report(request, context, reports.report_page, person=person)


def _report(request, context, act, **what):
    form = ReportForm(request.POST or None)
    if form.is_valid() and _send(request, form, act, what):
        return redirect("content:my_reports")
    status = 422 if form.is_bound else 200
    context["form"] = form
    return render(request, "content/moderation/report.html", context, status=status)


def _send(request, form, act, what):
    try:
        act(by=request.user, **what, **form.cleaned_data)
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
    page = pages.get_page(request.GET.get("page"))
    rows = [(it, *reports.about(it)) for it in page]
    context = {"page": page, "rows": rows}
    return render(request, "content/moderation/my_reports.html", context)
