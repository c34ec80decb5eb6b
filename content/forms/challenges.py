"""Challenges: joining one, checking in, and in the studio making them."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from community.lib.money import currency_choices, in_units, to_minor
from content.forms.discussions import AddedFile, AgreeingForm, Body, FormKey
from content.models import Challenge, ChallengeTeam
from content.models.challenges import BODY_LENGTH, TASK_LENGTH
from content.models.discussions import BODY_LENGTH as POST_LENGTH
from content.services.challenges import TEAM_NAME_LENGTH, open_teams

HOURS = [("", _("never")), *((hour, f"{hour:02}:00") for hour in range(24))]
REMINDED_AT = 19


class PartForm(forms.Form):
    """How somebody takes part; by their own clock."""

    remind_hour = forms.TypedChoiceField(
        label=_("Remind me of the day's task at"),
        choices=HOURS,
        coerce=int,
        empty_value=None,
        required=False,
        initial=REMINDED_AT,
        help_text=_("Only on days on which you have not checked in."),
    )
    is_ranked = forms.BooleanField(
        label=_("Show me in the ranking"), required=False, initial=True
    )


class JoinForm(PartForm):
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=ChallengeTeam.objects.none(),
        required=False,
        empty_label=_("alone"),
    )
    new_team = forms.CharField(
        label=_("Or a new team"), required=False, max_length=TEAM_NAME_LENGTH
    )

    def __init__(self, data=None, *, challenge):
        super().__init__(data)
        if challenge.team_size:
            self.fields["team"].queryset = open_teams(challenge)
        else:
            del self.fields["team"], self.fields["new_team"]


class CheckInForm(AgreeingForm):
    day = forms.TypedChoiceField(label=_("Day"))
    body = forms.CharField()
    file = AddedFile()
    form_key = FormKey()

    def __init__(self, data=None, files=None, *, challenge, days):
        super().__init__(data, files)
        self.fields["day"].choices = [(day.isoformat(), label) for day, label in days]
        self.fields["day"].coerce = {day.isoformat(): day for day, _label in days}.get
        if len(days) == 1:
            self.fields["day"].initial = days[0][0].isoformat()
            self.fields["day"].widget = forms.HiddenInput()
        self.fields["body"] = Body(
            _("What did you do?"),
            f"challenge-{challenge.pk}-check-in",
            help_text=_("Markdown works here. Whoever may read the space reads it."),
        )


class AnswerForm(AgreeingForm):
    body = forms.CharField(
        label=_("A word about it"),
        max_length=POST_LENGTH,
        error_messages={"required": _("Write something first.")},
    )
    file = AddedFile()
    form_key = FormKey()

    def __init__(self, data=None, files=None, *, check_in):
        super().__init__(data, files)
        draft = f"check-in-{check_in.pk}-answer"
        self.fields["body"].widget = forms.Textarea(
            attrs={"rows": 3, "data-draft": draft, "maxlength": POST_LENGTH}
        )


class ChallengeForm(forms.ModelForm):
    money = forms.DecimalField(
        label=_("Price in money"), required=False, min_value=Decimal("0.01")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    form_key = FormKey()

    class Meta:
        model = Challenge
        fields = [
            *("title", "summary", "body", "space", "task", "first_day", "last_day"),
            *("required_days", "rest_days", "late_hours", "places", "team_size"),
            *("access", "money", "currency", "points", "included_in_membership"),
            "title_given",
        ]
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            for name in ("first_day", "last_day")
        }

    def __init__(self, data=None, *, instance, spaces, may_give_titles):
        price = instance.price
        money = in_units(price, instance.currency) if price else None
        super().__init__(data, instance=instance, initial={"money": money})
        self.fields["space"].queryset = spaces
        self.fields["points"].widget.attrs["min"] = 1
        draft = f"challenge-{instance.pk or 'new'}"
        for name, rows, most in (("body", 8, BODY_LENGTH), ("task", 4, TASK_LENGTH)):
            self.fields[name].widget = forms.Textarea(
                attrs={"rows": rows, "data-draft": f"{draft}-{name}", "maxlength": most}
            )
        self.fields["body"].help_text = _("Markdown works here.")
        if not may_give_titles:
            del self.fields["title_given"]
        if instance.topic_id:
            del self.fields["space"]
        if instance.pk:
            del self.fields["form_key"]

    def clean(self):
        said = super().clean()
        first, last = said.get("first_day"), said.get("last_day")
        required = said.get("required_days")
        if first and last and required and required > (last - first).days + 1:
            self.add_error("required_days", _("It does not have so many days."))
        self._clean_price(said)
        return said

    def _clean_price(self, said):
        is_sold = said.get("access") == Challenge.Access.SOLD
        money = said.pop("money", None) if is_sold else None
        currency = said.get("currency")
        said["price"] = to_minor(money, currency) if money and currency else None
        said["points"] = said.get("points") if is_sold else None
        # The rules of the row judge the price together with the rest.
        self.instance.price = said["price"]
        if is_sold and not (said["price"] or said["points"]) and not self.errors:
            self.add_error("money", _("Name a price in money or in points."))

    @property
    def says(self):
        said = dict(self.cleaned_data)
        said.pop("form_key", None)
        said.pop("money", None)
        return said


class TasksForm(forms.Form):
    """One field for each day; empty: the task of each day."""

    def __init__(self, data=None, *, challenge):
        own = dict(challenge.tasks.values_list("number", "text"))
        super().__init__(data)
        for number, day in enumerate(challenge.all_days, 1):
            draft = f"challenge-{challenge.pk}-task-{number}"
            self.fields[str(number)] = forms.CharField(
                label=_("Day %(number)s, %(date)s")
                % {"number": number, "date": day.isoformat()},
                max_length=TASK_LENGTH,
                required=False,
                initial=own.get(number, ""),
                widget=forms.Textarea(attrs={"rows": 2, "data-draft": draft}),
            )

    @property
    def tasks(self):
        return {int(number): text for number, text in self.cleaned_data.items()}
