"""What members reported of their messages: the only ones that the desk can read."""

import datetime as dt

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.forms.desk import NoteForm
from accounts.models import MessageReport, User
from accounts.services import messages
from community.lib.admin import ReadOnlyAdmin, ask_first, row_or_404


@admin.register(MessageReport)
class MessageReportAdmin(ReadOnlyAdmin):
    """Opening a report is noted in the audit chain."""

    list_display = ["at", "about", "reporter", "closed_at"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "at"]
    list_select_related = ["about", "reporter"]
    search_fields = ["about__name", "about__username", "reporter__name"]
    fields = ["about", "reporter", "at", "words", "told", "closed_at", "closed_by"]
    readonly_fields = ["told"]
    actions_detail = ["settle"]
    acts_on = {"settle": lambda report: report.closed_at is None}

    def has_view_permission(self, request, obj=None):
        """Operators only, whatever else somebody of the staff may see."""
        return request.user.is_operator and super().has_view_permission(request, obj)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        report = row_or_404(self, request, object_id)
        if self.has_view_permission(request, report):
            messages.note_reading(report=report, by=request.user)
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=_("messages"))
    def told(self, report):
        authors = User.objects.in_bulk({it["by"] for it in report.excerpt})
        lines = [
            (_moment(it["at"]), authors[it["by"]], it["body"]) for it in report.excerpt
        ]
        return format_html_join("", "<p>{} <strong>{}</strong><br>{}</p>", lines)

    @action(description=_("Settle"), url_path="settle", permissions=["view"])
    def settle(self, request, object_id):
        report = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=report,
            form=NoteForm(request.POST or None),
            title=_("Settle"),
            act=lambda said: messages.settle_report(
                report=report, by=request.user, **said
            ),
        )


def _moment(text):
    moment = localtime(dt.datetime.fromisoformat(text))
    return date_format(moment, "SHORT_DATETIME_FORMAT")
