from django import forms
from django.utils.translation import gettext_lazy as _


class AppealForm(forms.Form):
    words = forms.CharField(
        label=_("Why it is wrong"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6, "data-draft": "appeal"}),
        help_text=_("Somebody else than who imposed it reads this."),
    )
