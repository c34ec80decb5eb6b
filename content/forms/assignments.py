from django import forms
from django.utils.translation import gettext_lazy as _

from community.lib import uploads
from community.lib.marks import plain_marks
from content.models import Assignment, HandedIn
from content.models.assignments import CRITERION

MOST_CRITERIA = 12


class AssignmentForm(forms.ModelForm):
    class Meta:
        model = Assignment
        fields = ["task", "rubric", "takes_file", "must_pass"]
        widgets = {
            "task": forms.Textarea(attrs={"rows": 8}),
            "rubric": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "rubric": _(
                "What you look at: one criterion a line, its most points behind a "
                "bar, such as: Clarity | 5"
            ),
        }

    def clean_rubric(self):
        rubric = plain_marks(self.cleaned_data["rubric"])
        lines = [line.strip() for line in rubric.splitlines() if line.strip()]
        if len(lines) > MOST_CRITERIA:
            raise forms.ValidationError(_("At most 12 criteria."))
        for number, line in enumerate(lines, start=1):
            if not CRITERION.match(line):
                raise forms.ValidationError(
                    _("Line %(number)d has no points behind a bar: %(line)s"),
                    params={"number": number, "line": line[:60]},
                )
        return rubric


class WorkForm(forms.ModelForm):
    """What a learner hands in."""

    class Meta:
        model = HandedIn
        fields = ["text", "file"]
        labels = {"text": _("Your work"), "file": _("A file with it")}
        widgets = {"text": forms.Textarea(attrs={"rows": 12})}

    def __init__(self, *args, takes_file, **kwargs):
        super().__init__(*args, **kwargs)
        if takes_file:
            self.fields["text"].help_text = _("Write something, or attach a file.")
        else:
            del self.fields["file"]
            self.fields["text"].required = True

    def clean(self):
        said = super().clean()
        file = said.get("file")
        if file:
            try:
                said["file"] = uploads.accept(file, "attachment")
            except uploads.NotAccepted as error:
                self.add_error("file", str(error))
        elif not said.get("text") and not self.errors:
            self.add_error("text", _("Write something, or attach a file."))
        return said


class ReviewForm(forms.Form):
    """The points of each criterion, a word, and the decision: first what was said so
    far."""

    def __init__(self, data=None, *, work):
        is_new = work.outcome == HandedIn.Outcome.WAITING
        said = {} if is_new else {"comment": work.comment, "outcome": work.outcome}
        super().__init__(data, initial=said)
        given = {name: points for name, points, _most in work.marks}
        criteria = enumerate(work.assignment.criteria)
        self.criteria = {f"points-{n}": it for n, it in criteria}
        for name, criterion in self.criteria.items():
            self.fields[name] = forms.IntegerField(
                label=f"{criterion.name} (0–{criterion.points})",
                min_value=0,
                max_value=criterion.points,
                initial=given.get(criterion.name),
            )
        self.fields["comment"] = forms.CharField(
            label=_("To the learner"),
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 5}),
        )
        self.fields["outcome"] = forms.ChoiceField(
            label=_("Decision"),
            choices=HandedIn.Outcome.choices[1:],
            widget=forms.RadioSelect,
        )

    @property
    def review(self):
        said = self.cleaned_data
        return {
            "is_passed": said["outcome"] == HandedIn.Outcome.PASSED,
            "comment": said["comment"],
            "marks": [
                (criterion.name, said[name], criterion.points)
                for name, criterion in self.criteria.items()
            ],
        }
