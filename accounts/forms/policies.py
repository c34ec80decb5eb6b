import hashlib
import json

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

    def clean(self):
        """Members are not asked to agree again to what they have agreed to."""
        cleaned = super().clean()
        if not self.errors and not any(map(self._differs, dict(settings.LANGUAGES))):
            raise forms.ValidationError(_("No text differs from what is in force."))
        if not self.errors and cleaned["kind"] == PolicyVersion.Kind.RULES:
            self._check_rules()
        return cleaned

    def _check_rules(self):
        """A decision cites a rule by its number, whatever language it is read in."""
        numbers = {len(policies.rules_in(text)) for text in self.texts().values()}
        if len(numbers) > 1 or 0 in numbers:
            raise forms.ValidationError(
                _(
                    "Begin each rule with a heading (“## Be kind”), as many in each"
                    " language."
                )
            )

    def _differs(self, language):
        before = policies.in_force(self.cleaned_data["kind"], language)
        text = "\n".join(self.cleaned_data[language].splitlines()).strip()
        return before is None or text != before.body.strip()

    def fingerprint(self) -> str:
        """Of all that would be published: what was looked at is told from it."""
        said = json.dumps(self.cleaned_data, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def texts(self) -> dict[str, str]:
        return {code: self.cleaned_data[code] for code, _name in settings.LANGUAGES}
