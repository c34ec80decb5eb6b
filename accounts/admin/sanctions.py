"""Sanctions and appeals: imposed on members' page, confirmed and decided here."""

from functools import partial

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from accounts.admin.decisions import decided_by
from accounts.errors import NotAllowed
from accounts.models import Appeal, Rule, Sanction
from accounts.services import rules, sanctions
from community.lib.admin import (
    InlineReadOnly,
    ReadOnlyAdmin,
    ask_first,
    row_or_404,
)

TIMED = (Sanction.Kind.MUTE, Sanction.Kind.SUSPENSION)


class SanctionForm(forms.Form):
    """One step for each of the members chosen. Empty, the step is each one's next."""

    kind = forms.ChoiceField(
        label=_("Step"),
        required=False,
        choices=[("", _("The next for each of them")), *Sanction.Kind.choices],
        widget=UnfoldAdminSelectWidget,
        help_text=_("Remind, then mute, then suspend, then remove."),
    )
    days = forms.IntegerField(
        label=_("Days"),
        required=False,
        min_value=1,
        max_value=365,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("For muting and suspending; empty: 3 and 14."),
    )
    rule = forms.ModelChoiceField(
        label=_("Rule"), queryset=Rule.objects.none(), widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The member reads it. It is kept for good: name nobody in it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        known = [rule.pk for rule in rules.rules_in_force(get_language())]
        self.fields["rule"].queryset = Rule.objects.filter(pk__in=known)


def impose(request):
    """What the list of members does to each one chosen."""

    def act(member, data):
        kind = data["kind"] or sanctions.next_step(member).kind
        days = data["days"] or dict(sanctions.LADDER)[Sanction.Kind(kind)]
        try:
            sanctions.impose(
                member=member,
                kind=kind,
                days=days if kind in TIMED else None,
                rule=data["rule"],
                reason=data["reason"],
                by=request.user,
            )
        except NotAllowed as error:
            raise ValidationError(_("You may not do this to them.")) from error

    return act


class SanctionInline(InlineReadOnly):
    model = Sanction
    fk_name = "member"
    fields = readonly_fields = [
        *("kind", "rule", "reason", "by", "begins_at", "ends_at", "lifted_at"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("rule", "by")


@admin.register(Sanction)
class SanctionAdmin(ReadOnlyAdmin):
    list_display = ["member", "kind", "rule", "by", "begins_at", "ends_at", "lifted_at"]
    list_filter = ["kind", ("begins_at", admin.EmptyFieldListFilter)]
    list_select_related = ["member", "rule", "by"]
    search_fields = ["member__name", "member__username"]
    actions_detail = ["confirm", "lift"]
    acts_on = {
        "confirm": lambda row: row.begins_at is None and row.lifted_at is None,
        "lift": lambda row: row.lifted_at is None,
    }

    def has_decide_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_sanction")

    @action(
        description=_("Confirm…"),
        url_path="confirm",
        permissions=["decide"],
    )
    def confirm(self, request, object_id):
        return self._ask(request, object_id, sanctions.confirm, _("Confirm"))

    @action(
        description=_("Lift it…"),
        url_path="lift",
        permissions=["decide"],
    )
    def lift(self, request, object_id):
        return self._ask(request, object_id, sanctions.lift, _("Lift it"))

    def _ask(self, request, object_id, service, title):
        row = row_or_404(self, request, object_id)
        act = decided_by(service, request.user, sanction=row)
        form = forms.Form(request.POST or None)
        return ask_first(request, admin=self, row=row, form=form, title=title, act=act)


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer to the member"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    list_display = ["sanction", "created_at", "decided_at", "is_granted"]
    list_filter = [("decided_at", admin.EmptyFieldListFilter), "is_granted"]
    list_select_related = ["sanction__member"]
    fields = readonly_fields = [
        *("sanction", "rule", "reason", "imposed_by", "words", "created_at"),
        *("decided_at", "decided_by", "is_granted", "answer"),
    ]
    actions_detail = ["grant", "refuse"]
    acts_on = dict.fromkeys(actions_detail, lambda row: row.decided_at is None)

    @admin.display(description=_("rule"))
    def rule(self, appeal):
        return appeal.sanction.rule

    @admin.display(description=_("reason"))
    def reason(self, appeal):
        return appeal.sanction.reason

    @admin.display(description=_("imposed by"))
    def imposed_by(self, appeal):
        return appeal.sanction.by

    def has_decide_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_appeal")

    @action(description=_("Grant…"), url_path="grant", permissions=["decide"])
    def grant(self, request, object_id):
        return self._decide(request, object_id, _("Grant"), is_granted=True)

    @action(description=_("Refuse…"), url_path="refuse", permissions=["decide"])
    def refuse(self, request, object_id):
        return self._decide(request, object_id, _("Refuse"), is_granted=False)

    def _decide(self, request, object_id, title, *, is_granted):
        row = row_or_404(self, request, object_id)
        service = partial(sanctions.decide, is_granted=is_granted)
        act = decided_by(service, request.user, appeal=row)
        form = AnswerForm(request.POST or None)
        return ask_first(request, admin=self, row=row, form=form, title=title, act=act)
