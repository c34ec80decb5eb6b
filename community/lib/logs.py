"""Log lines that hold no secret and nothing personal, as text or as JSON."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
SECRET_SETTING = re.compile(r"SECRET|TOKEN|PASSWORD$|(^|_)KEYS?$", re.IGNORECASE)

# In this order: what names its value first, then what is known by its looks. None may
# begin in the middle of a word, nor try one word anew for each name in it: on a long
# line that would take time by its square.
PATTERNS = [
    # PostgreSQL quotes whole rows and statements with their values in them.
    (
        re.compile(r"(DETAIL:).*?(?=\n(?:HINT|CONTEXT):|\n\n(?:The|Dur)|\Z)", re.S),
        rf"\1 {HIDDEN}",
    ),
    (re.compile(r"(LINE \d+:)[^\n]*"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\n]+", re.I
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.+/=~-]{8,}", re.I), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?<!\w)(?=\w*(?:password|passwd|secret|token|api_?key|signature|session_?(?:id|key)))"
            r"(\w++['\"]?\s*+[:=]\s*)(?:'[^'\n]*'|\"[^\"\n]*\"|[^\s,;&)}\]]+)",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(\b\w+://[^\s:/@]*:)[^\s@/]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),
    # Links that open something for whoever has them: signed values, resets.
    (re.compile(r"(?<![\w-])[\w-]+:[\w-]{5,8}:[\w-]{27,}"), HIDDEN),
    (re.compile(r"\b\w{1,13}-\w{6,7}-[0-9a-f]{32,}\b"), HIDDEN),
    (re.compile(r"(/(?:podcast|ics)/)[\w-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(?:sk|rk|pk|whsec)_\w{8,}"), HIDDEN),
    # Long random texts. Hexadecimal ones are fingerprints, and may be read.
    (re.compile(r"\b(?=[a-z]*\d)(?=[0-9a-f]*[g-z])[a-z0-9]{32,}\b"), HIDDEN),
    (
        re.compile(
            r"(?<![\w./-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,}(?![\w.-])",
            re.ASCII,
        ),
        HIDDEN,
    ),
    # Telephones: Chinese mobile ones, and whatever begins with its country.
    (re.compile(r"(?<![\w.])1[3-9]\d(?:[ -]?\d{4}){2}(?![\w.])"), HIDDEN),
    (re.compile(r"\+\d(?:[ ()-]{0,2}\d){7,14}"), HIDDEN),
]


def redacted(text: str) -> str:
    """The text without what looks like a secret, an address or a telephone."""
    for secret in secrets():
        text = text.replace(secret, HIDDEN)
    for pattern, instead in PATTERNS:
        text = pattern.sub(instead, text)
    return text


@cache
def secrets() -> tuple[str, ...]:
    """Every secret in the settings; the longest first, for one may hold another."""
    found = {
        secret
        for name in dir(settings)
        if name.isupper()
        for secret in _secrets_in(name, getattr(settings, name))
    }
    return tuple(sorted(found, key=len, reverse=True))


def _secrets_in(name: str, value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _secrets_in(str(key), inner)
        case list() | tuple():
            for inner in value:
                yield from _secrets_in(name, inner)
        case str() if SECRET_SETTING.search(name):
            yield from (value,) if len(value) >= SHORTEST_SECRET else ()
        case str() if name.endswith("_URL") and "@" in value:
            password = unquote(urlsplit(value).password or "")
            yield from (password,) if len(password) >= SHORTEST_SECRET else ()


class OneLine(logging.Filter):
    """Who is refused a page, or asks for none of ours, is no fault: it needs no trace
    of the code. Faults (5xx) keep theirs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return True


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
