from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Community, User


class SetupForm(forms.Form):
    """What a new community is, and who runs it."""

    community_name = forms.CharField(
        label=_("Name of the community"),
        max_length=Community._meta.get_field("name").max_length,
    )
    language = forms.ChoiceField(label=_("Main language"), choices=settings.LANGUAGES)
    goal = forms.CharField(
        label=_("What is it for?"),
        help_text=_("The goal, in a sentence or two. It stands on the front page."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    audience = forms.CharField(
        label=_("For whom is it?"),
        help_text=_("Who gets the most out of it, and who is better served elsewhere."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As others here shall see you."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail"),
        help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters, and not one that is easy to guess."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()

    def clean_email(self):
        email = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("There is an account with this e-mail."))
        return email

    def clean(self):
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            person = User(name=cleaned.get("name", ""), email=cleaned.get("email"))
            try:
                password_validation.validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned
