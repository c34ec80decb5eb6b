"""Events: registering for one, and in the studio making them."""

import zoneinfo
from decimal import Decimal

from django import forms
from django.db.models import Q
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.lib.money import currency_choices, in_units, to_minor
from community.lib.zones import zones
from content.forms.discussions import FormKey
from content.models import Cohort, Event, EventMaterial, Speaker
from content.models.events import (
    BODY_LENGTH,
    MOST_QUESTIONS,
    MOST_SEATS,
    QUESTION_LENGTH,
)
from content.models.registrations import ANSWER_LENGTH

MOST_STAFF_HOURS = 5000
LOCAL = "%Y-%m-%dT%H:%M"
TIMES = ("starts_at", "ends_at", "opens_at", "closes_at")


class RegistrationForm(forms.Form):
    """One field for each question of the event."""

    def __init__(self, data=None, *, event):
        super().__init__(data)
        for number, question in enumerate(event.questions):
            draft = f"event-{event.pk}-{number}"
            attrs = {"rows": 3, "data-draft": draft}
            self.fields[f"answer_{number}"] = forms.CharField(
                label=question,
                max_length=ANSWER_LENGTH,
                widget=forms.Textarea(attrs=attrs),
            )

    @property
    def answers(self):
        return list(self.cleaned_data.values())


class LocalTime(forms.DateTimeField):
    """As the clock at the event's own place says; the form knows which zone that is."""

    def __init__(self, label, **options):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(label=label, widget=widget, input_formats=[LOCAL], **options)

    def to_python(self, value):
        # Its zone is another field: until the form puts both together there is none.
        if value in self.empty_values:
            return None
        try:
            return self.strptime(str(value).strip()[:16], LOCAL)
        except ValueError:
            text = self.error_messages["invalid"]
            raise forms.ValidationError(text, code="invalid") from None

    def prepare_value(self, value):
        return value


