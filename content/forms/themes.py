from django import forms
from django.utils.translation import gettext_lazy as _

from content.forms.discussions import Body, FormKey
from content.models import Theme
from content.models.discussions import TITLE_LENGTH


class ThemeForm(forms.Form):
    title = forms.CharField(
        label=_("What should a week be about?"),
        max_length=Theme._meta.get_field("title").max_length,
        widget=forms.TextInput(attrs={"data-draft": "theme-title"}),
    )
    why = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=Theme._meta.get_field("why").max_length,
        widget=forms.Textarea(attrs={"rows": 3, "data-draft": "theme-why"}),
    )
    form_key = FormKey()


class SummaryForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField()

    def __init__(self, data=None, *, week, **options):
        super().__init__(data, **options)
        self.fields["body"] = Body(
            _("Text"), f"week-{week.pk}-summary", help_text=_("Markdown works here.")
        )
