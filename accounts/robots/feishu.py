"""飞书 (Lark) group robots, with the signature in the message."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.robots.base import Asked, Message, Outcome, by_code, signature

title = _("Feishu")
hosts = frozenset({"open.feishu.cn", "open.larksuite.com"})
FOR_NOW = frozenset({11232, 99991400})  # too many at once


def ask(url: str, secret: str, message: Message, now: datetime) -> Asked:
    line = [{"tag": "a", "text": message.title, "href": message.url}]
    post = {"title": message.text, "content": [line]}
    payload: dict[str, Any] = {
        "msg_type": "post",
        "content": {"post": {"zh_cn": post}},
    }
    if secret:
        at = str(int(now.timestamp()))
        # As they have it: time and secret are the key, and what is signed is nothing.
        payload |= {"timestamp": at, "sign": signature(f"{at}\n{secret}", "")}
    return Asked(url, payload)


def outcome(status: int, body: bytes) -> Outcome:
    return by_code(status, body, names=("code", "StatusCode"), for_now=FOR_NOW)
