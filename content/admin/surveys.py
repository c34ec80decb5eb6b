"""Which surveys run and how many are asked; answers are seen as sums alone."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from community.lib.admin import ReportAdmin, TellsChanges
from content.models import Survey, SurveyReport
from content.services import survey_report


@admin.register(Survey)
class SurveyAdmin(TellsChanges, ModelAdmin):
    list_display = [
        *("kind", "occasion", "share", "most_a_month", "starts_on", "ends_on"),
    ]
    list_filter = ["kind", "occasion"]

    def has_delete_permission(self, request, obj=None):
        return False  # it ends, and keeps what was answered


@admin.register(SurveyReport)
class SurveyReportAdmin(ReportAdmin):
    template = "content/surveys/report.html"

    def figures(self, request):
        return survey_report.report()
