from django import forms
from django.utils.translation import gettext_lazy as _

STARS = [
    (5, _("5 – excellent")),
    (4, _("4 – good")),
    (3, _("3 – all right")),
    (2, _("2 – weak")),
    (1, _("1 – of no use")),
]


def in_words(longest):
    return forms.CharField(
        label=_("What did it give you?"),
        required=False,
        max_length=longest,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody who sees this page can read it, with your name."),
    )


class RatingForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("How good was it?"),
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
    )
    words = in_words(2000)


class ReplyToRatingForm(forms.Form):
    words = forms.CharField(
        label=_("Your reply"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Empty: takes the reply back."),
    )
