"""How often somebody may try what could be guessed."""

from allauth.core import ratelimit
from django.utils.translation import gettext_lazy as _

from accounts.errors import TooManyTries

TOO_MANY_TRIES = _("Too many tries. Wait a minute, then try again.")


def count_try(request):
    """One more code typed by this member. Raises TooManyTries."""
    if not ratelimit.consume(request, action="redeem_code", user=request.user):
        raise TooManyTries
