from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.services import fairness


class WindowForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days back"),
        min_value=7,
        max_value=fairness.MOST_DAYS,
        initial=fairness.DAYS,
    )
