from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Subscription
from accounts.reductions import Wish


class CancelForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why do you leave?"),
        choices=Subscription.Reason,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Anything you want to tell us"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PauseForm(forms.Form):
    days = forms.TypedChoiceField(
        label=_("How long"),
        coerce=int,
        choices=[
            (14, _("two weeks")),
            (30, _("a month")),
            (60, _("two months")),
            (90, _("three months")),
        ],
    )


class GiftForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class WishForm(forms.Form):
    """What the checkout is asked for besides; `expected` is the amount shown there."""

    code = forms.CharField(required=False, max_length=60)
    points = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000)
    expected = forms.IntegerField(required=False, min_value=0)

    @property
    def wish(self) -> Wish:
        return Wish(self.cleaned_data["code"], self.cleaned_data["points"] or 0)


class RefundRequestForm(forms.Form):
    words = forms.CharField(
        label=_("Why do you want the money back?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
