"""Certificates: given by the software, revoked by operators."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.decisions import ReasonForm
from community.lib.admin import ReadOnlyAdmin, ask_first_of_rows
from content.models import Certificate
from content.services import certificates


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    list_display = ["code", "member", "title", "finished_on", "revoked_at"]
    list_filter = ["item"]
    list_select_related = ["member", "item"]
    search_fields = ["code", "title", "member__name", "member__username"]
    fields = [
        *("code", "member", "item", "title", "minutes", "finished_on", "issued_at"),
        *("revoked_at", "revoked_because"),
    ]
    actions = ["revoke"]

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("member", "item"),
            form_class=ReasonForm,
            title=_("Revoke"),
            act=lambda certificate, data: certificates.revoke(
                certificate=certificate, by=request.user, **data
            ),
            say=lambda it: f"{it.code} · {it.member} · {it.title}",
        )

    def has_revoke_permission(self, request):
        return request.user.has_perm("content.change_certificate")
