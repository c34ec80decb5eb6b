from django import forms
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag

from accounts.models import User


class ApplicationForm(forms.Form):
    """One field for each question; nothing that was typed is lost."""

    def __init__(self, *args, questions, **options):
        super().__init__(*args, **options)
        self.questions = questions
        for question in questions:
            self.fields[f"question-{question.pk}"] = forms.CharField(
                label=question.prompt,
                required=question.is_required,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        # A form without questions is sent all the same.
        self.fields["sent"] = forms.CharField(
            initial="yes", required=False, widget=forms.HiddenInput
        )

    def answers(self) -> list[list[str]]:
        """[[question, answer], …]"""
        return [
            [question.prompt, self.cleaned_data[f"question-{question.pk}"]]
            for question in self.questions
        ]


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Invitation code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class InterestsForm(forms.Form):
    tags = forms.ModelMultipleChoiceField(
        label=_("What are you interested in?"),
        queryset=Tag.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    experience = forms.ChoiceField(
        label=_("How far have you come?"),
        choices=[("", _("I would rather not say")), *User.Experience.choices],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, tags, **options):
        super().__init__(*args, **options)
        self.fields["tags"].queryset = Tag.objects.filter(pk__in=[t.pk for t in tags])