class EventForm(forms.ModelForm):
    starts_at = LocalTime(_("Begins"))
    ends_at = LocalTime(_("Ends"))
    opens_at = LocalTime(_("Registration opens"), required=False)
    closes_at = LocalTime(_("Registration closes"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("All times here are meant in it.")
    )
    map_url = forms.URLField(
        label=_("Map"), required=False, max_length=500, assume_scheme="https"
    )
    join_url = forms.URLField(
        label=_("Link to join"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("Shown to those who have a seat, and to nobody else."),
    )
    money = forms.DecimalField(
        label=_("Price in money"), required=False, min_value=Decimal("0.01")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    questions = forms.CharField(
        label=_("Questions at registration"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, five at most."),
    )
    form_key = FormKey()

    class Meta:
        model = Event
        fields = [
            *("kind", "title", "summary", "body", "space", "cohort"),
            *("time_zone", "starts_at", "ends_at", "place", "map_url", "join_url"),
            *("access", "money", "currency", "points", "included_in_membership"),
            *("seats", "opens_at", "closes_at", "questions"),
            *("free_until_hours", "late_refund"),
        ]

    def __init__(self, data=None, *, instance, spaces, cohorts):
        super().__init__(data, instance=instance, initial=_initial(instance))
        self.fields["space"].queryset = spaces
        self._offer(cohorts)
        self.fields["time_zone"].choices = _zones(instance.time_zone)
        draft = f"event-{instance.pk or 'new'}"
        self.fields["body"].widget = forms.Textarea(
            attrs={"rows": 10, "data-draft": draft, "maxlength": BODY_LENGTH}
        )
        self.fields["body"].help_text = _("Markdown works here.")
        seats = self.fields["seats"].widget.attrs
        seats["min"], seats["max"] = max(instance.taken, 1), MOST_SEATS
        self.fields["points"].widget.attrs["min"] = 1
        if instance.pk:
            del self.fields["form_key"]

    def _offer(self, cohorts):
        """The one it is for stays among them; who guides none is not asked."""
        mine = Q(pk__in=cohorts.values("pk")) | Q(pk=self.instance.cohort_id)
        self.fields["cohort"].queryset = Cohort.objects.filter(mine)
        if not self.fields["cohort"].queryset.exists():
            del self.fields["cohort"]

    def clean_questions(self):
        lines = self.cleaned_data["questions"].splitlines()
        questions = [line.strip() for line in lines if line.strip()]
        if len(questions) > MOST_QUESTIONS:
            raise forms.ValidationError(_("Five questions at most."))
        if any(len(question) > QUESTION_LENGTH for question in questions):
            raise forms.ValidationError(_("A question this long is not read."))
        return questions

    def clean(self):
        said = super().clean()
        zone = zoneinfo.ZoneInfo(said.get("time_zone") or "UTC")
        for name in TIMES:
            if said.get(name):
                said[name] = said[name].replace(tzinfo=zone)
        is_sold = said.get("access") == Event.Access.SOLD
        money = said.pop("money", None) if is_sold else None
        said["price"] = to_minor(money, said["currency"]) if money else None
        said["points"] = said.get("points") if is_sold else None
        # The rules of the row judge the price together with the rest.
        self.instance.price = said["price"]
        if is_sold and not (said["price"] or said["points"]) and not self.errors:
            self.add_error("money", _("Name a price in money or in points."))
        if said.get("seats") and said["seats"] < self.instance.taken:
            self.add_error("seats", _("More seats are taken than that."))
        return said

    @property
    def says(self):
        said = dict(self.cleaned_data)
        said.pop("form_key", None)
        said.pop("money", None)
        return said


def _zones(chosen):
    known = zones()
    if chosen in dict(known):
        return known
    return [(chosen, chosen), *known]


def _initial(event):
    initial = {
        "money": in_units(event.price, event.currency) if event.price else None,
        "questions": "\n".join(event.questions),
    }
    for name in TIMES:
        if moment := getattr(event, name):
            initial[name] = moment.astimezone(event.zone).strftime(LOCAL)
    return initial


class SpeakerForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    username = forms.CharField(
        label=_("User name"),
        required=False,
        max_length=150,
        help_text=_("Of a member; or give a name below."),
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=80)
    about = forms.CharField(label=_("About"), required=False, max_length=400)

    def clean_username(self):
        username = self.cleaned_data["username"].strip().lstrip("@")
        if not username:
            return None
        people = User.objects.people().filter(is_active=True)
        member = people.filter(username=username).first()
        if member is None:
            raise forms.ValidationError(_("There is nobody of this name."))
        return member

    def clean(self):
        said = super().clean()
        if said.get("about") and not (said.get("username") or said.get("name")):
            self.add_error("name", _("Name a member, or give a name."))
        return said

    @property
    def says(self):
        said = self.cleaned_data
        if not said or not (said["username"] or said["name"]):
            return None
        return {
            "pk": said["pk"],
            "member": said["username"],
            "name": said["name"],
            "about": said["about"],
        }


class AgendaForm(forms.Form):
    begins_after = forms.IntegerField(
        label=_("Minutes after the beginning"), min_value=0, max_value=7 * 24 * 60
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=24 * 60)
    title = forms.CharField(label=_("What comes then"), max_length=160)
    speaker = forms.ModelChoiceField(
        label=_("Speaker"), queryset=Speaker.objects.none(), required=False
    )

    def __init__(self, *args, event, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["speaker"].queryset = event.speakers.select_related("member")


SpeakerFormSet = formset_factory(SpeakerForm, extra=2, max_num=20, validate_max=True)
AgendaFormSet = formset_factory(
    AgendaForm, extra=3, max_num=40, validate_max=True, can_delete=True
)


class MaterialForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)
    file = forms.FileField(
        label=_("File"), help_text=_("A document, a table, slides or a picture.")
    )
    open_from = forms.ChoiceField(
        label=pgettext_lazy("a material", "Open"), choices=EventMaterial.When
    )
    for_all = forms.BooleanField(
        label=_("Also for all of the series that come after it"), required=False
    )

    def __init__(self, *args, event, **kwargs):
        super().__init__(*args, **kwargs)
        if event.series_id is None:
            del self.fields["for_all"]


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why (everybody who is registered reads it)"),
        max_length=300,
        required=False,
    )


class StaffTimeForm(forms.Form):
    """In hours, as people count; kept in minutes."""

    hours = forms.DecimalField(
        label=_("Hours of work, of everybody together"),
        help_text=_("Preparing, leading it and what came after. Empty: not known."),
        required=False,
        min_value=Decimal("0.25"),
        max_value=MOST_STAFF_HOURS,
        max_digits=6,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.25"}),
    )

    @property
    def minutes(self):
        hours = self.cleaned_data["hours"]
        return None if hours is None else round(hours * 60)

    @classmethod
    def of(cls, event):
        minutes = event.staff_minutes
        hours = None if minutes is None else (Decimal(minutes) / 60).normalize()
        return cls(initial={"hours": hours and f"{round(hours, 2):f}"})
