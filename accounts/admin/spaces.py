from django.contrib import admin
from unfold.admin import ModelAdmin

from accounts.models import Space, SpaceMember
from community.lib.admin import ReadOnlyAdmin


@admin.register(Space)
class SpaceAdmin(ModelAdmin):
    list_display = ["name", "access", "goal"]
    list_filter = ["access"]
    search_fields = ["name", "goal"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(SpaceMember)
class SpaceMemberAdmin(ReadOnlyAdmin):
    list_display = ["member", "space", "joined_at", "left_at"]
    list_filter = ["space"]
    list_select_related = ["member", "space"]
    search_fields = ["member__name", "member__username", "external_key"]
