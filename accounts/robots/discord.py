"""Discord's webhooks. The address alone is the secret."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.robots.base import Asked, Message, Outcome, by_status

title = _("Discord")
hosts = frozenset({"discord.com", "discordapp.com"})
LONGEST = 2000


def ask(url: str, secret: str, message: Message, now: datetime) -> Asked:
    # Without it a title could call everybody.
    nobody: dict[str, list[str]] = {"parse": []}
    return Asked(url, {"content": message.plain[:LONGEST], "allowed_mentions": nobody})


def outcome(status: int, body: bytes) -> Outcome:
    return by_status(status)
