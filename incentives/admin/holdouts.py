from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.admin.journal import Journaled, ReasonForm
from community.lib.admin import ActsOnSome, ask_first, row_to_change
from incentives.errors import CountsNobody, NotYet
from incentives.models import HoldOut
from incentives.services import holdouts


@admin.register(HoldOut)
class HoldOutAdmin(ActsOnSome, Journaled, ModelAdmin):
    """Trials of rules; that of a campaign starts and ends with the campaign."""

    list_display = [
        *("__str__", "outcome", "until", "started_at", "ended_at", "effect"),
    ]
    list_filter = ["outcome"]
    list_select_related = ["rule", "campaign"]
    actions_detail = ["start", "end"]
    acts_on = {
        "start": lambda it: it.rule_id and not it.started_at,
        "end": lambda it: it.rule_id and it.started_at and not it.ended_at,
    }
    exclude = ["campaign"]

    @admin.display(description=_("effect"))
    def effect(self, hold_out):
        page = reverse("admin:analytics_trial_change", args=[hold_out.pk])
        return format_html('<a href="{}">{}</a>', page, _("What it does"))

    def has_change_permission(self, request, obj=None):
        is_open = obj is None or (obj.started_at is None and obj.rule_id)
        return bool(is_open) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_form(self, request, obj=None, **options):
        form = super().get_form(request, obj, **options)
        if "rule" in form.base_fields:
            form.base_fields["rule"].required = True
        return form

    def has_act_permission(self, request, object_id=None):
        return request.user.has_perm("incentives.change_holdout")

    @action(description=_("Start"), url_path="start", permissions=["act"])
    def start(self, request, object_id):
        return self._ask(request, object_id, _("Start"), _start)

    @action(description=_("End"), url_path="end", permissions=["act"])
    def end(self, request, object_id):
        return self._ask(request, object_id, _("End"), holdouts.end)

    def _ask(self, request, object_id, title, act):
        hold_out = self.get_object(request, object_id)
        if hold_out is None or not hold_out.rule_id:
            hold_out = row_to_change(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=hold_out,
            form=ReasonForm(request.POST or None),
            title=title,
            act=lambda data: act(hold_out=hold_out, by=request.user, **data) and None,
            note=_("Its terms stand from the start to the end; see its effect there."),
        )


def _start(**terms):
    try:
        return holdouts.start(**terms)
    except CountsNobody as error:
        raise ValidationError(_("Its last day has to lie ahead.")) from error
    except NotYet as error:
        raise ValidationError(_("Another version of the rule is tried.")) from error
