from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.errors import TooManyTags
from content.services import tags

TOO_MANY = _("At most %(number)d tags, none longer than %(length)d characters.")
DECISIONS = [
    ("later", _("Decide later")),
    ("take", pgettext_lazy("a proposed tag", "Take it")),
    ("refuse", _("No")),
]


def too_many_tags():
    bounds = {"number": tags.MOST_OF_AN_ITEM, "length": tags.LONGEST_NAME}
    return forms.ValidationError(TOO_MANY, params=bounds)


def accepted_tags(item, names):
    """The tags that were typed, as they are kept; what is too much is said."""
    try:
        return tags.accepted(item, names)
    except TooManyTags as error:
        raise too_many_tags() from error


class ProposalsForm(forms.Form):
    """One decision for each proposed tag."""

    def __init__(self, data=None, *, proposals):
        super().__init__(data)
        self.names = {f"tag-{n}": it.name for n, it in enumerate(proposals)}
        for field, name in self.names.items():
            self.fields[field] = forms.ChoiceField(
                label=name,
                choices=DECISIONS,
                initial="later",
                required=False,
                widget=forms.RadioSelect,
            )
            # Whatever was proposed when the page was drawn is what is decided on.
            self.fields[f"{field}-name"] = forms.CharField(
                max_length=100, initial=name, widget=forms.HiddenInput, required=False
            )

    def decided(self, what):
        return [
            self.cleaned_data.get(f"{field}-name") or name
            for field, name in self.names.items()
            if self.cleaned_data.get(field) == what
        ]


class MergeForm(forms.Form):
    into = forms.CharField(
        label=_("The tag that stays"),
        max_length=100,
        help_text=_("The others become other names of it."),
    )
