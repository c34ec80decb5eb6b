import datetime as dt

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.admin.decisions import DayField, ReasonForm, decided_by
from accounts.models import Credential, Expert, Field
from accounts.services import experts
from community.lib.admin import (
    InlineReadOnly,
    ReadOnlyAdmin,
    ask_first,
    names_one,
    row_or_404,
)

YEARS_FIRST_OFFERED = 2


@admin.register(Field)
class FieldAdmin(ModelAdmin):
    list_display = ["name", "slug", "position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class CredentialInline(InlineReadOnly):
    model = Credential
    fields = readonly_fields = ["what", "issuer", "year", "proof"]

    @admin.display(description=_("document"))
    def proof(self, credential):
        if not credential.document:
            return "–"
        url = reverse("accounts:credential_document", args=[credential.pk])
        return format_html('<a href="{}">{}</a>', url, _("Document"))


class VerifyForm(forms.Form):
    until = DayField(label=_("The mark stands until"))


@admin.register(Expert)
class ExpertAdmin(ReadOnlyAdmin):
    """Members write their profile; here it is verified or refused."""

    list_display = ["member", "headline", "state", "asked_at", "verified_until"]
    list_filter = ["state", "fields"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username", "headline"]
    inlines = [CredentialInline]
    fields = readonly_fields = [
        *("member", "headline", "fields", "state", "asked_at"),
        *("decided_at", "decided_by", "verified_until", "reason"),
    ]
    actions_detail = ["verify", "refuse", "withdraw"]

    def has_answer_permission(self, request, object_id=None):
        asked = Expert.objects.filter(state=Expert.State.ASKED)
        return self._may_decide(request, asked, object_id)

    def has_withdraw_permission(self, request, object_id=None):
        return self._may_decide(request, Expert.objects.verified(), object_id)

    def _may_decide(self, request, experts, object_id):
        """Nobody verifies themselves but superusers."""
        if not request.user.has_perm("accounts.change_expert"):
            return False
        if not request.user.is_superuser:
            experts = experts.exclude(member=request.user)
        return names_one(experts, object_id)

    @action(description=_("Verify…"), url_path="verify", permissions=["answer"])
    def verify(self, request, object_id):
        years = dt.timedelta(days=365 * YEARS_FIRST_OFFERED)
        initial = {"until": f"{timezone.localdate() + years:%Y-%m-%d}"}
        form = VerifyForm(request.POST or None, initial=initial)
        return self._decide(request, object_id, form, experts.verify, _("Verify"))

    @action(description=_("Refuse…"), url_path="refuse", permissions=["answer"])
    def refuse(self, request, object_id):
        form = ReasonForm(request.POST or None)
        return self._decide(request, object_id, form, experts.refuse, _("Refuse"))

    @action(
        description=_("Take the mark away…"),
        url_path="withdraw",
        permissions=["withdraw"],
    )
    def withdraw(self, request, object_id):
        form = ReasonForm(request.POST or None)
        return self._decide(
            request, object_id, form, experts.withdraw_mark, _("Take the mark away")
        )

    def _decide(self, request, object_id, form, service, title):
        row = row_or_404(self, request, object_id)
        act = decided_by(service, request.user, expert=row)
        return ask_first(request, admin=self, row=row, form=form, title=title, act=act)
