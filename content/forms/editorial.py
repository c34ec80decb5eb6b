from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models import EditorialStep

Act = EditorialStep.Act
NEEDS_WORDS = {Act.COMMENTED, Act.RETURNED, Act.ARCHIVED}
TAKES_WORDS = NEEDS_WORDS | {Act.SUBMITTED, Act.ACCEPTED, Act.CHECKED}
LABELS = {
    Act.SUBMITTED: _("A word to the editors"),
    Act.COMMENTED: _("Your remark"),
    Act.RETURNED: _("What is to be changed, and why"),
    Act.ARCHIVED: _("Why it leaves the library"),
}
BUTTONS = {
    Act.SUBMITTED: _("Send for review"),
    Act.WITHDRAWN: _("Take it back to write on"),
    Act.TAKEN: _("Begin to review"),
    Act.COMMENTED: _("Post the remark"),
    Act.RETURNED: _("Send back"),
    Act.ACCEPTED: _("Accept"),
    Act.RESCHEDULED: _("Set the time"),
    Act.CHECKED: _("It is still true"),
    Act.ARCHIVED: _("Archive"),
    Act.REOPENED: _("Take out of the archive"),
}


class StepForm(forms.Form):
    """What a step on an item's way needs to be told."""

    act = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    at = forms.DateTimeField(
        label=_("Goes out at"),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )

    def __init__(self, data=None, *, act, at=None):
        super().__init__(data, initial={"act": act.value, "at": at}, prefix=None)
        self.auto_id = f"id_{act.value}_%s"
        self.step = act
        self.fields["text"].label = LABELS.get(act, _("A word to the author"))
        self.fields["text"].required = act in NEEDS_WORDS
        self.fields["text"].widget.attrs["data-draft"] = f"step-{act.value}"
        if act not in TAKES_WORDS:
            del self.fields["text"]
        if act not in {Act.ACCEPTED, Act.RESCHEDULED}:
            del self.fields["at"]
        elif act == Act.ACCEPTED:
            self.fields["at"].required = False
            self.fields["at"].help_text = _("Empty: at once.")

    def clean_at(self):
        at = self.cleaned_data["at"]
        if at and at < timezone.now():
            raise forms.ValidationError(_("This time is past."))
        return at

    @property
    def button(self) -> str:
        return str(BUTTONS[self.step])


class OutdatedForm(forms.Form):
    text = forms.CharField(
        label=_("What is no longer true?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
