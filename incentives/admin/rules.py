from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.admin.journal import Journaled
from accounts.models import JournalEntry, User
from community.lib.admin import (
    ActsOnSome,
    ReadOnlyAdmin,
    ask_first,
    row_or_404,
    row_to_change,
)
from incentives.forms.fairness import WindowForm
from incentives.forms.rules import DaysForm, ReplayForm, SureForm
from incentives.models import Award, PointRule
from incentives.services import fairness, replay, rules, trials
from incentives.services.figures import chart_of

SHOWN = 100  # differences on a page


def _is_draft(rule):
    return rule.is_draft


def _pays(rule):
    return rule.since is not None and rule.until is None


@admin.register(PointRule)
class PointRuleAdmin(ActsOnSome, Journaled, ModelAdmin):
    """A rule is drafted, tried on the past, put in force; to change it, a new version
    is drafted."""

    begins_as_draft = True
    list_display = ["title", "verb", "points", "version", "state", "since", "until"]
    list_filter = ["verb"]
    search_fields = ["title", "title_zh"]
    list_select_related = ["space", "budget"]
    fieldsets = [
        (None, {"fields": ["verb", "title", "title_zh", "undone_by"]}),
        (
            _("Only when"),
            {
                "fields": [
                    *("space", "kind", "role"),
                    ("detail", "detail_from", "detail_to"),
                    ("turn", "turn_number"),
                    "once_a_thing",
                ]
            },
        ),
        (
            _("How much"),
            {
                "fields": [
                    ("points", "per", "most"),
                    ("further_percent", "further_in"),
                ]
            },
        ),
        (
            _("Bounds"),
            {
                "fields": [
                    ("cap_day", "cap_week", "cap_all"),
                    "rest_minutes",
                    ("wait_days", "valid_months"),
                    "budget",
                ]
            },
        ),
        (_("In force"), {"fields": [("version", "state"), ("since", "until")]}),
    ]
    readonly_fields = ["version", "state", "since", "until"]
    actions_detail = ["try_out", "go_live", "next_version", "end"]
    actions_list = ["replay"]
    acts_on = {"go_live": _is_draft, "next_version": _pays, "end": _pays}

    @admin.display(description=_("state"))
    def state(self, rule):
        if rule.is_draft:
            return _("Draft")
        return _("Ended or ending") if rule.until else _("In force")

    def get_readonly_fields(self, request, obj=None):
        """What was paid by must stay what it was; a version keeps the deed."""
        if obj is None:
            return self.readonly_fields
        if obj.is_draft:
            return [*self.readonly_fields, *(["verb"] if obj.version > 1 else [])]
        return [field.name for field in PointRule._meta.fields] + ["state"]

    def get_changeform_initial_data(self, request):
        return {"since": None, **super().get_changeform_initial_data(request)}

    def save_model(self, request, obj, form, change):
        if not change or obj.is_draft:
            rules.save_draft(rule=obj, by=request.user)

    def has_delete_permission(self, request, obj=None):
        return bool(obj and obj.is_draft) and super().has_delete_permission(
            request, obj
        )

    def delete_model(self, request, obj):
        rules.drop_draft(rule=obj, by=request.user)

    @action(description=_("Try on the past…"), url_path="try", permissions=["view"])
    def try_out(self, request, object_id):
        rule = row_or_404(self, request, object_id)
        form = DaysForm(request.GET or None)
        days = form.cleaned_data["days"] if form.is_valid() else trials.DAYS
        trial = trials.try_out(rule, days=days)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Trial: %(rule)s") % {"rule": rule},
            "opts": PointRule._meta,
            "rule": rule,
            "form": form if form.is_bound else DaysForm(),
            "trial": trial,
            "chart": chart_of(trial),
            "back": reverse("admin:incentives_pointrule_change", args=[rule.pk]),
            "may_go_live": rule.is_draft and self.has_change_permission(request, rule),
        }
        return render(request, "admin/incentives/trial.html", context)

    @action(description=_("Put in force…"), url_path="go-live", permissions=["change"])
    def go_live(self, request, object_id):
        rule = row_to_change(self, request, object_id)
        return self.ask_why(
            request,
            rule,
            title=_("Put in force"),
            deed=JournalEntry.Deed.STARTED,
            note=_(
                "It pays for what is done from now on. The version before it, if there "
                "is one, ends in the same moment."
            ),
            act=lambda: rules.go_live(rule=rule, by=request.user),
        )

    @action(
        description=_("Draft a new version"), url_path="next", permissions=["change"]
    )
    def next_version(self, request, object_id):
        rule = row_to_change(self, request, object_id)

        def draft(_data):
            made = rules.draft_next(rule=rule, by=request.user)
            return redirect("admin:incentives_pointrule_change", made.pk)

        return ask_first(
            request,
            admin=self,
            row=rule,
            form=SureForm(request.POST or None),
            title=_("Draft a new version"),
            note=_("The rule pays as before until the draft is put in force."),
            act=draft,
        )

    @action(description=_("End…"), url_path="end", permissions=["change"])
    def end(self, request, object_id):
        rule = row_to_change(self, request, object_id)
        return self.ask_why(
            request,
            rule,
            title=_("End this rule"),
            deed=JournalEntry.Deed.STOPPED,
            note=_("What was done before is still paid by it."),
            act=lambda: rules.end(rule=rule, by=request.user),
        )

    @action(description=_("Replay…"), url_path="replay", permissions=["change"])
    def replay(self, request):
        """What differs, then, when it is wanted, making it good."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        data = request.POST or request.GET
        form = ReplayForm(data or None)
        found = None
        if form.is_valid():
            days = form.cleaned_data["days"]
            if request.method == "POST":
                number = replay.replay(days=days, by=request.user)
                messages.success(
                    request, _("Put right: %(number)d deeds.") % {"number": number}
                )
                return redirect("admin:incentives_pointrule_changelist")
            found = replay.differences(days=days)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Replay"),
            "opts": PointRule._meta,
            "form": form if form.is_bound else ReplayForm(),
            "found": found,
            "shown": _with_names(found[:SHOWN]) if found else [],
            "change": sum(it.change for it in found or []),
            "back": reverse("admin:incentives_pointrule_changelist"),
        }
        return render(request, "admin/incentives/replay.html", context)


def _with_names(found):
    people = User.objects.in_bulk({it.member for it in found})
    return [(people.get(it.member), it) for it in found]


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin):
    list_display = [
        *("awarded_at", "member", "rule", "points", "outcome", "undone_at"),
        "fell_by",
    ]
    list_filter = ["outcome", "rule"]
    list_select_related = ["member", "rule"]
    search_fields = ["member__name", "member__username"]
    date_hierarchy = "awarded_at"
    actions_list = ["fairness"]

    @action(
        description=_("Who receives what"), url_path="fairness", permissions=["view"]
    )
    def fairness(self, request):
        form = WindowForm(request.GET or None)
        days = form.cleaned_data["days"] if form.is_valid() else fairness.DAYS
        context = {
            **self.admin_site.each_context(request),
            "title": _("Who receives what"),
            "opts": Award._meta,
            "form": form if form.is_bound else WindowForm(),
            "found": fairness.look(days=days),
            "fewest": fairness.FEWEST,
            "back": reverse("admin:incentives_award_changelist"),
        }
        return render(request, "admin/incentives/fairness.html", context)
