from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import PolicyVersion
from accounts.services import policies


class PolicyForm(forms.Form):
    """A new version of one text, in every language of the site."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=PolicyVersion.Kind, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=_("What has changed"),
        max_length=300,
        help_text=_("In a sentence; members read it first."),
        widget=UnfoldAdminTextInputWidget,
    )
    needs_consent = forms.BooleanField(
        label=_("Members have to agree again"),
        required=False,
        initial=True,
        help_text=_("Not for a mended typing error."),
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args, kind: str, **options):
        super().__init__(*args, **options)
        self.fields["kind"].initial = kind
        for language, name in settings.LANGUAGES:
            before = policies.in_force(kind, language)
            self.fields[language] = forms.CharField(
                label=name,
                initial=before.body if before else "",
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 20}),
                help_text=_("Markdown."),
            )

    def texts(self) -> dict[str, str]:
        return {code: self.cleaned_data[code] for code, _name in settings.LANGUAGES}
