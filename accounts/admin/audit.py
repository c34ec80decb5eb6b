from django.contrib import admin

from accounts.models import AuditRecord
from community.lib.admin import ReadOnlyAdmin


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["number", "at", "actor", "act", "what", "reason"]
    list_filter = ["act", "at"]
    list_select_related = ["actor"]
    search_fields = ["actor__name", "actor__username", "reason", "object_id"]
    date_hierarchy = "at"

    @admin.display(description="what")
    def what(self, it):
        kind = it.object_kind or it.facts.get("kind", "")
        return f"{kind} {it.object_id or it.facts.get('row', '')}"
