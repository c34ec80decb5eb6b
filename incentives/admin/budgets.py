from django.contrib import admin
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from community.lib.admin import ReadOnlyAdmin, TellsChanges
from community.lib.money import shown
from incentives.models import Budget, Grant
from incentives.services import budgets


@admin.register(Budget)
class BudgetAdmin(TellsChanges, ModelAdmin):
    list_display = ["name", "amount_of", "every", "left"]
    list_filter = ["every", "unit"]
    search_fields = ["name"]
    fields = ["name", "unit", "amount", "every", "left", "forecast", "last_days"]

    def get_readonly_fields(self, request, obj=None):
        """What was paid from it is told by its unit and its periods."""
        fixed = ["unit", "every"] if obj else []
        return [*fixed, "left", "forecast", "last_days"]

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        budgets.fund(obj, by=request.user)

    @admin.display(description=_("amount"))
    def amount_of(self, budget):
        return shown(budget.amount, budget.unit)

    @admin.display(description=_("left in this period"))
    def left(self, budget):
        return shown(budgets.left(budget), budget.unit) if budget.pk else "–"

    @admin.display(description=_("at this pace"))
    def forecast(self, budget):
        if not budget.pk:
            return "–"
        told = budgets.forecast(budget)
        if told.days_seen < budgets.FEWEST_DAYS:
            return gettext("There are too few days yet to say how long it lasts.")
        if told.day is None:
            return gettext("It lasts: next to nothing is paid out of it.")
        words = {
            "day": date_format(told.day),
            "first": date_format(told.earliest),
            "last": date_format(told.latest) if told.latest else gettext("much later"),
        }
        return gettext("It lasts until %(day)s (%(first)s to %(last)s).") % words

    @admin.display(description=_("paid out by day"))
    def last_days(self, budget):
        if not budget.pk:
            return "–"
        days = list(budgets.spent_by_day(budget).items())[-14:]
        told = [f"{date_format(day)}: {shown(n, budget.unit)}" for day, n in days]
        return " · ".join(told) or "–"


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ["at", "member", "points", "pending", "reversed", "cause", "budget"]
    list_filter = ["cause", "budget"]
    list_select_related = ["member", "budget"]
    search_fields = ["key", "member__name", "member__username"]
    date_hierarchy = "at"
