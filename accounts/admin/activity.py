from django.contrib import admin

from accounts.models import Activity
from community.lib.admin import ReadOnlyAdmin


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ["at", "member", "verb", "space", "object_kind", "object_id"]
    list_filter = ["verb"]
    list_select_related = ["member", "space"]
    date_hierarchy = "at"
    show_full_result_count = False
