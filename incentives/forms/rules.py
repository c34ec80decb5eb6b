from django import forms
from django.utils.translation import gettext_lazy as _

from incentives.services import replay, trials


class DaysForm(forms.Form):
    """How far back the log is read."""

    days = forms.IntegerField(
        label=_("Days back"),
        min_value=1,
        max_value=trials.MOST_DAYS,
        initial=trials.DAYS,
    )


class ReplayForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days back"), min_value=1, max_value=replay.MOST_DAYS, initial=7
    )


class SureForm(forms.Form):
    """Nothing is asked but whether."""
