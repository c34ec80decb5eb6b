from django.contrib import admin
from unfold.admin import ModelAdmin

from community.lib.admin import ReadOnlyAdmin, TellsChanges
from incentives.models import Badge, BadgeHolder

RULE = ["verb", "how", "number", "rest_days"]


@admin.register(Badge)
class BadgeAdmin(TellsChanges, ModelAdmin):
    list_display = ["name", "verb", "how", "number", "is_active"]
    list_filter = ["is_active", "how"]
    search_fields = ["name", "name_zh"]

    def get_readonly_fields(self, request, obj=None):
        """What it was earned by stays what it was."""
        return RULE if obj and obj.holders.exists() else []

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            obj is not None and not obj.holders.exists()
        )


@admin.register(BadgeHolder)
class BadgeHolderAdmin(ReadOnlyAdmin):
    list_display = ["earned_at", "member", "badge"]
    list_filter = ["badge"]
    list_select_related = ["member", "badge"]
    search_fields = ["member__name", "member__username"]
    date_hierarchy = "earned_at"
