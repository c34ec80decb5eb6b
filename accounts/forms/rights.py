from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Purpose


class DeleteForm(forms.Form):
    texts = forms.ChoiceField(
        label=_("What I wrote"),
        choices=[
            ("remove", _("Empty it")),
            ("keep", _("Leave it, without my name")),
        ],
        widget=forms.RadioSelect,
    )


class AgreeForm(forms.Form):
    """One box for each text that has to be agreed to again."""

    def __init__(self, *args, purposes, **options):
        super().__init__(*args, **options)
        for purpose in purposes:
            label = _("I have read this and agree: %(text)s") % {
                "text": Purpose(purpose).label
            }
            self.fields[purpose] = forms.BooleanField(label=label)
