import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.models import EditorialStep, ReturnReason

Act = EditorialStep.Act
NEEDS_WORDS = {Act.COMMENTED, Act.RETURNED, Act.ARCHIVED}
TAKES_WORDS = NEEDS_WORDS | {Act.SUBMITTED, Act.ACCEPTED, Act.CHECKED}
LABELS = {
    Act.SUBMITTED: _("A word to the editors"),
    Act.COMMENTED: _("Your remark"),
    Act.RETURNED: _("What is to be changed, and why"),
    Act.ARCHIVED: _("Why it leaves the library"),
    Act.WITHDRAWN: _("Why you take it back for its authors"),
}
BUTTONS = {
    Act.SUBMITTED: _("Send for review"),
    Act.WITHDRAWN: _("Take it back to write on"),
    Act.TAKEN: _("Begin to review"),
    Act.PUT_BACK: _("Put back into the queue"),
    Act.COMMENTED: _("Post the remark"),
    Act.RETURNED: _("Send back"),
    Act.ACCEPTED: pgettext_lazy("editorial", "Accept"),
    Act.RESCHEDULED: _("Set the time"),
    Act.CHECKED: _("It is still true"),
    Act.ARCHIVED: _("Archive"),
    Act.REOPENED: _("Take out of the archive"),
}


class StepForm(forms.Form):
    """What a step on an item's way needs to be told."""

    act = forms.CharField(widget=forms.HiddenInput)
    reasons = forms.ModelMultipleChoiceField(
        label=_("Reasons"),
        queryset=ReturnReason.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The author reads them in their own language."),
    )
    text = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    at = forms.DateTimeField(
        label=_("Goes out at"),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )

    def __init__(self, data=None, *, act, at=None, is_own=True):
        """What is not one's own is taken back with a reason."""
        super().__init__(data, initial={"act": act.value, "at": at}, prefix=None)
        self.auto_id = f"id_{act.value}_%s"
        self.step = act
        self.fields["text"].label = LABELS.get(act, _("A word to the author"))
        takes_back = act == Act.WITHDRAWN and not is_own
        self.fields["text"].required = takes_back or act in NEEDS_WORDS
        self.fields["text"].widget.attrs["data-draft"] = f"step-{act.value}"
        if act not in TAKES_WORDS and not takes_back:
            del self.fields["text"]
        reasons = ReturnReason.objects.all()
        if act == Act.RETURNED and reasons.exists():
            self.fields["reasons"].queryset = reasons
            self.fields["text"].required = False
        else:
            del self.fields["reasons"]
        if act not in {Act.ACCEPTED, Act.RESCHEDULED}:
            del self.fields["at"]
            return
        zone = _("In your time zone, %(zone)s.") % {"zone": get_current_timezone_name()}
        self.fields["at"].help_text = zone
        if act == Act.ACCEPTED:
            self.fields["at"].required = False
            self.fields["at"].help_text = f"{_('Empty: at once.')} {zone}"

    def clean_at(self):
        at = self.cleaned_data["at"]
        if at and at < timezone.now():
            raise forms.ValidationError(_("This time is past."))
        return at

    def clean(self):
        told = super().clean()
        says_nothing = not (told.get("text") or told.get("reasons"))
        if "reasons" in self.fields and says_nothing and "text" not in self.errors:
            self.add_error("text", _("Choose a reason, or say why in your own words."))
        return told

    @property
    def button(self) -> str:
        return str(BUTTONS[self.step])


class DayForm(forms.Form):
    """Another day, at the same time of the day."""

    day = forms.DateField(label=_("Day"))

    def __init__(self, data=None, *, item):
        super().__init__(data)
        self.item = item

    def clean_day(self):
        time = timezone.localtime(self.item.published_at).time()
        day = self.cleaned_data["day"]
        if not 2000 <= day.year <= 2200:
            raise forms.ValidationError(_("A day between the years 2000 and 2200."))
        at = timezone.make_aware(dt.datetime.combine(day, time))
        if at < timezone.now():
            raise forms.ValidationError(_("This time is past."))
        return at


class OutdatedForm(forms.Form):
    text = forms.CharField(
        label=_("What is no longer true?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
