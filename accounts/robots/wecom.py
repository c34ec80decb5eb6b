"""企业微信 group robots. The address alone is the secret: there are no signatures."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.robots.base import Asked, Message, Outcome, by_code

title = _("WeCom")
hosts = frozenset({"qyapi.weixin.qq.com"})
FOR_NOW = frozenset({-1, 45009, 45033})  # busy; more than 20 in a minute


def ask(url: str, secret: str, message: Message, now: datetime) -> Asked:
    return Asked(url, {"msgtype": "text", "text": {"content": message.plain}})


def outcome(status: int, body: bytes) -> Outcome:
    return by_code(status, body, names=("errcode",), for_now=FOR_NOW)
