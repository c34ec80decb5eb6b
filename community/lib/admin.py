"""Bases for the admin pages of all apps."""

from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """For what the software writes: operators look, search and filter."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or (
            super().has_change_permission(request, obj)
        )
