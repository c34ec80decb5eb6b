import re

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models.personal import PersonalKind
from accounts.services.personal import PURPOSES

Kind = PersonalKind

EARLIEST = 1900
YOUNGEST = 10  # years
PHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,19}")
GENDERS = [
    ("", _("I would rather not say")),
    ("female", _("female")),
    ("male", _("male")),
    ("other", _("another")),
]
AUTOCOMPLETE = {
    Kind.REAL_NAME: "name",
    Kind.PHONE: "tel",
    Kind.ADDRESS: "street-address",
    Kind.CITY: "address-level2",
    Kind.BIRTH_YEAR: "bday-year",
    Kind.OCCUPATION: "organization-title",
}


class PersonalForm(forms.Form):
    """Nothing is needed; filling a field in is agreeing to what stands beside it."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for kind in Kind:
            self.fields[kind.value] = self._field(kind)

    def _field(self, kind):
        shown = {
            "label": kind.label,
            "required": False,
            "help_text": capfirst(PURPOSES[kind]),
        }
        if kind == Kind.GENDER:
            return forms.ChoiceField(choices=GENDERS, **shown)
        widget = forms.TextInput
        if kind == Kind.ADDRESS:
            widget = forms.Textarea
        attrs = {"autocomplete": AUTOCOMPLETE.get(kind, "off")}
        if kind == Kind.ADDRESS:
            attrs["rows"] = 3
        return forms.CharField(max_length=200, widget=widget(attrs=attrs), **shown)

    def clean_phone(self):
        phone = self.cleaned_data["phone"]
        if phone and not PHONE.fullmatch(phone):
            raise forms.ValidationError(
                _("A telephone number, for example +86 138 0013 8000.")
            )
        return phone

    def clean_birth_year(self):
        year = self.cleaned_data["birth_year"]
        last = timezone.localdate().year - YOUNGEST
        is_year = year.isdecimal() and EARLIEST <= int(year) <= last
        if year and not is_year:
            raise forms.ValidationError(
                _("A year from %(first)s to %(last)s."),
                params={"first": EARLIEST, "last": last},
            )
        return year
