"""Codes over films, each of which stands for who is watching.

A code tells other people nothing; an operator who says why is told whose it is. It is
no protection: who films a screen can cover it, who takes the file has none. Codes are
made with SECRET_KEY: with another, old ones lead to nobody.
"""

import hmac
from base64 import b32encode
from functools import cache

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.services import audit

ACT = "resolved a watermark"
LETTERS = 8
NEITHER = str.maketrans("", "", "- ")


def code_of(member_id: int) -> str:
    """Such as K7PD-2XQA."""
    letters = _letters(member_id)
    return f"{letters[:4]}-{letters[4:]}"


def _letters(member_id: int) -> str:
    digest = hmac.digest(_key(settings.SECRET_KEY), b"%d" % member_id, "sha256")
    return b32encode(digest)[:LETTERS].decode()


@cache
def _key(secret: str) -> bytes:
    return f"watermark key of {secret}".encode()


@transaction.atomic
def resolve(*, code: str, by: User, reason: str) -> list[User]:
    """Whose code it is: one member, rarely two. That somebody asked is noted, found or
    not. Some seconds for a million members; nobody else can look it up."""
    asked = code.upper().translate(NEITHER)
    everybody = User.objects.values_list("pk", flat=True).iterator(chunk_size=5000)
    matching = [pk for pk in everybody if _letters(pk) == asked]
    found = list(User.objects.filter(pk__in=matching))
    for member in found:
        audit.record(act=ACT, actor=by, target=member, reason=reason)
    if not found:
        audit.record(act=ACT, actor=by, reason=reason)
    return found
