from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.forms.desk import EntitlementForm
from accounts.models import Entitlement
from community.lib.admin import TellsChanges


@admin.register(Entitlement)
class EntitlementAdmin(TellsChanges, ModelAdmin):
    """Given by hand with a reason; ended by revoking, never deleted."""

    form = EntitlementForm
    untold = ["reason"]

    list_display = [
        *("member", "what", "source", "starts_at", "ends_at", "revoked_at", "reason"),
    ]
    list_filter = ["source", "what"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username", "what"]
    autocomplete_fields = ["member"]
    fields = ["member", "what", "starts_at", "ends_at", "revoked_at", "reason"]

    def get_readonly_fields(self, request, obj=None):
        """Given to one member for one thing: only its dates may be corrected."""
        return ["member", "what"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False
