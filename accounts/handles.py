"""Handles that would pass for somebody who speaks for the community."""

import unicodedata

RESERVED = frozenset(
    {
        *("admin", "administrator", "moderator", "operator", "root", "staff"),
        *("support", "system", "zhiqun"),
        *("知群", "官方", "客服", "管理员", "系统", "运营"),
    }
)


def plain(handle: str) -> str:
    """As it looks, however it was typed: wide and narrow letters are the same."""
    return unicodedata.normalize("NFKC", handle)


def is_reserved(handle: str) -> bool:
    return plain(handle).casefold() in RESERVED
