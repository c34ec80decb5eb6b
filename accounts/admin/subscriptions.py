from django.contrib import admin

from accounts.models import Order, Subscription, SubscriptionPhase
from community.lib.admin import InlineReadOnly, ReadOnlyAdmin


class PhaseInline(InlineReadOnly):
    model = SubscriptionPhase
    money = ["monthly"]
    fields = readonly_fields = ["state", "offer", "monthly", "starts_at", "ends_at"]


class OrderInline(InlineReadOnly):
    model = Order
    money = ["amount"]
    fields = readonly_fields = ["number", "kind", "amount", "state", "created_at"]
    show_change_link = True


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = [
        *("member", "offer", "state", "renews", "period_ends_at"),
        *("cancel_reason", "started_at"),
    ]
    list_filter = ["state", "renews", "offer", "cancel_reason"]
    list_select_related = ["member", "offer"]
    search_fields = ["member__name", "member__username", "member__email"]
    date_hierarchy = "started_at"
    exclude = ["method"]
    inlines = [PhaseInline, OrderInline]
