"""What a member searched for lately. Their own device keeps it, and nothing else.

The session would have been kept in the database, and with it in every backup. Sealed
for the member, so that who sits there next can read nothing of it.
"""

import datetime as dt
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from accounts.models import User
from community.lib.sealed import CannotOpen, seal, unseal

COOKIE = "searched"
REMEMBERED = dt.timedelta(days=30)
MOST = 6  # in a cookie of 4 KB there is no room for more


def recent(cookie: str, member: User) -> list[str]:
    """The latest first; nothing of a cookie that is another's, or was changed."""
    try:
        return json.loads(unseal(urlsafe_b64decode(cookie), _place(member)))
    except (ValueError, CannotOpen):
        return []


def sealed(searches: list[str], member: User) -> str:
    text = json.dumps(searches, ensure_ascii=False)
    return urlsafe_b64encode(seal(text, _place(member))).decode()


def with_one(searches: list[str], words: str) -> list[str]:
    return [words, *without(searches, words)][:MOST]


def without(searches: list[str], words: str) -> list[str]:
    return [known for known in searches if known != words]


def _place(member: User) -> str:
    return f"searched:{member.pk}"
