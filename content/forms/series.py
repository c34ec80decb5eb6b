"""Series of events: how often, how long, and for which of them a change holds."""

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models import EventSeries
from content.models.series import MOST_TIMES

LONGEST = dt.timedelta(days=5 * 366)


def day_field(label, **options):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=False, **options)


class RuleForm(forms.Form):
    """When it comes again, counted from the event at hand."""

    frequency = forms.ChoiceField(
        label=_("How often"), choices=EventSeries.Frequency, widget=forms.RadioSelect
    )
    count = forms.IntegerField(
        label=_("How many times"),
        required=False,
        min_value=2,
        max_value=MOST_TIMES,
        help_text=_("With the first. Empty, without a last day: until you end it."),
    )
    until = day_field(_("Last day"), help_text=_("Instead of a number of times."))

    def __init__(self, data=None, *, event):
        super().__init__(data, initial={"frequency": EventSeries.Frequency.WEEKLY})
        self.first_on = event.starts_there.date()

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until and until <= self.first_on:
            raise forms.ValidationError(_("It ends before it comes again."))
        if until and until > self.first_on + LONGEST:
            raise forms.ValidationError(_("Five years at most."))
        return until

    def clean(self):
        said = super().clean()
        if said.get("count") and said.get("until"):
            self.add_error("until", _("Either a number of times or a last day."))
        return said


class ReachForm(forms.Form):
    """Beside the form of the event itself."""

    ONE, FOLLOWING = "one", "following"
    REACHES = ((ONE, _("this one alone")), (FOLLOWING, _("this one and all after it")))

    reach = forms.ChoiceField(
        label=_("The change holds for"),
        choices=REACHES,
        initial=ONE,
        widget=forms.RadioSelect,
        help_text=_("Those that were changed alone before stay as they are."),
    )

    @property
    def is_for_all(self):
        return self.cleaned_data["reach"] == self.FOLLOWING


class EndForm(forms.Form):
    last_on = day_field(
        _("Last day"),
        help_text=_(
            "What would come later is cancelled. Empty: nothing takes place any more."
        ),
    )
    reason = forms.CharField(
        label=_("Why (everybody who is registered reads it)"),
        max_length=300,
        required=False,
    )

    def clean_last_on(self):
        day = self.cleaned_data["last_on"]
        if day and day > timezone.localdate() + LONGEST:
            raise forms.ValidationError(_("Five years at most."))
        return day
