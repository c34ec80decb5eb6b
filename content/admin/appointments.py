"""Appointments: to be looked at, and decided where the two do not agree."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text_of
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from community.lib.admin import ReadOnlyAdmin, ask_first, names_one, row_or_404
from content.errors import NotStanding
from content.models import Appointment, Consultation
from content.services import appointments


class DecideForm(forms.Form):
    back = forms.TypedChoiceField(
        label=_("What goes back to who booked"),
        choices=[
            ("100", _("All of it")),
            ("50", _("Half of it")),
            ("0", _("Nothing of it: the expert has earned it")),
        ],
        coerce=int,
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=_("Why (both read it)"),
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(Appointment)
class AppointmentAdmin(ReadOnlyAdmin):
    list_display = [
        *("title", "asker", "expert", "state", "starts_at", "asker_says"),
        *("expert_says", "order", "settled_at"),
    ]
    list_filter = ["state"]
    list_select_related = ["asker", "expert", "order"]
    search_fields = ["title", "asker__username", "expert__username"]
    exclude = ["join_url", "form_key"]  # where they meet is theirs
    money = ["price"]
    actions_detail = ["decide"]

    def get_queryset(self, request):
        """What is not asked yet is the asker's own."""
        return super().get_queryset(request).filter(asked_at__isnull=False)

    def has_decide_permission(self, request, object_id=None):
        """Nobody decides their own."""
        if not request.user.has_perm("content.change_appointment"):
            return False
        disputed = Appointment.objects.filter(state=Appointment.State.DISPUTED)
        others = disputed.exclude(asker=request.user).exclude(expert=request.user)
        return names_one(others, object_id)

    @action(description=_("Decide…"), url_path="decide", permissions=["decide"])
    def decide(self, request, object_id):
        row = row_or_404(self, request, object_id)

        def act(said):
            try:
                appointments.decide(appointment=row, by=request.user, **said)
            except NotStanding:
                text = text_of("It was decided already.")
                raise ValidationError(text) from None

        return ask_first(
            request,
            admin=self,
            row=row,
            form=DecideForm(request.POST or None),
            title=_("Decide"),
            act=act,
            note=_("What goes back goes at once; the rest is the expert's."),
            facts=[
                (_("asker says"), row.get_asker_says_display()),
                (_("asker came at"), row.asker_came_at or "–"),
                (_("expert says"), row.get_expert_says_display()),
                (_("expert came at"), row.expert_came_at or "–"),
            ],
        )


@admin.register(Consultation)
class ConsultationAdmin(ReadOnlyAdmin):
    list_display = ["title", "expert", "minutes", "price", "points", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["expert"]
    search_fields = ["title", "expert__username"]
    money = ["price"]
