"""Certificates: given by the software, revoked by operators."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from accounts.admin.decisions import ReasonForm
from community.lib.admin import AsBefore, ReadOnlyAdmin, ask_first_of_rows
from content.models import Certificate
from content.services import certificates


class AllowForm(ReasonForm):
    """The member is not told: their page offers the new one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = ""


def _revoke(certificate, by, data):
    if not certificates.revoke(certificate=certificate, by=by, **data):
        raise AsBefore(_("It was revoked already."))


def _allow(certificate, by, data):
    if not certificates.allow_another(certificate=certificate, by=by, **data):
        raise ValidationError(_("It is not revoked, or another was allowed already."))


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    list_display = ["code", "member", "title", "finished_on", "revoked_at"]
    list_filter = [("item", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_select_related = ["member", "item"]
    search_fields = ["code", "title", "member__name", "member__username"]
    fields = [
        *("code", "member", "item", "title", "minutes", "finished_on", "issued_at"),
        *("revoked_at", "revoked_because", "renewable_at"),
    ]
    actions = ["revoke", "allow_another"]

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("member", "item"),
            form_class=ReasonForm,
            title=_("Revoke"),
            act=lambda certificate, data: _revoke(certificate, request.user, data),
            say=lambda it: f"{it.code} · {it.member} · {it.title}",
        )

    @admin.action(description=_("Allow another"), permissions=["revoke"])
    def allow_another(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("member", "item"),
            form_class=AllowForm,
            title=_("Allow another"),
            act=lambda certificate, data: _allow(certificate, request.user, data),
            say=lambda it: f"{it.code} · {it.member} · {it.title}",
        )

    def has_revoke_permission(self, request):
        return request.user.has_perm("content.change_certificate")
