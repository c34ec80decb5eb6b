from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Rule
from accounts.services import profiles, rules
from content.forms.discussions import Body
from content.models.discussions import TITLE_LENGTH
from content.models.live import LINE_LENGTH
from content.services import reports


class DecisionForm(forms.Form):
    """Why something is not let through: its author reads it."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        error_messages={"required": _("Say why: its author reads it.")},
        widget=forms.TextInput(attrs={"list": "ready-reasons"}),
    )
    rule = forms.ModelChoiceField(
        label=_("Rule"),
        queryset=Rule.objects.none(),
        required=False,
        empty_label=_("None"),
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        in_force = [rule.pk for rule in rules.rules_in_force(get_language())]
        self.fields["rule"].queryset = Rule.objects.filter(pk__in=in_force)


class PageDecisionForm(DecisionForm):
    """Of a member's page, also what is taken off it."""

    parts = forms.MultipleChoiceField(
        label=_("What is taken off the page"),
        choices=[("text", _("The text about themselves")), ("picture", _("Picture"))],
        initial=profiles.PARTS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose the text, the picture or both.")},
    )


class HeldForm(forms.Form):
    """What waits, written otherwise: by its author, or by who lets it through."""

    title = forms.CharField(label=_("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField()

    def __init__(self, data=None, *, case):
        initial = {"title": case.title, "body": case.body}
        super().__init__(data, initial=initial)
        self.fields["body"] = Body(_("Text"), f"case-{case.pk}")
        if case.line:
            self.fields["body"] = forms.CharField(
                label=_("Text"), max_length=LINE_LENGTH
            )
        if not case.arguments.get("title"):
            del self.fields["title"]


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong?"), choices=reports.OFFERED, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
