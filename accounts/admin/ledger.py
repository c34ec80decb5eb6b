from django.contrib import admin
from unfold.admin import TabularInline

from accounts.models import Entry, LedgerAccount, Transfer
from community.lib.admin import ReadOnlyAdmin


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    list_display = ["kind", "unit", "member", "balance"]
    list_filter = ["kind", "unit"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]


class EntryInline(TabularInline):
    model = Entry
    extra = 0
    can_delete = False
    fields = readonly_fields = ["account", "amount", "balance_after"]

    def has_add_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account")


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ["at", "cause", "unit", "key"]
    list_filter = ["unit", "cause"]
    search_fields = ["key"]
    date_hierarchy = "at"
    inlines = [EntryInline]
