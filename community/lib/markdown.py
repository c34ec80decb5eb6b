"""Members' Markdown as HTML that is safe to show. Rendered once, when saved."""

import nh3
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"breaks": True, "linkify": False}).enable(
    ["table", "strikethrough"]
)
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


def render(text: str) -> str:
    return nh3.clean(
        _parser.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener",
    )
