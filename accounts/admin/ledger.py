from operator import attrgetter

from django.contrib import admin

from accounts.models import Entry, LedgerAccount, Transfer
from community.lib.admin import InlineReadOnly, ReadOnlyAdmin


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    list_display = ["kind", "unit", "member", "balance", "expiring"]
    money = ["balance", "floor", "expiring"]
    currency_of = attrgetter("unit")
    list_filter = ["kind", "unit"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]


class EntryInline(InlineReadOnly):
    model = Entry
    money = ["amount", "balance_after"]
    currency_of = attrgetter("account.unit")
    fields = readonly_fields = ["account", "amount", "balance_after"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account")


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ["at", "cause", "unit", "key"]
    list_filter = ["unit", "cause"]
    search_fields = ["key"]
    date_hierarchy = "at"
    inlines = [EntryInline]
