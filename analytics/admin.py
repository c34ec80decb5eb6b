"""The desk's view of the models: what each run found, and what it predicts."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from analytics import catalogue_page, run_page
from analytics.models import (
    ActivityScore,
    Catalogue,
    Coverage,
    Figures,
    ModelRun,
    Recruiting,
    Revenue,
)
from analytics.services import coverage, revenue
from community.lib.admin import ReadOnlyAdmin, ReportAdmin


@admin.register(ModelRun)
class ModelRunAdmin(ReadOnlyAdmin):
    list_display = ["snapshot", "kind", "space", "judged", "members", "held_out"]
    list_display_links = ["snapshot", "kind"]
    list_filter = ["kind", "verdict", "space"]
    list_select_related = ["space"]
    search_fields = ["space__name"]
    date_hierarchy = "snapshot"
    change_form_template = "analytics/activity_run.html"

    @display(
        description=_("verdict"),
        label={
            ModelRun.Verdict.BETTER: "success",
            ModelRun.Verdict.NOTHING: "warning",
            ModelRun.Verdict.TOO_LITTLE: "info",
        },
        ordering="verdict",
    )
    def judged(self, run):
        return run.verdict, run.get_verdict_display()

    @admin.display(description=_("members"))
    def members(self, run):
        return run.numbers.get("fit", {}).get("n")

    @admin.display(description=_("R², held out"))
    def held_out(self, run):
        r2 = run.numbers.get("evaluation", {}).get("cv", {}).get("r2")
        return None if r2 is None else f"{r2:.2f}"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.get_object(request, object_id)
        context = {**run_page.page(run), "run": run} if run else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )


@admin.register(ActivityScore)
class ActivityScoreAdmin(ReadOnlyAdmin):
    list_display = ["member", "space", "expected", "between"]
    list_filter = ["space"]
    list_select_related = ["member", "space"]
    search_fields = ["member__username", "member__name"]
    ordering = ["predicted"]
    show_full_result_count = False

    @admin.display(description=_("active days expected"), ordering="predicted")
    def expected(self, score):
        return f"{score.predicted:.1f}"

    @admin.display(description=_("nine in ten between"))
    def between(self, score):
        return f"{score.low:.1f} – {score.high:.1f}"


@admin.register(Catalogue)
class CatalogueAdmin(ReportAdmin):
    template = "analytics/catalogue.html"

    def figures(self, request):
        made = Figures.objects.filter(report="catalogue").first()
        return {"made": made, **catalogue_page.page(made.figures)} if made else {}


@admin.register(Coverage)
class CoverageAdmin(ReportAdmin):
    template = "analytics/coverage.html"

    def figures(self, request):
        return {"subjects": coverage.coverage(), "days": coverage.FRESH_DAYS}


@admin.register(Recruiting)
class RecruitingAdmin(ReportAdmin):
    template = "analytics/recruiting.html"

    def figures(self, request):
        made = Figures.objects.filter(report="recruiting").first()
        if made is None:
            return {"tables": ()}
        tables = [(by, made.figures[by]) for by in ("channel", "campaign")]
        return {"made": made, "tables": tables}


@admin.register(Revenue)
class RevenueAdmin(ReportAdmin):
    template = "analytics/revenue.html"

    def figures(self, request):
        return {"currencies": revenue.report()}
