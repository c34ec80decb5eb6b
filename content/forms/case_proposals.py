from django import forms
from django.utils.translation import gettext_lazy as _

from content.forms.discussions import FormKey
from content.models.case_proposals import REASON_LENGTH, TEXT_LENGTH


class ProposalForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=5, max_value=120, initial=20
    )
    form_key = FormKey()

    def __init__(self, data=None, *, event):
        super().__init__(data)
        attrs = {"rows": 8, "data-draft": f"event-{event.pk}-case"}
        self.fields["text"] = forms.CharField(
            label=_("What happened, and what others can learn from it"),
            max_length=TEXT_LENGTH,
            widget=forms.Textarea(attrs=attrs),
            help_text=_("Only who leads the event reads it."),
        )
        self.order_fields(["title", "text", "minutes"])


class AcceptForm(forms.Form):
    begins_after = forms.IntegerField(
        label=_("Minutes after the beginning"), min_value=0, max_value=7 * 24 * 60
    )


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why (its member reads it)"), max_length=REASON_LENGTH
    )
