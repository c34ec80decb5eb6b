from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.models import Community
from accounts.services import community


@admin.register(Community)
class CommunityAdmin(ModelAdmin):
    def has_add_permission(self, request):
        return not Community.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.pk = 1
        super().save_model(request, obj, form, change)
        community.forget()
        community.name_the_site()
