from functools import partial

from django.contrib import admin
from django.forms import Form
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from accounts.admin.personal import FactsDesk
from accounts.admin.roles import RolesDesk
from accounts.admin.sanctions import SanctionForm, SanctionInline, impose
from accounts.admin.watermarks import WatermarksDesk
from accounts.models import Entitlement, Role, RoleGrant, User
from accounts.services import profiles
from accounts.services.roles import grant_role
from accounts.services.sanctions import lift_suspension, next_step
from community.lib.admin import ask_first, ask_first_of_rows, row_to_change

# What is there for whoever may not change the member.
READS = {"read_facts", "show_history"}


class RoleGrantInline(TabularInline):
    model = RoleGrant
    fk_name = "member"
    extra = 0
    can_delete = False
    fields = readonly_fields = [
        *("role", "granted_at", "granted_by", "reason", "ends_at"),
        *("revoked_at", "revoked_by", "revoke_reason"),
    ]

    def has_add_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("granted_by", "revoked_by")


class EntitlementInline(TabularInline):
    model = Entitlement
    extra = 0
    can_delete = False
    fields = readonly_fields = ["what", "starts_at", "ends_at", "revoked_at", "reason"]

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(RolesDesk, FactsDesk, WatermarksDesk, ModelAdmin):
    list_display = [
        "name",
        "username",
        "email",
        "has_roles",
        "date_joined",
        "suspended_at",
    ]
    list_filter = ["is_active", "is_staff", "date_joined", "language"]
    search_fields = ["name", "username", "email"]
    ordering = ["-date_joined"]
    inlines = [RoleGrantInline, EntitlementInline, SanctionInline]
    fields = [
        *("name", "username", "email", "about", "language", "time_zone"),
        *("has_roles", "date_joined", "last_login", "suspended_at", "erased_at"),
    ]
    readonly_fields = [
        *("has_roles", "date_joined", "last_login", "suspended_at", "erased_at"),
    ]
    actions = ["sanction_members", "lift_suspensions"]
    actions_list = ["find_watermark"]
    actions_detail = [
        *("sanction", "manage_roles"),
        {
            "title": _("More"),
            "items": ["invite_author", "read_facts", "show_history"],
        },
    ]
    show_full_result_count = False

    @admin.display(description=_("roles"))
    def has_roles(self, member):
        return ", ".join(str(Role(role).label) for role in member.roles) or "–"

    def has_delete_permission(self, request, obj=None):
        return False  # people are erased by themselves, rows are kept

    def has_change_permission(self, request, obj=None):
        """What was erased stays empty, and superusers are for superusers to edit.

        Actions ask with a number in place of the row; they look at the row themselves.
        """
        if isinstance(obj, User) and (obj.erased_at or self._is_above(request, obj)):
            return False
        return super().has_change_permission(request, obj)

    @staticmethod
    def _is_above(request, member):
        return member.is_superuser and not request.user.is_superuser

    def get_actions_detail(self, request, object_id):
        offered = super().get_actions_detail(request, object_id)
        member = self.get_object(request, str(object_id))
        if member is None or self.has_change_permission(request, member):
            return offered
        return [act for act in offered if act.method.__name__ in READS]

    def get_readonly_fields(self, request, obj=None):
        """Whoever could change somebody's e-mail could become them."""
        if obj and not request.user.is_superuser:
            return [*self.readonly_fields, "email"]
        return self.readonly_fields

    def save_model(self, request, obj, form, change):
        """Somebody added by hand has no password: they ask for one by e-mail."""
        if not change:
            obj.set_unusable_password()
        if obj.email:
            obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        if not change:
            grant_role(member=obj, role=Role.MEMBER, by=request.user)
        if "email" in form.changed_data:
            profiles.follow_address(obj)

    @admin.action(description=_("Sanction…"), permissions=["change"])
    def sanction_members(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=SanctionForm,
            title=_("Sanction"),
            act=impose(request),
        )

    @action(
        description=_("Sanction…"),
        url_path="sanction",
        permissions=["change"],
        icon="gavel",
    )
    def sanction(self, request, object_id):
        member = row_to_change(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=member,
            form=SanctionForm(request.POST or None),
            title=_("Sanction"),
            act=partial(impose(request), member),
            facts=[(_("next step"), next_step(member).kind.label)],
        )

    @admin.action(description=_("Lift the suspension"), permissions=["change"])
    def lift_suspensions(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=Form,
            title=_("Lift the suspension"),
            act=lambda member, _nothing: lift_suspension(
                member=member, by=request.user
            ),
            note=lambda _members: _(
                "They may write again at once. Suspensions and removals that stand are"
                " lifted, too."
            ),
        )

    @action(
        description=_("Audit history"),
        url_path="history-of-acts",
        permissions=["show_history"],
        icon="link",
    )
    def show_history(self, request, object_id):
        """What the staff did about them, and what they did as staff."""
        records = reverse("admin:accounts_auditrecord_changelist")
        return redirect(f"{records}?member={object_id}")

    def has_show_history_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.view_auditrecord")
