from django import forms
from django.utils.translation import gettext_lazy as _

from content.forms.marks import plain_marks
from content.models import Question, Quiz

MOST_CHOICES = 20


class QuizForm(forms.ModelForm):
    class Meta:
        model = Quiz
        fields = [
            *("draw", "most_attempts", "minutes", "pass_percent"),
            *("must_pass", "shows_answers"),
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.kind != Quiz.Kind.LESSON:
            del self.fields["must_pass"], self.fields["most_attempts"]


class ChoiceOfQuestionsForm(forms.Form):
    """Which questions of the bank a quiz asks."""

    questions = forms.ModelMultipleChoiceField(
        label=_("Questions"),
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

    def clean(self):
        said = super().clean()
        kind = said.get("kind")
        if kind == Question.Kind.NUMERIC:
            if said.get("number") is None and "number" not in self.errors:
                self.add_error("number", _("Say which number is right."))
            said["answers"] = ""
            return said
        said["number"], said["tolerance"] = None, 0
        if kind and "answers" not in self.errors:
            self._judge_answers(kind, said.get("answers", ""))
        return said

    def clean_answers(self):
        return plain_marks(self.cleaned_data["answers"])

    def _judge_answers(self, kind, text):
        draft = Question(kind=kind, answers=text)
        if kind == Question.Kind.KEYWORDS:
            if not draft.lines:
                self.add_error("answers", _("Write at least one word."))
            return
        right = len(draft.right_choices)
        if not 2 <= len(draft.choices) <= MOST_CHOICES:
            self.add_error("answers", _("Give between 2 and 20 choices, one a line."))
        elif len(set(draft.choices)) < len(draft.choices) or "" in draft.choices:
            self.add_error("answers", _("Two choices are the same, or one is empty."))
        elif kind == Question.Kind.SINGLE and right != 1:
            self.add_error("answers", _("Put a star before exactly one choice."))
        elif not right:
            self.add_error("answers", _("Put a star (*) before each right choice."))
