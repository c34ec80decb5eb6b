"""The checklists that editors go through before something is let in."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from content.models import ChecklistPoint


@admin.register(ChecklistPoint)
class ChecklistPointAdmin(ModelAdmin):
    list_display = ["text", "kind", "position"]
    list_filter = ["kind"]
    search_fields = ["text", "text_zh"]
