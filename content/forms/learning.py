from django import forms
from django.utils.translation import gettext_lazy as _


class CertificateForm(forms.Form):
    name = forms.CharField(
        label=_("Name on the certificate"),
        max_length=60,
        help_text=_("It cannot be changed afterwards."),
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("My note"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Only you can read it. Empty: takes it away."),
    )
