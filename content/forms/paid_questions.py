from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.forms.discussions import FormKey
from content.forms.prices import PricedForm, prices_of
from content.models import AskingTerms
from content.models.paid_questions import MOST_DAYS, TEXT_LENGTH, TITLE_LENGTH

YOUR_ANSWER = pgettext_lazy("to a paid question", "Your answer")


class Words(forms.CharField):
    def __init__(self, label, draft, **options):
        # What is typed is kept in the browser under this name until it is sent.
        attrs = {"rows": 8, "data-draft": draft}
        super().__init__(
            label=label,
            max_length=TEXT_LENGTH,
            widget=forms.Textarea(attrs=attrs),
            help_text=_("Markdown works here."),
            **options,
        )


class TermsForm(PricedForm):
    field_order = ("is_open", "about", "price", "currency", "points", "days")
    is_open = forms.BooleanField(label=_("I take questions"), required=False)
    about = forms.CharField(
        label=_("What you answer"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    days = forms.IntegerField(
        label=_("Days you take at most"),
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("After that the asker gets everything back."),
    )

    def __init__(self, data=None, *, terms, share):
        super().__init__(data, share=share, initial=_initial(terms or AskingTerms()))

    def is_offered(self, said):
        return said.get("is_open")


def _initial(terms):
    return {
        "is_open": terms.is_open,
        "about": terms.about,
        "days": terms.days,
        **prices_of(terms),
    }


class QuestionForm(forms.Form):
    title = forms.CharField()
    text = forms.CharField()
    is_open = forms.BooleanField(
        label=_("Others may read it with its answer, for a small price"), required=False
    )
    form_key = FormKey()

    def __init__(self, data=None, *, draft, question=None):
        names = ("title", "text", "is_open")
        initial = {name: getattr(question, name) for name in names} if question else {}
        super().__init__(data, initial=initial)
        self.fields["title"] = forms.CharField(
            label=_("Your question in one line"),
            max_length=TITLE_LENGTH,
            widget=forms.TextInput(attrs={"data-draft": f"{draft}-title"}),
        )
        self.fields["text"] = Words(_("All that one has to know"), f"{draft}-text")
        if question:
            del self.fields["form_key"]


class AnswerForm(forms.Form):
    text = forms.CharField()

    def __init__(self, data=None, *, question):
        super().__init__(data, initial={"text": question.answer})
        self.fields["text"] = Words(YOUR_ANSWER, f"paid-answer-{question.pk}")


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why (the asker reads it)"), max_length=300, required=False
    )


class FollowUpForm(forms.Form):
    text = forms.CharField()
    form_key = FormKey()

    def __init__(self, data=None, *, question):
        super().__init__(data)
        self.fields["text"] = Words(_("One word more"), f"paid-more-{question.pk}")
        self.fields["text"].widget.attrs["rows"] = 4


STARS = [(str(number), str(number)) for number in range(5, 0, -1)]


class RatingForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("How good was the answer? 5 is best."), choices=STARS, coerce=int
    )
    words = forms.CharField(
        label=_("In words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data=None, *, question):
        initial = {"stars": question.rating or 5, "words": question.rating_words}
        super().__init__(data, initial=initial)
