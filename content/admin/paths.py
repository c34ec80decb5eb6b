"""Learning paths: which items, in which order."""

from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from content.models import LearningPath, PathStep


class PathStepInline(TabularInline):
    model = PathStep
    extra = 1
    autocomplete_fields = ["item"]


@admin.register(LearningPath)
class LearningPathAdmin(ModelAdmin):
    list_display = ["title", "is_shown", "position", "length"]
    list_editable = ["is_shown", "position"]
    search_fields = ["title", "goal"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "goal", "is_shown", "position"]
    inlines = [PathStepInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(length=Count("steps"))

    @admin.display(description=_("steps"))
    def length(self, path):
        return path.length
