"""What is said in a live room, and what its host sets up."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.errors import Muted
from accounts.models import Space
from content.errors import (
    MutedHere,
    RoomClosed,
    RulesNotAgreed,
    TooManyPosts,
    TooSoon,
)
from content.forms.discussions import FormKey, waiting_words
from content.models.live import (
    CHOICE_LENGTH,
    FEWEST_CHOICES,
    LINE_LENGTH,
    MOST_CHOICES,
)

# Seconds between two messages of one member.
PACES = [(0, _("off")), (5, "5 s"), (15, "15 s"), (30, "30 s"), (60, "60 s")]


class SayForm(forms.Form):
    prefix = "say"
    form_key = FormKey()
    body = forms.CharField(label=_("Your message"), max_length=LINE_LENGTH)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        attrs = self.fields["body"].widget.attrs
        attrs["autocomplete"] = "off"
        attrs["placeholder"] = self.fields["body"].label


class AskForm(SayForm):
    prefix = "ask"
    body = forms.CharField(
        label=pgettext_lazy("live", "Your question"),
        max_length=LINE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "What stays open may be put into the talk afterwards, with your name."
        ),
    )


def send(form, service, **who):
    """The line; where there is none, why not stands beside the field."""
    try:
        return service(**form.cleaned_data, **who)
    except RoomClosed:
        form.add_error("body", _("The room is closed."))
    except MutedHere:
        form.add_error("body", _("The host has asked you to listen only."))
    except Muted:
        form.add_error("body", _("You cannot write in the talk at the moment."))
    except RulesNotAgreed:
        form.add_error(
            "body", _("The rules are new. Please agree to them on the start page.")
        )
    except TooSoon as wait:
        form.add_error("body", waiting_words(wait.seconds))
    except TooManyPosts:
        form.add_error("body", _("That is a lot at once. Please wait a minute."))
    return None


class SlowForm(forms.Form):
    seconds = forms.TypedChoiceField(
        label=_("Slow mode"),
        choices=PACES,
        coerce=int,
        help_text=_("So long each waits between two messages."),
    )


class LivePollForm(forms.Form):
    prefix = "poll"
    form_key = FormKey()
    question = forms.CharField(
        label=pgettext_lazy("poll", "Question"), max_length=LINE_LENGTH
    )
    choices = forms.CharField(
        label=pgettext_lazy("poll", "Choices"),
        help_text=_("One on each line."),
        max_length=MOST_CHOICES * (CHOICE_LENGTH + 2),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_choices(self):
        lines = [it.strip() for it in self.cleaned_data["choices"].splitlines()]
        choices = list(dict.fromkeys(filter(None, lines)))
        if not FEWEST_CHOICES <= len(choices) <= MOST_CHOICES:
            raise forms.ValidationError(
                _("Between %(least)s and %(most)s of them, please."),
                params={"least": FEWEST_CHOICES, "most": MOST_CHOICES},
            )
        if any(len(it) > CHOICE_LENGTH for it in choices):
            raise forms.ValidationError(
                _("At most %(most)s letters each."), params={"most": CHOICE_LENGTH}
            )
        return choices


class CarryForm(forms.Form):
    space = forms.ModelChoiceField(
        label=_("Space"), queryset=Space.objects.none(), empty_label=None
    )

    def __init__(self, *args, spaces, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["space"].queryset = spaces


class OnForm(forms.Form):
    """A switch: what is pressed says which way."""

    on = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce="1".__eq__)


class ChoiceForm(forms.Form):
    choice = forms.IntegerField(min_value=1)

    def __init__(self, *args, poll, **kwargs):
        super().__init__(*args, **kwargs)
        self.most = len(poll.choices)

    def clean_choice(self):
        if self.cleaned_data["choice"] > self.most:
            raise forms.ValidationError("")
        return self.cleaned_data["choice"]
