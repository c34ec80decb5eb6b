from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.models import Consent, PolicyVersion
from community.lib import markdown
from community.lib.admin import ReadOnlyAdmin


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ModelAdmin):
    """New versions are added; what members agreed to is not rewritten."""

    list_display = ["kind", "version", "language", "published_at"]
    list_filter = ["kind", "language"]
    fields = ["kind", "version", "language", "body", "published_at"]

    def save_model(self, request, obj, form, change):
        obj.body_html = markdown.render(obj.body)
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["member", "purpose", "version", "given_at", "withdrawn_at"]
    list_filter = ["purpose"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]
