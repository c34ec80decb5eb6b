"""Codes over films, each of which stands for who is watching.

A code tells other people nothing; an operator who says why is told whose it is. It is
no protection: who films a screen can cover it, who takes the file has none. Codes are
made with SECRET_KEY: with another, old ones lead to nobody.
"""

import hmac
from base64 import b32encode
from functools import cache
from itertools import product

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.services import audit

ACT = "resolved a watermark"
LETTERS = 8
MOST_TYPED = LETTERS + 1  # one more is a wrong code, not a right one cut short
# Codes have no 0, 1 and 8: read from a screen, these are letters that look like them.
ALIKE = str.maketrans("08", "OB", "- ")


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


def _readings(code: str) -> set[str]:
    """What the code may say: a 1 is an I or an L, each of them."""
    typed = code.upper().translate(ALIKE)[:MOST_TYPED]
    choices = ["IL" if letter == "1" else letter for letter in typed]
    return {"".join(letters) for letters in product(*choices)}


@transaction.atomic
def resolve(*, code: str, by: User, reason: str) -> list[User]:
    """Whose code it is: one member, rarely two. That somebody asked is noted, found or
    not. Some seconds for a million members; nobody else can look it up."""
    asked = _readings(code)
    everybody = User.objects.values_list("pk", flat=True).iterator(chunk_size=5000)
    matching = [pk for pk in everybody if _letters(pk) in asked]
    found = list(User.objects.filter(pk__in=matching))
    for member in found:
        audit.record(act=ACT, actor=by, target=member, reason=reason)
    if not found:
        audit.record(act=ACT, actor=by, reason=reason)
    return found
