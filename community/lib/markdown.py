"""Markdown as HTML that is safe to show. Rendered once, when saved.

Members' posts know the common marks; what is written for the library also knows
footnotes and films of other sites.
"""

import importlib
import re
from collections.abc import Mapping

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

from community.lib import addresses, embeds, mentions

# One more whenever a text that is saved already would be shown otherwise: the night
# then renders all of them anew.
VERSION = 3

# Short rows of a table are filled up with empty cells: 65 536 of them, the parser's own
# limit, are a second's work for a text of two thousand letters.
_tables = importlib.import_module("markdown_it.rules_block.table")
setattr(_tables, "MAX_AUTOCOMPLETED_CELLS", 1000)  # noqa: B010 (mypy forbids the plain way)

_OPTIONS = {"breaks": True, "linkify": False}
_parser = MarkdownIt("commonmark", _OPTIONS).enable(["table", "strikethrough"])
_plainer = MarkdownIt("commonmark", _OPTIONS).disable("reference")
for _each in (_parser, _plainer):
    addresses.add_to(_each)  # first: what stands in an address names nobody
    mentions.add_to(_each)
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "a", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h2", "h3", "h4", "h5", "h6", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "code": {"class"},
}
_SCHEMES = {"http", "https", "mailto"}
# No more than one: of two, chance decides which stands first, and every text would be
# another one each time.
_LAZY = {"img": {"loading": "lazy"}}
_LINK_REL = "nofollow ugc noopener"


# A reader's browser fetches every picture by itself: an address that does something
# when it is visited, a tracked link for one, may not be in its place.
_PICTURE = re.compile(r"/media(?:/[\w-]+(?:\.\w+)*)+/?", re.ASCII)


def _no_other_pictures(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if _PICTURE.fullmatch(value) else None
    return value


# Each mention of a long address that is written once makes it anew. Honest texts come
# to some six times their length at most: nothing but short links.
MOST_GROWTH = 10
_FREE = 10_000  # letters of HTML, whatever the text's length


# Each may begin a link, a picture or a note, and has to be looked for its end: nothing
# else costs that much. A book of a thousand notes has some two thousand.
MOST_BRACKETS = 5000
_plainest = MarkdownIt("zero", _OPTIONS)


def _bounded(
    parser: MarkdownIt, plainer: MarkdownIt, text: str, people: Mapping[str, str]
) -> str:
    """The text as HTML; by the plainer rules where it would swell beyond measure, and
    as mere paragraphs where it is made to keep the parser busy."""
    if text.count("[") > MOST_BRACKETS:
        return _plainest.render(text)
    html = parser.render(text, {"people": people})
    if len(html) <= MOST_GROWTH * len(text) + _FREE:
        return html
    return plainer.render(text, {"people": people})


def mentioned_in(text: str) -> list[mentions.Mention]:
    """Who may be named in it: at most mentions.MOST."""
    return [] if text.count("[") > MOST_BRACKETS else mentions.found_in(_parser, text)


def render(text: str, people: Mapping[str, str] | None = None) -> str:
    """`people` are the links of those whom it may name, by handle in small letters."""
    return nh3.clean(
        _bounded(_parser, _plainer, text, people or {}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_no_other_pictures,
        set_tag_attribute_values=_LAZY,
        link_rel=_LINK_REL,
        url_schemes=_SCHEMES,
    )


_MARKS = re.compile(r"[\\\[\]`*_<&!@]")


def escaped(words: str) -> str:
    """A name or a caption as part of a text: on one line, and none of it is a mark."""
    return _MARKS.sub(r"\\\g<0>", " ".join(words.split()))


# Texts of the library -----------------------------------------------------------

_ALIGNED = re.compile(r"text-align:(left|center|right)")
_FOOTNOTE = re.compile(r"fn(ref)?[0-9]+(:[0-9]+)?")
_CLASSES = {"footnotes-sep", "footnotes", "footnotes-list", "footnote-item"}
_CLASSES |= {"footnote-ref", "footnote-backref", "embed"}


def _film_paragraphs(state: StateCore) -> None:
    """A paragraph that is nothing but the address of a film becomes its link."""
    for paragraph, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if paragraph.type != "paragraph_open":
            continue
        address = inline.content.strip().removeprefix("<").removesuffix(">")
        player = embeds.player_of(address)
        if player is None:
            continue
        paragraph.attrSet("class", "embed")
        inline.children = state.md.parseInline(f"<{address}>", {})[0].children
        for token in inline.children or []:
            if token.type == "link_open":
                token.attrSet("data-player", player)


def _headings_below_the_title(state: StateCore) -> None:
    """The page's title is its only heading of the first order."""
    for token in state.tokens:
        if token.tag == "h1":
            token.tag = "h2"


LONGEST_MARK = 100  # letters, of a footnote


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    """The plugin looks for the end of a mark to the end of the text: as often as
    something begins like a mark, which makes a text of "[^" as slow as it is long."""
    if not state.src.startswith("[^", state.pos):
        return False
    end = state.src.find("]", state.pos, state.pos + LONGEST_MARK)
    return end > 0 and footnote_ref(state, silent)


_article_parser = (
    MarkdownIt("commonmark", _OPTIONS)
    .enable(["table", "strikethrough"])
    .use(footnote_plugin)
)
_article_parser.inline.ruler.at("footnote_ref", _footnote_ref)
_plainer_article = MarkdownIt("commonmark", _OPTIONS).disable("reference")
for _each in (_article_parser, _plainer_article):
    addresses.add_to(_each)
    _each.core.ruler.push("films", _film_paragraphs)
    _each.core.ruler.push("headings", _headings_below_the_title)
_ARTICLE_ATTRIBUTES = {
    **_ATTRIBUTES,
    "a": {"href", "title", "id", "class", "data-player"},
    "li": {"id", "class"},
    "td": {"data-align"},
    "th": {"data-align"},
    **{tag: {"class"} for tag in ("sup", "section", "hr", "p")},
    "ol": {"start", "class"},
}


def _checked(tag: str, name: str, value: str) -> str | None:
    """Names that only our own rendering gives: nobody may write them by hand."""
    if name == "id":
        return value if _FOOTNOTE.fullmatch(value) else None
    if name == "class" and tag != "code":
        return value if value in _CLASSES else None
    if name == "data-player":
        return value if embeds.is_player(value) else None
    return _no_other_pictures(tag, name, value)


def render_article(text: str) -> str:
    # A style beside the cell is against the pages' policy; the stylesheet knows this.
    html = re.sub(
        rf'<(t[hd]) style="{_ALIGNED.pattern}">',
        r'<\1 data-align="\2">',
        _bounded(_article_parser, _plainer_article, text, {}),
    )
    return nh3.clean(
        html,
        tags=_TAGS | {"sup", "section"},
        attributes=_ARTICLE_ATTRIBUTES,
        attribute_filter=_checked,
        set_tag_attribute_values=_LAZY,
        link_rel=_LINK_REL,
        url_schemes=_SCHEMES,
    )
