from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action, display

from accounts.admin.journal import Journaled, ReasonForm
from community.lib.admin import ActsOnSome, ask_first, row_or_404
from incentives.errors import (
    CountsNobody,
    GivesNothing,
    NotYet,
    SecondPersonNeeded,
)
from incentives.models import Campaign, CampaignRule, HoldOut
from incentives.services import campaigns
from incentives.services.burning import burning

State = Campaign.State

HAND_IN = pgettext_lazy("campaign", "Hand in")
NOT_NOW = _("It is not in the state for that any more.")


class OnlyInDraft:
    """Terms stand once the campaign is handed in."""

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and _is_draft(obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _is_draft(obj)


def _is_draft(campaign):
    return campaign is None or campaign.state == State.DRAFT


class CampaignRuleInline(OnlyInDraft, TabularInline):
    model = CampaignRule
    extra = 0


class HoldOutInline(OnlyInDraft, StackedInline):
    model = HoldOut
    fields = ["percent", "outcome", "smallest_effect", "until"]
    extra = 0
    max_num = 1


@admin.register(Campaign)
class CampaignAdmin(ActsOnSome, Journaled, ModelAdmin):
    list_display = ["name", "judged", "audience", "starts_at", "ends_at", "reached"]
    list_filter = ["state", "audience"]
    search_fields = ["name", "goal", "title"]
    readonly_fields = [
        *("state", "needs_second", "submitted_by", "approved_by"),
        *("started_at", "ended_at"),
    ]
    inlines = [CampaignRuleInline, HoldOutInline]
    actions_detail = ["submit", "approve", "take_back", "stop"]
    acts_on = {
        "submit": lambda it: it.state == State.DRAFT,
        "approve": lambda it: it.state == State.WAITING,
        "take_back": lambda it: it.state in (State.WAITING, State.READY),
        "stop": lambda it: it.state == State.RUNNING,
    }
    # A campaign's own page is for the members it has reached.
    view_on_site = False
    change_form_template = "incentives/campaign_change.html"

    @display(
        description=_("state"),
        label={
            State.DRAFT: "info",
            State.WAITING: "warning",
            State.READY: "warning",
            State.RUNNING: "success",
            State.ENDED: "info",
        },
        ordering="state",
    )
    def judged(self, campaign):
        return campaign.state, campaign.get_state_display()

    @admin.display(description=_("members reached"))
    def reached(self, campaign):
        return campaign.reached

    def get_queryset(self, request):
        return super().get_queryset(request).with_reached()

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def has_delete_permission(self, request, obj=None):
        return False

    def has_act_permission(self, request, object_id=None):
        return request.user.has_perm("incentives.change_campaign")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        campaign = self.get_object(request, object_id)
        context = burning(campaign) if campaign else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    @action(description=HAND_IN, url_path="submit", permissions=["act"])
    def submit(self, request, object_id):
        return self._ask(
            request,
            object_id,
            HAND_IN,
            lambda it, _data: campaigns.submit(campaign=it, by=request.user),
            note=_("Its terms stand from now on; it starts by the clock."),
        )

    @action(description=_("Approve"), url_path="approve", permissions=["act"])
    def approve(self, request, object_id):
        return self._ask(
            request,
            object_id,
            _("Approve"),
            lambda it, _data: campaigns.approve(campaign=it, by=request.user),
        )

    @action(
        description=_("Take back to change it"), url_path="back", permissions=["act"]
    )
    def take_back(self, request, object_id):
        return self._ask(
            request,
            object_id,
            _("Take back to change it"),
            lambda it, _data: campaigns.take_back(campaign=it),
        )

    @action(description=_("Stop"), url_path="stop", permissions=["act"])
    def stop(self, request, object_id):
        return self._ask(
            request,
            object_id,
            _("Stop"),
            lambda it, data: campaigns.stop(campaign=it, by=request.user, **data),
            form_class=ReasonForm,
            note=_("What was given stays given; its rules end now."),
        )

    def _ask(self, request, object_id, title, act, form_class=forms.Form, note=""):
        campaign = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=campaign,
            form=form_class(request.POST or None),
            title=title,
            act=lambda data: _said(act, campaign, data),
            note=note,
            facts=[
                (_("goal"), campaign.goal),
                (_("at most, in points"), campaigns.most_in_words(campaign)),
            ],
        )


def _said(act, campaign, data):
    try:
        act(campaign, data)
    except NotYet as error:
        raise ValidationError(NOT_NOW) from error
    except GivesNothing as error:
        raise ValidationError(
            _("It gives nothing: add a message, points or a rule.")
        ) from error
    except CountsNobody as error:
        raise ValidationError(
            _("The trial counts members in until a day before the start.")
        ) from error
    except SecondPersonNeeded as error:
        raise ValidationError(
            _("Somebody else than who handed it in has to approve it.")
        ) from error
