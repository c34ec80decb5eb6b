from django import forms
from django.utils.translation import gettext_lazy as _

from content.forms.discussions import FormKey
from content.models import FeedbackArea
from content.models.feedback import TEXT_LENGTH
from content.services.feedback import page_kept


class FeedbackForm(forms.Form):
    """`website` is a trap: people do not see it, machines fill it in."""

    area = forms.ModelChoiceField(
        label=_("What is it about?"),
        queryset=FeedbackArea.objects.all(),
        empty_label=_("Please choose"),
    )
    text = forms.CharField(
        label=_("What do you want to tell us?"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "data-draft": "feedback"}),
    )
    page = forms.CharField(
        label=_("Page"),
        required=False,
        max_length=200,
        help_text=_("Where you were. Empty it if it says too much."),
    )
    is_anonymous = forms.BooleanField(
        label=_("Without my name"),
        required=False,
        help_text=_("Then nothing is kept of who you are. You get a private link."),
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    form_key = FormKey()

    def __init__(self, *args, member, **kwargs):
        super().__init__(*args, **kwargs)
        if not member.is_authenticated:
            del self.fields["is_anonymous"]

    def clean_page(self):
        return page_kept(self.cleaned_data["page"])
