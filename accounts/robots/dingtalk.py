"""钉钉 group robots, with the signature in the address."""

from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from accounts.robots.base import Asked, Message, Outcome, by_code, signature

title = _("DingTalk")
hosts = frozenset({"oapi.dingtalk.com"})
FOR_NOW = frozenset({-1, 130101})  # busy; more than 20 in a minute


def ask(url: str, secret: str, message: Message, now: datetime) -> Asked:
    link = {
        "title": message.title,
        "text": message.text,
        "messageUrl": message.url,
    }
    if secret:
        at = str(int(now.timestamp() * 1000))
        sign = signature(secret, f"{at}\n{secret}")
        url = f"{url}&{urlencode({'timestamp': at, 'sign': sign})}"
    return Asked(url, {"msgtype": "link", "link": link})


def outcome(status: int, body: bytes) -> Outcome:
    return by_code(status, body, names=("errcode",), for_now=FOR_NOW)
