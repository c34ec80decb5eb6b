from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from incentives.models.suspicions import LONGEST_WORDS


class WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Your word on it"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AnswerForm(forms.Form):
    """What an operator says to the member about it."""

    answer = forms.CharField(
        label=_("A kind word to the member: what was seen, what it means"),
        max_length=LONGEST_WORDS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )


class ClearForm(AnswerForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].required = False
