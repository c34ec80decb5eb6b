"""The desk's view of the models: what each run found, and what it predicts."""

from django.contrib import admin, messages
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from analytics import catalogue_page, event_page, run_page, trial_page
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
    Trial,
    TrialRun,
)
from analytics.services import coverage, revenue, trials
from community.lib.admin import ReadOnlyAdmin, ReportAdmin, row_or_404


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


@admin.register(Trial)
class TrialAdmin(ReadOnlyAdmin):
    """What each incentive that is tried with a group held out has done."""

    list_display = ["name", "judged", "percent", "outcome", "until", "as_of", "effect"]
    list_select_related = ["rule", "campaign"]
    list_filter = ["outcome"]
    change_form_template = "analytics/trial.html"
    actions_detail = ["replay_nothing"]

    def get_queryset(self, request):
        runs = Prefetch("runs", TrialRun.objects.order_by("-as_of"), to_attr="looks")
        return super().get_queryset(request).prefetch_related(runs)

    @admin.display(description=_("incentive"))
    def name(self, trial):
        return str(trial.subject)

    @display(
        description=_("verdict"),
        label={
            TrialRun.Verdict.DECIDED: "success",
            TrialRun.Verdict.UNEVEN: "danger",
            TrialRun.Verdict.TOO_FEW: "warning",
            TrialRun.Verdict.RUNNING: "info",
            "": "info",
        },
    )
    def judged(self, trial):
        if not trial.looks:
            return "", _("not counted yet") if trial.started_at else _("not started")
        return trial.looks[0].verdict, trial.looks[0].get_verdict_display()

    @admin.display(description=_("up to the end of"))
    def as_of(self, trial):
        return trial.looks[0].as_of if trial.looks else None

    @admin.display(description=_("effect"))
    def effect(self, trial):
        return trial_page.in_short(trial, trial.looks[0]) if trial.looks else "–"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        trial = self.get_object(request, object_id)
        context = trial_page.page(trial) if trial else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    @action(description=_("Try it on nothing"), url_path="replay")
    def replay_nothing(self, request, object_id):
        """It changes nothing: numbers are dealt and thrown away."""
        trial = row_or_404(self, request, object_id)
        found = trials.replay_nothing(trial)
        told = messages.success if found and found.is_honest else messages.warning
        told(request, trial_page.false_alarms(found))
        return redirect(reverse("admin:analytics_trial_change", args=[trial.pk]))


def _interval(numbers, hits, of, name):
    if name not in numbers or not numbers[of]:
        return "–"
    low, high = numbers[name]
    return f"{numbers[hits] / numbers[of]:.0%} ({low:.0%} – {high:.0%})"
