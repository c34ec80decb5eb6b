from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.models import Space, SpaceMember
from accounts.services import joining
from community.lib.admin import ReadOnlyAdmin, TellsChanges

PLANNED = ("name", "goal", "audience", "rules")


@admin.register(Space)
class SpaceAdmin(TellsChanges, ModelAdmin):
    list_display = ["name", "access", "goal"]
    list_filter = ["access"]
    search_fields = ["name", "goal"]

    def get_prepopulated_fields(self, request, obj=None):
        return {"slug": ["name"]} if request.user.is_operator else {}

    def get_readonly_fields(self, request, obj=None):
        """Planners say what a space is for; who gets in, and where, is managing."""
        if request.user.is_operator:
            return []
        fields = (*Space._meta.fields, *Space._meta.many_to_many)
        return [
            field.name
            for field in fields
            if field.editable and field.name not in PLANNED
        ]

    def save_model(self, request, obj, form, change):
        """More seats move its waiting list at once."""
        super().save_model(request, obj, form, change)
        joining.offer_free_places(obj)


@admin.register(SpaceMember)
class SpaceMemberAdmin(ReadOnlyAdmin):
    list_display = ["member", "space", "role", "joined_at", "left_at"]
    list_filter = ["space", "role"]
    list_select_related = ["member", "space"]
    search_fields = ["member__name", "member__username", "external_key"]
