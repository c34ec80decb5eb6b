"""Quotes that are carried from one place to another by their address."""

from community.lib.text import small_number
from content import access
from content.services import discussions


def carried_quote(request) -> str:
    """The quote of a post of elsewhere, if the address names one."""
    pk = small_number(request.GET.get("carry", ""))
    if not pk or not request.user.is_authenticated:
        return ""
    return discussions.quotation_of(access.get_post_to_read(request.user, pk))
