from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.models import Poll
from content.models.polls import (
    CHOICE_LENGTH,
    FEWEST_CHOICES,
    MOST_CHOICES,
    QUESTION_LENGTH,
)


class EndForm(forms.Form):
    """When a poll ends: all that may be changed once somebody has voted."""

    # It stands beside the topic's own fields; and where it is not asked for, it is out
    # of sight: no browser could lead there to a field that needs something.
    prefix = "poll"
    use_required_attribute = False

    closes_at = forms.DateTimeField(
        label=pgettext_lazy("poll", "Ends at"),
        required=False,
        help_text=_(
            "In your own time zone. Left empty, it ends when somebody ends it."
        ),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def clean_closes_at(self):
        moment = self.cleaned_data["closes_at"]
        if moment and moment <= timezone.now():
            raise forms.ValidationError(_("That is in the past."))
        return moment

    @classmethod
    def typed_in(cls, sent):
        """What was sent for it, checked or not, to be shown again."""
        prefix = f"{cls.prefix}-"
        names = (name for name in sent if name.startswith(prefix))
        return {name.removeprefix(prefix): sent[name] for name in names}

    @property
    def terms(self):
        """What was filled in, as it can be kept as JSON."""
        moment = self.cleaned_data["closes_at"]
        closes_at = moment.isoformat() if moment else None
        return {**self.cleaned_data, "closes_at": closes_at}


class PollForm(EndForm):
    """The choices as lines, because they are typed on telephones."""

    choices = forms.CharField(
        label=pgettext_lazy("poll", "Choices"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=MOST_CHOICES * (CHOICE_LENGTH + 2),
        help_text=_("One a line, between 2 and 20."),
    )
    kind = forms.ChoiceField(
        label=_("What is asked for"),
        choices=Poll.Kind.choices,
        initial=Poll.Kind.SINGLE,
    )
    most = forms.IntegerField(
        label=_("At most how many"),
        required=False,
        min_value=2,
        max_value=MOST_CHOICES,
        help_text=_("Only where several may be chosen. Left empty, all of them."),
    )
    shows = forms.ChoiceField(
        label=_("Results are shown"),
        choices=Poll.Shows.choices,
        initial=Poll.Shows.VOTED,
    )
    is_anonymous = forms.BooleanField(
        label=_("Anonymous"),
        required=False,
        help_text=_(
            "We keep that somebody voted, but nowhere what. Such a vote cannot be "
            "found again, so it cannot be changed. Results are shown from three votes "
            "on; who watches the numbers closely may still guess, so the safest is to "
            "show them when the poll has ended."
        ),
    )
    is_changeable = forms.BooleanField(
        label=_("Votes may be changed until the end"), required=False
    )
    field_order = [
        *("question", "choices", "kind", "most", "shows"),
        *("is_anonymous", "is_changeable", "closes_at"),
    ]

    def __init__(self, data=None, *, draft="poll", **options):
        super().__init__(data, **options)
        self.fields["choices"].widget.attrs["data-draft"] = f"{draft}-choices"

    def clean_choices(self):
        lines = (line.strip() for line in self.cleaned_data["choices"].splitlines())
        choices = [line for line in lines if line]
        if not FEWEST_CHOICES <= len(choices) <= MOST_CHOICES:
            raise forms.ValidationError(_("Give between 2 and 20 choices, one a line."))
        if len(set(choices)) < len(choices):
            raise forms.ValidationError(_("Two choices are the same."))
        if too_long := [it for it in choices if len(it) > CHOICE_LENGTH]:
            raise forms.ValidationError(
                _("At most %(number)s characters for a choice: “%(text)s…”"),
                params={"number": CHOICE_LENGTH, "text": too_long[0][:30]},
            )
        return choices

    def clean(self):
        said = super().clean()
        if said.get("is_anonymous") and said.get("is_changeable"):
            self.add_error(
                "is_changeable",
                _("An anonymous vote cannot be found again, so it cannot be changed."),
            )
        is_multiple = said.get("kind") == Poll.Kind.MULTIPLE
        choices = len(said.get("choices") or [])
        most = min(said.get("most") or choices, choices or MOST_CHOICES)
        said["most"] = max(most, 1) if is_multiple else 1
        return said


class LessonPollForm(PollForm):
    question = forms.CharField(
        label=pgettext_lazy("poll", "Question"), max_length=QUESTION_LENGTH
    )


def said_in(poll):
    """What the forms above are filled with for a poll that is there."""
    names = ("question", "kind", "shows", "is_anonymous", "is_changeable", "closes_at")
    said = {name: getattr(poll, name) for name in names}
    most = poll.most if poll.kind == Poll.Kind.MULTIPLE else None
    return {**said, "choices": "\n".join(poll.choices), "most": most}


class VoteForm(forms.Form):
    """A ballot. The page draws its fields itself, from services.polls.PollFacts."""

    version = forms.IntegerField()

    def __init__(self, data, *, poll):
        super().__init__(data)
        self.poll = poll
        choices = list(enumerate(poll.choices, start=1))
        say = {"required": _("Choose something first.")}
        if poll.is_ranked:
            places = [("", ""), *((place, place) for place in poll.places)]
            for number, _text in choices:
                self.fields[f"rank-{number}"] = forms.TypedChoiceField(
                    choices=places, coerce=int, required=False, empty_value=None
                )
            return
        kind = (
            forms.TypedMultipleChoiceField
            if poll.is_multiple
            else forms.TypedChoiceField
        )
        self.fields["choice"] = kind(choices=choices, coerce=int, error_messages=say)

    def clean(self):
        said = super().clean()
        said["chosen"] = self._ranked(said) if self.poll.is_ranked else _listed(said)
        if self.poll.is_multiple and len(said["chosen"]) > self.poll.most:
            text = _("Choose at most %(number)s.")
            raise forms.ValidationError(text, params={"number": self.poll.most})
        return said

    def _ranked(self, said):
        ranks = self._ranks_in(said)
        if not ranks:
            raise forms.ValidationError(_("Choose something first."))
        if len(set(ranks.values())) < len(ranks):
            raise forms.ValidationError(_("Give each place to one choice only."))
        return sorted(ranks, key=ranks.__getitem__)

    def _ranks_in(self, said):
        return {
            number: said[f"rank-{number}"]
            for number in self.poll.places
            if said.get(f"rank-{number}")
        }

    @property
    def typed_ranks(self):
        """The places that were given, to be shown again."""
        return self._ranks_in(self.cleaned_data) if self.poll.is_ranked else None

    @property
    def marked(self):
        """What was ticked, to be shown again beside what is wrong with it."""
        return tuple(self.cleaned_data.get("chosen") or _listed(self.cleaned_data))


def _listed(said):
    chosen = said.get("choice") or []
    return sorted(chosen) if isinstance(chosen, list) else [chosen]
