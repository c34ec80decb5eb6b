"""What editors go through before something is let in, and say when it is not."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from content.models import ChecklistPoint, ReturnReason


@admin.register(ChecklistPoint)
class ChecklistPointAdmin(ModelAdmin):
    list_display = ["text", "kind", "position"]
    list_filter = ["kind"]
    search_fields = ["text", "text_zh"]


@admin.register(ReturnReason)
class ReturnReasonAdmin(ModelAdmin):
    list_display = ["text", "text_zh", "position"]
    list_editable = ["position"]
    search_fields = ["text", "text_zh"]
