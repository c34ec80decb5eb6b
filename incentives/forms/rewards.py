from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms.personal import PHONE
from incentives.services.parcels import KEPT_FOR, Address


class TakeForm(forms.Form):
    # Names one showing of the form, so that a double click takes one.
    form_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    # In points, as it was shown.
    expected = forms.IntegerField(required=False, widget=forms.HiddenInput)


class SendForm(TakeForm):
    """Where to send it to, for this once."""

    name = forms.CharField(
        label=_("Name on the parcel"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Telephone for the carrier"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    address = forms.CharField(
        label=_("Postal address"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    agrees = forms.BooleanField(label=_("Use this address to send the reward to me"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["agrees"].help_text = gettext(
            "It is kept encrypted, seen by those who pack and send the parcel, and "
            "erased %(days)s days after it has arrived."
        ) % {"days": KEPT_FOR.days}

    def clean_phone(self):
        phone = self.cleaned_data["phone"]
        if not PHONE.fullmatch(phone):
            raise forms.ValidationError(
                _("A telephone number, for example +86 138 0013 8000.")
            )
        return phone

    @property
    def to(self) -> Address:
        given = self.cleaned_data
        return Address(given["name"], given["phone"], given["address"])
