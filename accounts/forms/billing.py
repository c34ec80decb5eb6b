from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Subscription


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


class RefundRequestForm(forms.Form):
    words = forms.CharField(
        label=_("Why do you want the money back?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
