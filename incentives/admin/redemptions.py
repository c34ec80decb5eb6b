"""Rewards that were taken. Where they are sent to, only a picking list shows."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldBooleanWidget

from accounts.forms.desk import ReasonForm
from community.lib.admin import InlineReadOnly, ReadOnlyAdmin, ask_first, row_or_404
from incentives.errors import WrongState
from incentives.forms.parcels import ShipForm
from incentives.models import Parcel, Redemption
from incentives.services import redemptions

State = Redemption.State


class BackForm(ReasonForm):
    restock = forms.BooleanField(
        label=_("It can be given to somebody else"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
    )


class ParcelInline(InlineReadOnly):
    model = Parcel
    fields = readonly_fields = ["carrier", "tracking", "shipped_at", "erased_at"]


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "reward", "member", "points", "state", "changed_at"]
    list_filter = ["state", "reward"]
    list_select_related = ["reward", "member"]
    search_fields = ["reward__title", "member__name", "member__username"]
    date_hierarchy = "created_at"
    view_on_site = False  # its page is its member's
    fields = [
        *("member", "reward", "points", "state", "created_at", "changed_at"),
        "reason",
    ]
    inlines = [ParcelInline]
    actions_list = ["to_picking"]
    actions_detail = ["ship", "arrive", "take_back", "call_off"]
    acts_on = {
        "ship": lambda row: row.state == State.PICKED,
        "arrive": lambda row: row.state == State.SHIPPED,
        "take_back": lambda row: row.is_sent,
        "call_off": lambda row: row.is_to_send,
    }

    def has_send_permission(self, request, object_id=None):
        return request.user.has_perm("incentives.change_redemption")

    @action(description=_("Picking list"), url_path="picking", permissions=["send"])
    def to_picking(self, request):
        return redirect("incentives:picking")

    @action(description=_("Sent…"), url_path="ship", permissions=["send"])
    def ship(self, request, object_id):
        return self._act(request, object_id, ShipForm, redemptions.ship, _("Sent"))

    @action(description=_("Arrived…"), url_path="arrived", permissions=["send"])
    def arrive(self, request, object_id):
        return self._act(
            request, object_id, forms.Form, redemptions.arrived, _("Arrived")
        )

    @action(description=_("It came back…"), url_path="back", permissions=["send"])
    def take_back(self, request, object_id):
        return self._act(
            request, object_id, BackForm, redemptions.take_back, _("It came back")
        )

    @action(description=_("Call off…"), url_path="cancel", permissions=["send"])
    def call_off(self, request, object_id):
        return self._act(
            request, object_id, ReasonForm, redemptions.cancel, _("Call off")
        )

    def _act(self, request, object_id, form_class, service, title):
        row = row_or_404(self, request, object_id)

        def act(data):
            try:
                service(redemption=row, by=request.user, **data)
            except WrongState as error:
                raise ValidationError(_("It is further on its way.")) from error

        form = form_class(request.POST or None)
        return ask_first(request, admin=self, row=row, form=form, title=title, act=act)
