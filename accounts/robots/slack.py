"""Slack's incoming webhooks. The address alone is the secret."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.robots.base import Asked, Message, Outcome, by_status

title = _("Slack")
hosts = frozenset({"hooks.slack.com"})


def ask(url: str, secret: str, message: Message, now: datetime) -> Asked:
    # Escaped, a title calls nobody (<!channel>) and is no link of its own.
    words = message.title.translate({38: "&amp;", 60: "&lt;", 62: "&gt;", 124: "¦"})
    return Asked(url, {"text": f"{message.text}\n<{message.url}|{words}>"})


def outcome(status: int, body: bytes) -> Outcome:
    return by_status(status)
