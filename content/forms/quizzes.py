from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.models import Question, Quiz


class QuizForm(forms.ModelForm):
    class Meta:
        model = Quiz
        fields = [
            *("draw", "most_attempts", "minutes", "pass_percent"),
            *("must_pass", "shows_answers", "asks_same"),
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.kind != Quiz.Kind.LESSON:
            del self.fields["must_pass"], self.fields["most_attempts"]
        if self.instance.kind != Quiz.Kind.AFTER:
            del self.fields["asks_same"]


class ChoiceOfQuestionsForm(forms.Form):
    """Which questions of the bank a quiz asks."""

    questions = forms.ModelMultipleChoiceField(
        label=pgettext_lazy("quiz", "Questions"),
        queryset=Question.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data=None, *, bank, chosen=()):
        super().__init__(data, initial={"questions": list(chosen)})
        self.fields["questions"].queryset = bank


class QuestionForm(forms.ModelForm):
    """A question with its answers, as one types them on a telephone."""

    class Meta:
        model = Question
        fields = ["kind", "text", "answers", "number", "tolerance", "explanation"]
        widgets = {
            "kind": forms.RadioSelect,
            "text": forms.Textarea(attrs={"rows": 3}),
            "answers": forms.Textarea(attrs={"rows": 5}),
            "explanation": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "answers": _(
                "Choices: one a line, each right one behind a star (*). Words: one a "
                "line, all have to occur; other spellings behind a bar (|)."
            ),
            "number": _("Only where a number is asked for."),
            "explanation": _("Shown with the result."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Question.Kind.choices
        self.fields["tolerance"].required = False

    def clean_tolerance(self):
        return self.cleaned_data["tolerance"] or 0

    @property
    def says(self):
        """What the question's own rules left of what was typed."""
        return {name: getattr(self.instance, name) for name in self.Meta.fields}
