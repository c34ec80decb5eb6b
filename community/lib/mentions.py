"""`@handle` in Markdown: who may be meant, and their links.

Code, links and e-mail addresses name nobody. Handles may hold any letters, and who
writes Chinese puts no space behind one: the longest spelling that somebody has counts,
shortened before a Chinese character or a mark only.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from community.lib.text import HAN

MOST = 10  # different ones in one text
# No letter of an address before it; a Chinese one may be.
_MENTION = re.compile(r"(?<![A-Za-z0-9_@./+-])@([\w.+-]{1,80})")


class Mention(NamedTuple):
    """What may be a handle, the longest spelling first, in small letters."""

    spellings: tuple[str, ...]
    is_quoted: bool


def add_to(parser: MarkdownIt) -> None:
    # Before escaped characters become text: "\@" is none.
    parser.core.ruler.before("text_join", "mentions", _find_or_link)


def found_in(parser: MarkdownIt, text: str) -> list[Mention]:
    if "@" not in text:
        return []
    found: dict[Mention, None] = {}  # in their order, each once
    parser.parse(text, {"found": found})
    return list(found)[:MOST]


def _spellings(written: str) -> tuple[str, ...]:
    ends = (at for at in range(len(written) - 1, 0, -1) if _may_end(written[at]))
    return tuple(written[:end].lower() for end in (len(written), *ends))


def _may_end(after: str) -> bool:
    return after in ".+-" or bool(HAN.match(after))


def _texts(tokens: Iterable[Token]) -> Iterator[tuple[Token, bool]]:
    """Each piece of plain text, and whether it is quoted."""
    quotes = 0
    for block in tokens:
        quotes += {"blockquote_open": 1, "blockquote_close": -1}.get(block.type, 0)
        for token, is_plain in plain(block.children or []):
            if is_plain:
                yield token, quotes > 0


def plain(tokens: Iterable[Token]) -> Iterator[tuple[Token, bool]]:
    """Each token, and whether it is text outside of links."""
    links = 0
    for token in tokens:
        links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        yield token, token.type == "text" and not links


def _find_or_link(state: StateCore) -> None:
    if "found" in state.env:
        state.env["found"].update(dict.fromkeys(_named(state.tokens)))
    elif state.env.get("people"):
        _link(state, state.env["people"])


def _named(tokens: Iterable[Token]) -> Iterator[Mention]:
    for token, is_quoted in _texts(tokens):
        for match in _MENTION.finditer(token.content):
            yield Mention(_spellings(match[1]), is_quoted)


def _link(state: StateCore, people: Mapping[str, str]) -> None:
    for block in state.tokens:
        if block.children:
            block.children = [
                piece
                for token, is_plain in plain(block.children)
                for piece in (_pieces(token, people) if is_plain else [token])
            ]


def _pieces(text: Token, people: Mapping[str, str]) -> Iterator[Token]:
    start = 0
    for match in _MENTION.finditer(text.content):
        handle = next((it for it in _spellings(match[1]) if it in people), None)
        if handle is None:
            continue
        end = match.start() + 1 + len(handle)
        yield plain_text(text.content[start : match.start()])
        yield from link(people[handle], text.content[match.start() : end])
        start = end
    yield plain_text(text.content[start:])


def link(href: str, words: str) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": href})
    yield plain_text(words)
    yield Token("link_close", "a", -1)


def plain_text(content: str) -> Token:
    return Token("text", "", 0, content=content)
