"""Addresses of the web written out in Markdown become links.

Who pastes one into a post means a link: on a telephone nobody can follow it otherwise.
An address ends before the first letter that is not of the Latin ones: who writes
Chinese puts no space behind it. Code and links stay what they are.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from community.lib.mentions import link, plain, plain_text

_LETTERS = r"[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]"
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?"
    rf"(?:[/?#](?:{_LETTERS}|\({_LETTERS}*\))*)?",
    re.IGNORECASE,
)
_SENTENCE_ENDS = ".,;:!?'*"  # not the address, when it ends with them


def add_to(parser: MarkdownIt) -> None:
    parser.core.ruler.before("text_join", "addresses", _link)


def _link(state: StateCore) -> None:
    for block in state.tokens:
        if block.children and "://" in block.content:
            block.children = [
                piece
                for token, is_plain in plain(block.children)
                for piece in (_pieces(token) if is_plain else [token])
            ]


def _pieces(text: Token) -> Iterator[Token]:
    start = 0
    for match in _ADDRESS.finditer(text.content):
        address = match[0].rstrip(_SENTENCE_ENDS)
        yield plain_text(text.content[start : match.start()])
        yield from link(address, address)
        start = match.start() + len(address)
    yield plain_text(text.content[start:])
