"""Robots in chat groups, by which the community tells there what is new."""

from types import ModuleType

from accounts.robots import dingtalk, discord, feishu, slack, wecom
from accounts.robots.base import Asked, Message, Outcome, Service

SERVICES: dict[str, ModuleType] = {
    "wecom": wecom,
    "dingtalk": dingtalk,
    "feishu": feishu,
    "slack": slack,
    "discord": discord,
}

__all__ = ["SERVICES", "Asked", "Message", "Outcome", "Service"]
