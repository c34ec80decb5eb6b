from allauth.account.adapter import DefaultAccountAdapter
from django.utils.text import slugify


class AccountAdapter(DefaultAccountAdapter):
    """Where our accounts differ from allauth's."""

    def save_user(self, request, user, form, commit=True):
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def populate_username(self, request, user):
        """From the name, never from the e-mail address: the handle is public."""
        handle = slugify(user.name, allow_unicode=False) or "member"
        user.username = self.generate_unique_username([handle, "member"])
