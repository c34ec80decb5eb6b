"""Values that must not be readable in a dump of the database.

AES-256-GCM under the newest of the keys in the setting FIELD_KEYS. What is sealed is
bound to its place ("personal:12:phone"), so that it cannot be moved to another row.
Every value begins with the fingerprint of its key: so an older key is found again,
and what is not under the newest can be counted.
"""

import hashlib
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FINGERPRINT = 4  # bytes
NONCE = 12


class CannotOpen(Exception):
    """Sealed with a key that is not here, moved from its place, or changed."""


def seal(text: str, place: str) -> bytes:
    fingerprint, cipher = next(iter(_ciphers().items()))
    nonce = os.urandom(NONCE)
    sealed = cipher.encrypt(nonce, text.encode(), place.encode())
    return fingerprint + nonce + sealed


def unseal(sealed: bytes | memoryview, place: str) -> str:
    """What was sealed at this place. Raises CannotOpen."""
    data = bytes(sealed)
    fingerprint, rest = data[:FINGERPRINT], data[FINGERPRINT:]
    cipher = _ciphers().get(fingerprint)
    if cipher is None:
        raise CannotOpen(place)
    try:
        return cipher.decrypt(rest[:NONCE], rest[NONCE:], place.encode()).decode()
    except InvalidTag as error:
        raise CannotOpen(place) from error


def newest_fingerprint() -> bytes:
    return next(iter(_ciphers()))


def _ciphers() -> dict[bytes, AESGCM]:
    return _made_of(tuple(settings.FIELD_KEYS), settings.SECRET_KEY)


@cache
def _made_of(keys: tuple[str, ...], secret: str) -> dict[bytes, AESGCM]:
    """Newest first; last the one made of SECRET_KEY, for sites that set no others."""
    made = {}
    for text in (*keys, f"field key of {secret}"):
        key = hashlib.sha256(text.encode()).digest()
        made[hashlib.sha256(key).digest()[:FINGERPRINT]] = AESGCM(key)
    return made
