from django import forms
from django.utils.translation import gettext_lazy as _

from content.services import certificates


class CertificateForm(forms.Form):
    name = forms.CharField(
        label=_("Name on the certificate"),
        max_length=60,
        help_text=_("It cannot be changed afterwards."),
    )


class NumberForm(forms.Form):
    """The number that stands on a certificate, however it is typed."""

    number = forms.CharField(label=_("Number of the certificate"), max_length=40)

    def clean_number(self):
        certificate = certificates.find(self.cleaned_data["number"])
        if certificate is None:
            raise forms.ValidationError(_("There is no certificate with this number."))
        return certificate


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("My note"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Only you can read it. Empty: takes it away."),
    )
