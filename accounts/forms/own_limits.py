from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.desk import AmountField

DAYS = [(1, _("1 day")), (7, _("7 days")), (30, _("30 days")), (90, _("90 days"))]
MOST_POINTS = 1_000_000


class OwnLimitsForm(forms.Form):
    """Empty means without a limit, nought that nothing may be spent."""

    points = forms.IntegerField(
        label=_("Points a month, at most"),
        required=False,
        min_value=0,
        max_value=MOST_POINTS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args, currency, **options):
        super().__init__(*args, **options)
        self.fields["money"] = AmountField(
            currency=currency,
            label=_("Money a month, at most (%(currency)s)") % {"currency": currency},
            required=False,
            min_value=0,
            widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
        )


class RestForm(forms.Form):
    days = forms.TypedChoiceField(
        label=_("Buy nothing for"), choices=DAYS, coerce=int, initial=7
    )
