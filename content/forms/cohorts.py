from django import forms

from content.models import Cohort
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
