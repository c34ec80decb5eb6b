"""What operators see of accounts. Ledger, log and notices are there to be read."""

import django.contrib.auth.admin  # noqa: F401 - registers the groups, see below
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from accounts.models import (
    Activity,
    Community,
    Consent,
    Entitlement,
    Entry,
    LedgerAccount,
    Offer,
    Order,
    Payment,
    PolicyVersion,
    Role,
    RoleGrant,
    Space,
    SpaceMember,
    Transfer,
    User,
)
from accounts.services import community, payments
from accounts.services.roles import grant_role, revoke_role
from accounts.services.suspensions import lift_suspension, suspend
from community.lib import markdown
from community.lib.admin import ReadOnlyAdmin

admin.site.unregister(Group)  # the groups are kept equal to accounts/roles.py


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


class RoleGrantInline(TabularInline):
    model = RoleGrant
    fk_name = "member"
    extra = 0
    can_delete = False
    readonly_fields = ["role", "granted_at", "granted_by", "revoked_at", "revoked_by"]

    def has_add_permission(self, request, obj=None):
        return False


class EntitlementInline(TabularInline):
    model = Entitlement
    extra = 0
    can_delete = False
    fields = readonly_fields = ["what", "starts_at", "ends_at", "revoked_at", "reason"]

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = ["name", "username", "email", "roles", "date_joined", "suspended_at"]
    list_filter = ["is_active", "is_staff", "date_joined", "language"]
    search_fields = ["name", "username", "email"]
    ordering = ["-date_joined"]
    inlines = [RoleGrantInline, EntitlementInline]
    fields = [
        *("name", "username", "email", "about", "language", "time_zone"),
        *("roles", "date_joined", "last_login", "suspended_at", "erased_at"),
    ]
    readonly_fields = [
        *("roles", "date_joined", "last_login", "suspended_at", "erased_at"),
    ]
    actions = [
        *("make_mentor", "end_mentor", "make_volunteer", "end_volunteer"),
        *("suspend_members", "lift_suspensions"),
    ]
    show_full_result_count = False

    def has_delete_permission(self, request, obj=None):
        return False  # people are erased by themselves, rows are kept

    def get_readonly_fields(self, request, obj=None):
        """Whoever could change somebody's e-mail could become them."""
        if obj and not request.user.is_superuser:
            return [*self.readonly_fields, "email"]
        return self.readonly_fields

    def save_model(self, request, obj, form, change):
        """Somebody added by hand has no password: they ask for one by e-mail."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            grant_role(member=obj, role=Role.MEMBER, by=request.user)
            if obj.email:
                EmailAddress.objects.create(user=obj, email=obj.email, primary=True)

    @admin.action(description=_("Make mentors"), permissions=["change"])
    def make_mentor(self, request, queryset):
        self._grant(request, queryset, Role.MENTOR)

    @admin.action(description=_("End being mentors"), permissions=["change"])
    def end_mentor(self, request, queryset):
        self._revoke(request, queryset, Role.MENTOR)

    @admin.action(description=_("Make volunteers"), permissions=["change"])
    def make_volunteer(self, request, queryset):
        self._grant(request, queryset, Role.VOLUNTEER)

    @admin.action(description=_("End being volunteers"), permissions=["change"])
    def end_volunteer(self, request, queryset):
        self._revoke(request, queryset, Role.VOLUNTEER)

    @admin.action(description=_("Suspend"), permissions=["change"])
    def suspend_members(self, request, queryset):
        if not request.user.is_superuser:
            queryset = queryset.exclude(is_superuser=True)
        for member in queryset.exclude(pk=request.user.pk):
            suspend(member=member, by=request.user)
        self._done(request, queryset)

    @admin.action(description=_("Lift the suspension"), permissions=["change"])
    def lift_suspensions(self, request, queryset):
        for member in queryset:
            lift_suspension(member=member, by=request.user)
        self._done(request, queryset)

    def _grant(self, request, queryset, role):
        for member in queryset:
            grant_role(member=member, role=role, by=request.user)
        self._done(request, queryset)

    def _revoke(self, request, queryset, role):
        for member in queryset:
            revoke_role(member=member, role=role, by=request.user)
        self._done(request, queryset)

    def _done(self, request, queryset):
        number = len(queryset)
        text = ngettext(
            "Done for %(number)d member.", "Done for %(number)d members.", number
        )
        self.message_user(request, text % {"number": number}, messages.SUCCESS)


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


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ["at", "member", "verb", "space", "object_kind", "object_id"]
    list_filter = ["verb"]
    list_select_related = ["member", "space"]
    date_hierarchy = "at"
    show_full_result_count = False


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
            payments.refund(order)
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
