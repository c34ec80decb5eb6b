from django import forms
from django.utils.translation import gettext_lazy as _

from content.models.surveys import COMMENT_LENGTH
from content.services.instruments import INSTRUMENTS


class SurveyForm(forms.Form):
    """The questions of what a member is asked, filled with what they said before."""

    def __init__(self, data=None, *, asked):
        super().__init__(data)
        said = {it.question: it.value for it in asked.answers.all()}
        for question in INSTRUMENTS[asked.survey.kind]:
            self.fields[question.name] = forms.TypedChoiceField(
                label=question.text,
                choices=question.choices,
                coerce=int,
                widget=forms.RadioSelect,
                initial=said.get(question.name),
            )
        self.fields["comment"] = forms.CharField(
            label=_("In your words"),
            required=False,
            max_length=COMMENT_LENGTH,
            initial=asked.comment,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("Operators read it without your name."),
        )

    def told(self):
        values = dict(self.cleaned_data)
        comment = values.pop("comment")
        return {"values": values, "comment": comment}
