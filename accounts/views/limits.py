"""How often somebody may try what could be guessed."""

from allauth.core import ratelimit
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import TooManyTries

TOO_MANY_TRIES = _("Too many tries. Wait a minute, then try again.")


LOOKS = 20  # a minute


def count_look(request):
    """The same where looking at a page tries a code. Raises TooManyTries."""
    key = f"looks at codes:{request.user.pk}:{timezone.now():%H%M}"
    cache.add(key, 0, 120)
    if cache.incr(key) > LOOKS:
        raise TooManyTries


def count_try(request):
    """One more code typed by this member. Raises TooManyTries."""
    if not ratelimit.consume(request, action="redeem_code", user=request.user):
        raise TooManyTries
