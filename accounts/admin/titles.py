from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.models import Title, TitleHolder
from accounts.services import titles
from community.lib.admin import TellsChanges


@admin.register(Title)
class TitleAdmin(TellsChanges, ModelAdmin):
    list_display = ["name", "meaning"]
    search_fields = ["name"]


@admin.register(TitleHolder)
class TitleHolderAdmin(ModelAdmin):
    list_display = ["member", "title", "given_at", "ended_at"]
    list_filter = ["title", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "title"]
    search_fields = ["member__name", "member__username"]
    fields = ["title", "member", "reason"]
    autocomplete_fields = ["title", "member"]
    actions = ["end"]

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        given = titles.give_title(
            title=obj.title, member=obj.member, by=request.user, reason=obj.reason
        )
        obj.pk = given.pk

    @admin.action(description=_("End them"), permissions=["change"])
    def end(self, request, queryset):
        for holder in queryset.select_related("member"):
            titles.end_title(holder=holder, by=request.user)
