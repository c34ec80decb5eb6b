from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from accounts.models import Entitlement, Offer, Order, Payment
from accounts.services import refunds
from community.lib.admin import ReadOnlyAdmin


@admin.register(Offer)
class OfferAdmin(ModelAdmin):
    list_display = ["title", "what", "price", "currency", "days", "is_active"]
    list_filter = ["is_active", "currency"]
    search_fields = ["title", "what"]
    prepopulated_fields = {"slug": ["title"]}


class PaymentInline(TabularInline):
    model = Payment
    extra = 0
    can_delete = False
    fields = readonly_fields = [
        *("gateway", "reference", "amount", "state", "created_at", "settled_at"),
    ]

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "member", "title", "amount", "currency", "state"]
    list_filter = ["state", "created_at"]
    list_select_related = ["member"]
    search_fields = ["number", "member__name", "member__email"]
    date_hierarchy = "created_at"
    inlines = [PaymentInline]
    actions = ["refund_orders"]

    @admin.action(description=_("Refund"), permissions=["refund"])
    def refund_orders(self, request, queryset):
        orders = list(queryset.filter(state=Order.State.PAID))
        for order in orders:
            refunds.refund(order=order, by=request.user)
            self.log_change(request, order, "Refunded")
        text = ngettext(
            "%(number)d order refunded.", "%(number)d orders refunded.", len(orders)
        )
        self.message_user(request, text % {"number": len(orders)}, messages.SUCCESS)

    def has_refund_permission(self, request):
        return request.user.has_perm("accounts.change_order")


@admin.register(Entitlement)
class EntitlementAdmin(ModelAdmin):
    """Given by hand with a reason; ended by revoking, never deleted."""

    list_display = ["member", "what", "starts_at", "ends_at", "revoked_at", "reason"]
    list_filter = ["what"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username", "what"]
    autocomplete_fields = ["member"]
    fields = ["member", "what", "starts_at", "ends_at", "revoked_at", "reason"]

    def get_readonly_fields(self, request, obj=None):
        """Given to one member for one thing: only its dates may be corrected."""
        return ["member", "what"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False
