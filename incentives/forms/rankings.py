from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Space

PERIODS = [
    ("week", pgettext_lazy("ranking", "This week")),
    ("month", pgettext_lazy("ranking", "This month")),
    ("year", pgettext_lazy("ranking", "This year")),
]


class RankingForm(forms.Form):
    """Which ranking to show; the spaces are those its reader may see."""

    period = forms.ChoiceField(label=_("Period"), choices=PERIODS, initial="month")
    space = forms.ModelChoiceField(
        label=_("Space"),
        queryset=Space.objects.none(),
        required=False,
        empty_label=_("The whole community"),
    )

    def __init__(self, *args, spaces, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["space"].queryset = spaces
