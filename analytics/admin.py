"""The desk's view of the models: what each run found, and what it predicts."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from analytics import catalogue_page, event_page, run_page
from analytics.models import (
    ActivityScore,
    Catalogue,
    Coverage,
    EffectRun,
    Events,
    Figures,
    ModelRun,
    Recruiting,
    Revenue,
    TriageRun,
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


@admin.register(EffectRun)
class EffectRunAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "judged", "events", "pairs", "made_at"]
    list_filter = ["verdict"]
    change_form_template = "analytics/effect_run.html"

    @display(
        description=_("verdict"),
        label={
            EffectRun.Verdict.ALIKE: "success",
            EffectRun.Verdict.UNLIKE: "warning",
            EffectRun.Verdict.TOO_LITTLE: "info",
        },
        ordering="verdict",
    )
    def judged(self, run):
        return run.verdict, run.get_verdict_display()

    @admin.display(description=_("events"))
    def events(self, run):
        return len(run.numbers["events"])

    @admin.display(description=_("pairs"))
    def pairs(self, run):
        return run.numbers["whole"]["pairs"]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.get_object(request, object_id)
        context = event_page.page(run) if run else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )


@admin.register(Events)
class EventsAdmin(ReportAdmin):
    template = "analytics/events.html"

    def figures(self, request):
        run = EffectRun.objects.first()
        return event_page.page(run) if run else {}


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


@admin.register(TriageRun)
class TriageRunAdmin(ReadOnlyAdmin):
    """How well the triage of posts marks what people would not let through."""

    list_display = ["as_of", "judged", "decisions", "precision", "recall", "baseline"]
    fields = readonly_fields = [
        *("as_of", "made_at", "judged", "decisions", "seen", "since"),
        *("precision", "recall", "baseline", "limits"),
    ]

    @display(
        description=_("verdict"),
        label={
            TriageRun.Verdict.USEFUL: "success",
            TriageRun.Verdict.NOTHING: "warning",
            TriageRun.Verdict.TOO_LITTLE: "info",
        },
        ordering="verdict",
    )
    def judged(self, run):
        return run.verdict, run.get_verdict_display()

    @admin.display(description=_("decisions"))
    def decisions(self, run):
        return run.numbers.get("decisions")

    @admin.display(description=_("held out: texts, not let through, marked, rightly"))
    def seen(self, run):
        names = ("texts", "refused", "marked", "right")
        return " · ".join(str(run.numbers.get(name, "–")) for name in names)

    @admin.display(description=_("held out since"))
    def since(self, run):
        return run.numbers.get("from", "–")

    @admin.display(description=_("precision"))
    def precision(self, run):
        return _interval(run.numbers, "right", "marked", "precision")

    @admin.display(description=_("recall"))
    def recall(self, run):
        return _interval(run.numbers, "right", "refused", "recall")

    @admin.display(description=_("precision of marking at random"))
    def baseline(self, run):
        if not run.numbers.get("texts"):
            return "–"
        return f"{run.numbers['refused'] / run.numbers['texts']:.0%}"

    @admin.display(description=_("what it means"))
    def limits(self, run):
        return _(
            "Learned from the earlier three quarters of the decisions and judged on "
            "the later quarter, which it had not seen; in brackets, between which "
            "shares the true one likely lies (95 %). It knows only texts that somebody "
            "looked at, puts posts into the queue, and hides nothing."
        )


def _interval(numbers, hits, of, name):
    if name not in numbers or not numbers[of]:
        return "–"
    low, high = numbers[name]
    return f"{numbers[hits] / numbers[of]:.0%} ({low:.0%} – {high:.0%})"
