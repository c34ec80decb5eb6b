from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget


class PickForm(forms.Form):
    """What is packed now, and why its addresses are read."""

    numbers = forms.TypedMultipleChoiceField(
        label=_("To be packed"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=200,
        help_text=_("The members see it. It is kept for good: name nobody in it."),
    )

    def __init__(self, *args, waiting, **options):
        super().__init__(*args, **options)
        self.fields["numbers"].choices = [
            (row.pk, f"{row.pk} · {row.reward} · {row.get_state_display()}")
            for row in waiting
        ]


class ShipForm(forms.Form):
    carrier = forms.CharField(
        label=_("Sent with"), max_length=60, widget=UnfoldAdminTextInputWidget
    )
    tracking = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
