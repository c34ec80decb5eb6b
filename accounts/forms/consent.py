from allauth.account.forms import SignupForm
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.models import Purpose
from accounts.services import joining, recruiting

TERMS_LABEL = _(
    'I agree to the <a href="/policies/terms/" target="_blank">terms of use</a>.'
)
PRIVACY_LABEL = _(
    'I have read the <a href="/policies/privacy/" target="_blank">privacy policy</a> '
    "and agree."
)


class ConsentFields(forms.Form):
    """The name, and one separate box for each purpose."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("As others here shall see you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    terms = forms.BooleanField(label=mark_safe(TERMS_LABEL))  # noqa: S308
    privacy = forms.BooleanField(label=mark_safe(PRIVACY_LABEL))  # noqa: S308
    profiling = forms.BooleanField(
        label=_(
            "Recommend things to me from what I do here. I can stop this at any time."
        ),
        required=False,
    )

    def _welcome(self, user, request):
        purposes = [Purpose.TERMS, Purpose.PRIVACY]
        if self.cleaned_data["profiling"]:
            purposes.append(Purpose.PROFILING)
        recruiting.remember_origin(member=user, request=request)
        joining.welcome(
            member=user,
            purposes=purposes,
            invitation=request.session.pop("invitation", ""),
        )


class SignUpForm(ConsentFields, SignupForm):
    """Name, e-mail, password, and the consents."""

    field_order = ["name", "email", "password1", "terms", "privacy", "profiling"]

    def try_save(self, request):
        """It takes as long for an address that has an account: else the time told."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def custom_signup(self, request, user):
        self._welcome(user, request)


class SocialSignUpForm(ConsentFields, SocialSignupForm):
    """What another site does not tell: the consents, and often the e-mail."""

    field_order = ["name", "email", "terms", "privacy", "profiling"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        told = self.sociallogin.account.extra_data
        self.initial.setdefault("name", told.get("name") or told.get("nickname") or "")

    def custom_signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        self._welcome(user, request)
