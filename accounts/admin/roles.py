"""Roles at the desk: who has which, since when, until when, given by whom and why."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.admin.decisions import DayField, decided_by
from accounts.errors import (
    AgreementMissing,
    AlreadyDecided,
    EndMissing,
    LastOperator,
    NotAllowed,
)
from accounts.forms.desk import KEPT_FOR_GOOD
from accounts.models import AuthorApplication, Role, RoleGrant
from accounts.services import authors
from accounts.services.roles import appoint, dismiss, may_decide
from community.lib.admin import ReadOnlyAdmin, ask_first, row_to_change


class GrantForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), widget=UnfoldAdminSelectWidget)
    ends_at = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: until somebody ends it."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        help_text=KEPT_FOR_GOOD,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            (role.value, role.label) for role in Role if may_decide(role, by)
        ]


class RevokeForm(forms.Form):
    role = forms.ChoiceField(choices=Role, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        help_text=KEPT_FOR_GOOD,
        widget=UnfoldAdminTextInputWidget,
    )


class InviteForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("As"), choices=AuthorApplication.Kind, widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(
        label=_("A word to the member"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )


class RolesDesk:
    """What a member's page offers about roles; mixed into its admin."""

    @action(
        description=_("Roles"), url_path="roles", permissions=["change"], icon="badge"
    )
    def manage_roles(self, request, object_id):
        member = row_to_change(self, request, object_id)
        act = request.POST.get("act")
        grant = GrantForm(request.POST if act == "grant" else None, by=request.user)
        if (
            act == "grant"
            and grant.is_valid()
            and self._granted(request, grant, member)
        ):
            return HttpResponseRedirect(request.path)
        revoke = RevokeForm(request.POST) if act == "revoke" else None
        if revoke and revoke.is_valid() and self._revoked(request, revoke, member):
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Roles of %(name)s") % {"name": member},
            "member": member,
            "grant_form": grant,
            "running": [
                (held, _revoke_form(held, revoke))
                for held in _grants_of(member).filter(revoked_at=None)
                if may_decide(Role(held.role), request.user)
            ],
            "history": _grants_of(member),
        }
        status = 422 if act else 200
        return render(request, "admin/roles.html", context, status=status)

    def _granted(self, request, form, member):
        try:
            appoint(member=member, by=request.user, **form.cleaned_data)
        except AgreementMissing:
            form.add_error(
                "role",
                _(
                    "They have not agreed to the author agreement. Invite them as an "
                    "author instead: agreeing makes them a mentor."
                ),
            )
            return False
        except EndMissing:
            form.add_error("ends_at", _("This role is given for a time only."))
            return False
        role = form.cleaned_data["role"]
        self.log_change(request, member, f"Role given: {role}")
        self.message_user(request, _("Given."), messages.SUCCESS)
        return True

    def _revoked(self, request, form, member):
        try:
            dismiss(member=member, by=request.user, **form.cleaned_data)
        except NotAllowed:
            form.add_error("reason", _("Only superusers decide about this role."))
            return False
        except LastOperator:
            form.add_error(
                "reason",
                _("There is no other operator. Give somebody else this role first."),
            )
            return False
        except AlreadyDecided:
            self.message_user(request, _("They do not have it."), messages.WARNING)
            return True
        role = form.cleaned_data["role"]
        self.log_change(request, member, f"Role ended: {role}")
        self.message_user(request, _("Ended."), messages.SUCCESS)
        return True

    @action(
        description=_("Invite as an author"),
        url_path="invite-author",
        permissions=["change"],
        icon="edit_note",
    )
    def invite_author(self, request, object_id):
        """They become a mentor, who writes courses, once they agree."""
        member = row_to_change(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=member,
            form=InviteForm(request.POST or None),
            title=_("Invite as an author"),
            act=decided_by(authors.invite, request.user, member=member),
        )


def _grants_of(member):
    return RoleGrant.objects.filter(member=member).select_related(
        "granted_by", "revoked_by"
    )


def _revoke_form(held, sent):
    """The form as it was sent, errors and all, or a fresh one."""
    if sent is not None and sent.data.get("role") == held.role:
        return sent
    return RevokeForm(initial={"role": held.role}, auto_id=f"id_{held.role}_%s")


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    """The history of all roles of everybody."""

    list_display = [
        *("member", "role", "granted_at", "granted_by", "reason", "ends_at"),
        *("revoked_at", "revoked_by", "revoke_reason"),
    ]
    list_filter = ["role", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "granted_by", "revoked_by"]
    search_fields = ["member__name", "member__username", "reason"]
    date_hierarchy = "granted_at"
