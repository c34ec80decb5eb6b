"""Booking an hour, and what the two say of it."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.forms.discussions import FormKey
from content.forms.paid_questions import STARS
from content.models.appointments import BRIEF_LENGTH, REASON_LENGTH, Said

MOMENT = "%Y-%m-%dT%H:%MZ"


class MomentField(forms.CharField):
    """A moment of universal time, as the links of the free hours carry it."""

    def __init__(self):
        super().__init__(widget=forms.HiddenInput, max_length=20)

    def clean(self, value):
        said = super().clean(value)
        try:
            return dt.datetime.strptime(said, MOMENT).replace(tzinfo=dt.UTC)
        except ValueError:
            raise forms.ValidationError(_("Choose one of the times.")) from None


class TimeForm(forms.Form):
    at = MomentField()


class BookForm(TimeForm):
    brief = forms.CharField(
        label=_("What is it about? The expert prepares with it."),
        max_length=BRIEF_LENGTH,
        help_text=_("Markdown works here."),
    )
    form_key = FormKey()

    def __init__(self, data=None, *, consultation, at=""):
        super().__init__(data, initial={"at": at})
        self.fields["brief"].widget = forms.Textarea(
            attrs={
                "rows": 8,
                "data-draft": f"brief-{consultation.pk}",
                "maxlength": BRIEF_LENGTH,
            }
        )


class LinkForm(forms.Form):
    join_url = forms.URLField(
        label=_("Meeting link"),
        max_length=200,
        assume_scheme="https",
        help_text=_("Only the two of you see it."),
    )

    def __init__(self, data=None, *, appointment, link=""):
        initial = {"join_url": appointment.join_url or link}
        super().__init__(data, initial=initial)
        if not appointment.is_online:
            del self.fields["join_url"]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why (the other one reads it)"),
        max_length=REASON_LENGTH,
        required=False,
    )


class SayForm(forms.Form):
    says = forms.ChoiceField(
        label=_("How was it?"),
        choices=[
            (Said.TOOK_PLACE.value, _("It took place")),
            (Said.ALONE.value, _("The other was not there")),
            (Said.AWAY.value, _("I was not there myself")),
        ],
        widget=forms.RadioSelect,
    )

    @property
    def is_away(self) -> bool:
        return self.cleaned_data["says"] == Said.AWAY


class StarsForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("How good was it? 5 is best."), choices=STARS, coerce=int
    )
    words = forms.CharField(
        label=pgettext_lazy("rating of an expert", "In words (all members read it)"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data=None, *, appointment):
        initial = {"stars": appointment.rating or 5, "words": appointment.rating_words}
        super().__init__(data, initial=initial)
