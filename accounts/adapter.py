from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import slugify

from accounts import handles
from accounts.services import community, consents
from community.lib.sealed import seal, unseal

PLACE = "second factor"


class AccountAdapter(DefaultAccountAdapter):
    """Where our accounts differ from allauth's."""

    def save_user(self, request, user, form, commit=True):
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def post_login(self, request, user, **how):
        """Who has to agree to something anew meets it once, before anything else; who
        was removed is told why, and how to appeal."""
        response = super().post_login(request, user, **how)
        if user.removed_at:
            return redirect("accounts:sanctions")
        if not consents.missing(user):
            return response
        onward = urlencode({"next": response.url})
        return redirect(f"{reverse('accounts:agree')}?{onward}")

    def populate_username(self, request, user):
        """From the name, never from the e-mail address: the handle is public."""
        handle = slugify(user.name, allow_unicode=False)
        if not handle or handles.is_reserved(handle):
            handle = "member"
        user.username = self.generate_unique_username([handle, "member"])


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are sealed in the database."""

    def encrypt(self, text: str) -> str:
        return seal(text, PLACE).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(bytes.fromhex(encrypted_text), PLACE)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity = super().get_public_key_credential_rp_entity()
        return entity | {"name": community.current().name}
