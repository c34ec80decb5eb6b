from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from accounts.admin.journal import Journaled
from community.lib.admin import ReadOnlyAdmin
from incentives.models import Ladder, Level, LevelChange, Standing

WORDS = ["title", "title_zh", "benefits", "benefits_zh"]


class LevelInline(TabularInline):
    model = Level
    extra = 0
    fields = ["number", "threshold", *WORDS]

    def get_readonly_fields(self, request, obj=None):
        """Of a ladder in force only the words may change."""
        return ["number", "threshold"] if obj and obj.is_in_force else []

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and not _is_fixed(obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not _is_fixed(obj)


def _is_fixed(ladder: Ladder | None) -> bool:
    return ladder is not None and ladder.is_in_force


@admin.register(Ladder)
class LadderAdmin(Journaled, ModelAdmin):
    list_display = ["since", "measure", "days"]
    inlines = [LevelInline]

    def get_readonly_fields(self, request, obj=None):
        return ["measure", "days", "since"] if _is_fixed(obj) else []

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (
            obj is not None and not obj.is_in_force
        )


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    list_display = ["member", "level", "value", "stays_until"]
    list_filter = ["level", ("stays_until", admin.EmptyFieldListFilter)]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]


@admin.register(LevelChange)
class LevelChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "member", "was", "became", "value", "ladder"]
    list_filter = ["became"]
    list_select_related = ["member", "ladder"]
    search_fields = ["member__name", "member__username"]
    date_hierarchy = "at"
