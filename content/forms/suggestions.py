from django import forms
from django.utils.translation import gettext_lazy as _

from content.forms.discussions import FormKey
from content.models.feedback import TEXT_LENGTH


class SuggestionForm(forms.Form):
    title = forms.CharField(
        label=_("In one line: what should be better?"),
        max_length=120,
        widget=forms.TextInput(attrs={"data-draft": "suggestion-title"}),
    )
    text = forms.CharField(
        label=_("Why, and for whom?"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "data-draft": "suggestion"}),
        help_text=_("Members see it, with your name, once an operator has looked."),
    )
    form_key = FormKey()
