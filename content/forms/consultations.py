"""What experts say of their time."""

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from community.lib.zones import zones
from content.forms.discussions import FormKey
from content.forms.prices import PricedForm, prices_of
from content.models import Consultation, ExpertCalendar
from content.models.appointments import (
    ABOUT_LENGTH,
    CELL_MINUTES,
    DAY_MINUTES,
    TITLE_LENGTH,
    Weekday,
)

LENGTHS = (15, 30, 45, 60, 90, 120, 150, 180)


def _lengths():
    shown = ngettext_lazy("%(n)s minute", "%(n)s minutes", "n")
    return [(str(minutes), shown % {"n": minutes}) for minutes in LENGTHS]


class ConsultationForm(PricedForm):
    field_order = (
        *("title", "about", "minutes", "place", "price", "currency", "points"),
        "is_active",
    )
    title = forms.CharField(
        label=_("What you talk about, in one line"), max_length=TITLE_LENGTH
    )
    about = forms.CharField(
        label=_("What one gets"),
        max_length=ABOUT_LENGTH,
        help_text=_("Markdown works here."),
    )
    minutes = forms.TypedChoiceField(label=_("Length"), choices=_lengths, coerce=int)
    place = forms.CharField(
        label=_("Place"),
        max_length=200,
        required=False,
        help_text=_("Leave it empty if you meet online."),
    )
    is_active = forms.BooleanField(label=_("Can be booked"), required=False)
    form_key = FormKey()

    def __init__(self, data=None, *, share, consultation=None):
        super().__init__(data, share=share, initial=_initial(consultation))
        draft = f"consultation-{consultation.pk if consultation else 'new'}"
        self.fields["about"].widget = forms.Textarea(
            attrs={"rows": 6, "data-draft": draft, "maxlength": ABOUT_LENGTH}
        )
        if consultation:
            del self.fields["form_key"]


def _initial(consultation):
    it = consultation or Consultation()
    return {
        "title": it.title,
        "about": it.about,
        "minutes": str(it.minutes),
        "place": it.place,
        "is_active": it.is_active,
        **prices_of(it),
    }


class CalendarForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Your hours are meant in it.")
    )
    join_url = forms.URLField(
        label=_("Meeting link"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("Shown to whoever has an appointment, and to nobody else."),
    )

    class Meta:
        model = ExpertCalendar
        fields = ["time_zone", "notice_hours", "days_ahead", "join_url"]

    def __init__(self, data=None, *, calendar):
        super().__init__(data, instance=calendar)
        known, chosen = zones(), calendar.time_zone
        if chosen not in dict(known):
            known = [(chosen, chosen), *known]
        self.fields["time_zone"].choices = known


class ClockField(forms.TimeField):
    """Minutes after midnight, in quarters of an hour."""

    def __init__(self, label, **options):
        attrs = {"type": "time", "step": CELL_MINUTES * 60}
        widget = forms.TimeInput(attrs=attrs, format="%H:%M")
        super().__init__(label=label, widget=widget, **options)

    def clean(self, value):
        said = super().clean(value)
        if said is None:
            return None
        minutes = 60 * said.hour + said.minute
        if minutes % CELL_MINUTES or said.second:
            raise forms.ValidationError(_("Choose a quarter of an hour."))
        return minutes


class SpanForm(forms.Form):
    """Hours of a day; midnight as an end is the end of the day."""

    def clean(self):
        said = super().clean()
        if said.get("ends") == 0:
            said["ends"] = DAY_MINUTES
        begins, ends = said.get("begins"), said.get("ends")
        if begins is not None and ends is not None and begins >= ends:
            self.add_error("ends", _("It cannot end before it starts."))
        return said


class HoursForm(SpanForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    begins = ClockField(_("From"))
    ends = ClockField(_("To"))


class ExceptionForm(SpanForm):
    day = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    is_extra = forms.TypedChoiceField(
        label=_("On this day"),
        choices=[("0", _("I am away")), ("1", _("I am there as well"))],
        coerce=lambda value: value == "1",
    )
    begins = ClockField(
        _("From"), required=False, help_text=_("Leave both empty for the whole day.")
    )
    ends = ClockField(_("To"), required=False)

    def clean_day(self):
        day, today = self.cleaned_data["day"], timezone.localdate()
        if not today <= day <= today + dt.timedelta(days=366):
            raise forms.ValidationError(_("Choose a day within a year from now."))
        return day

    def clean(self):
        said = super().clean()
        begins, ends = said.get("begins"), said.get("ends")
        if self.errors:
            return said
        if begins is None and ends is None:
            said["begins"], said["ends"] = 0, DAY_MINUTES
        elif begins is None or ends is None:
            empty = "begins" if begins is None else "ends"
            self.add_error(empty, _("Name both, or neither."))
        return said
