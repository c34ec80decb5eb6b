from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.admin.journal import Journaled
from community.lib.admin import ReadOnlyAdmin
from incentives.models import Award, PointRule


@admin.register(PointRule)
class PointRuleAdmin(Journaled, ModelAdmin):
    list_display = ["title", "verb", "points", "since", "until"]
    list_filter = ["verb"]
    search_fields = ["title", "title_zh"]

    def get_readonly_fields(self, request, obj=None):
        """What was paid by must stay what it was: only its end may be set."""
        return ["verb", "undone_by", "points", "since"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin):
    list_display = ["awarded_at", "member", "rule", "points", "undone_at"]
    list_filter = ["rule"]
    list_select_related = ["member", "rule"]
    search_fields = ["member__name", "member__username"]
    date_hierarchy = "awarded_at"
