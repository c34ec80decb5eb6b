from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class DoorForm(forms.Form):
    code = forms.CharField(
        label=_("Code of the ticket"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters"}
        ),
    )


class PersonForm(forms.Form):
    """A member, by their user name."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_username(self):
        username = self.cleaned_data["username"].strip().lstrip("@")
        people = User.objects.people().filter(is_active=True, is_applicant=False)
        self.member = people.filter(username=username, suspended_at=None).first()
        if self.member is None:
            raise forms.ValidationError(_("There is nobody of this name."))
        return username
