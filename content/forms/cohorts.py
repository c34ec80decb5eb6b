from django import forms
from django.utils.translation import gettext_lazy as _

from content.models import Cohort
from content.models.cohorts import INTRODUCTION_LENGTH, LATEST_DUE
from content.services.cohorts import possible_mentors


class CohortForm(forms.ModelForm):
    class Meta:
        model = Cohort
        fields = ["name", "mentor", "starts_on", "ends_on", "seats"]
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            for name in ("starts_on", "ends_on")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["mentor"].queryset = possible_mentors(self.instance.course)
        self.fields["seats"].widget.attrs["min"] = 1


class NewCohortForm(CohortForm):
    with_space = forms.BooleanField(
        label=_("With a space of its own"),
        required=False,
        initial=True,
        help_text=_("Its learners come in and leave by themselves; nobody else reads."),
    )

    @property
    def says(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class IntroductionForm(forms.Form):
    text = forms.CharField(
        label=_("About you"),
        required=False,
        max_length=INTRODUCTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "data-draft": "cohort-introduction"}),
        help_text=_("Who you are, and what you want from the course."),
    )


class DueDatesForm(forms.Form):
    """One number for each part of the course; empty: at any time."""

    def __init__(self, data=None, *, things):
        super().__init__(data)
        self.things = things
        for thing in things:
            self.fields[thing.key] = forms.IntegerField(
                label=thing.title,
                initial=thing.days,
                required=False,
                min_value=0,
                max_value=LATEST_DUE,
            )

    @property
    def days(self):
        return {(it.kind, it.pk): self.cleaned_data[it.key] for it in self.things}
