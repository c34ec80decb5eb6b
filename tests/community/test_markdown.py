"""What is written for the library, as HTML that is safe to show."""

import html
import sys

import pytest

from community.lib import embeds
from community.lib.markdown import (
    MOST_BRACKETS,
    escaped,
    mentioned_in,
    render,
    render_article,
)

FILM = "https://www.bilibili.com/video/BV1xx411c7mD"


def test_tables_code_and_footnotes():
    html = render_article(
        "A claim.[^1]\n\n[^1]: Its source.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n"
        "```python\nx < 1\n```\n"
    )

    assert 'href="#fn1"' in html
    assert '<li id="fn1"' in html
    assert '<td data-align="right">2</td>' in html
    assert '<code class="language-python">x &lt; 1' in html


def test_the_title_is_the_only_heading_of_the_first_order():
    assert render_article("# One") == "<h2>One</h2>\n"


def test_a_film_alone_on_a_line_is_a_link_with_its_player():
    html = render_article(f"See:\n\n{FILM}\n")

    assert '<p class="embed">' in html
    assert f'href="{FILM}"' in html
    assert 'data-player="https://player.bilibili.com/player.html?' in html
    assert "<iframe" not in html


@pytest.mark.parametrize(
    "text",
    [
        f"See {FILM} today",
        "https://evil.example/video/BV1xx411c7mD",
        "https://www.bilibili.com.evil.example/video/BV1xx411c7mD",
        "http://www.bilibili.com/video/BV1xx411c7mD",
        f"<a href='{FILM}' data-player='https://evil.example/'>x</a>",
        "<a href='/' data-player='https://player.vimeo.com/video/1/../../evil'>x</a>",
    ],
)
def test_nothing_else_gets_a_player(text):
    assert "data-player" not in render_article(text)


def test_a_player_is_what_player_of_gives():
    player = embeds.player_of(FILM)

    assert embeds.is_player(player)
    assert not embeds.is_player(player + "&autoplay=1")
    assert not embeds.is_player("https://player.bilibili.com/player.html")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<p onclick='x' style='color:red' id='main' class='button'>x</p>",
        "<iframe src='https://player.vimeo.com/video/1'></iframe>",
        "<a id='fnx' href='/'>x</a>",
    ],
)
def test_what_could_harm_is_left_out(hostile):
    html = render_article(hostile)

    for harm in ("<script", 'href="javascript', "onclick", "style=", "<iframe"):
        assert harm not in html
    for name in ('id="main"', 'class="button"', 'id="fnx"'):
        assert name not in html


@pytest.mark.parametrize("rendered", [render, render_article])
@pytest.mark.parametrize(
    "address",
    [
        *("/l/abc2345/", "l/abc2345/", "/invitation/x/", "//evil.example/media/x.png"),
        *("/media/../l/abc2345/", "/media/%2e%2e/l/abc2345/", "/media/.%2e/l/x/"),
        *("https://evil.example/x.png", "/media\\..\\l/x/", "/media/pictures/a?x=1"),
    ],
)
def test_a_picture_visits_nothing(rendered, address):
    assert "src=" not in rendered(f"![A cat]({address})")
    assert 'alt="A cat"' in rendered(f"![A cat]({address})")


@pytest.mark.parametrize("rendered", [render, render_article])
def test_pictures_of_ours_are_shown(rendered):
    ours = "/media/pictures/0b0c4d5e-0000-4000-8000-000000000000/"

    assert f'src="{ours}"' in rendered(f"![]({ours})")
    assert 'src="/media/covers/abc.webp"' in rendered("![](/media/covers/abc.webp)")


@pytest.mark.parametrize("show", [render, render_article])
@pytest.mark.parametrize(
    "name", ["a](https://evil.example)", "![x]", "*_`", "\\", "<b> & c", "a\nb"]
)
def test_a_name_in_a_text_is_nothing_but_a_name(show, name):
    said = html.escape(name.replace("\n", " "), quote=False)

    assert show(f"[{escaped(name)}](/people/)").count(f">{said}</a>") == 1


def test_posts_know_no_footnotes_and_no_films():
    assert "fn1" not in render("A[^1]\n\n[^1]: b")
    assert "data-player" not in render(FILM)


SWELLING = {
    "a table of empty cells": "|x" * 99 + "|\n" + "|-" * 99 + "|\n" + "x\n" * 9000,
    "a long address, often": f"[a]: /{'x' * 10_000}\n\n" + "[a]" * 3000,
    "a long picture, often": f"[a]: /media/{'x' * 9_000}.webp\n\n" + "![a]" * 2500,
}


@pytest.mark.parametrize("rendered", [render, render_article])
@pytest.mark.parametrize("text", SWELLING.values(), ids=SWELLING.keys())
def test_no_text_swells_beyond_measure(rendered, text):
    html = rendered(text)

    assert len(html) < 10 * len(text)
    assert html.count("<td") <= 1100


def test_short_rows_and_mentions_still_work():
    html = render("[a]: /b\n\n[a]\n\n| a | b |\n|---|---|\n| 1 |\n")

    assert 'href="/b"' in html
    assert html.count("<td") == 2


NOTE = "[^1]: x\n\n"
SLOW = {
    "inline footnotes": lambda n: NOTE + "^[" * n,
    "inline footnotes that end": lambda n: NOTE + "^[" * n + "]" * n,
    "marks that never end": lambda n: NOTE + "[^" * n,
    "notes in notes": lambda n: "[^1]: " * n,
    "brackets": lambda n: "[" * n + "]" * n,
    "links that never end": lambda n: "[a](" * n,
    "links in links": lambda n: "[" * n + "](a)" * n,
    "pictures": lambda n: "![" * n,
    "pictures in pictures": lambda n: "![" * n + "]()" * n,
    "runs of emphasis": lambda n: "*a_ " * n,
    "emphasis in emphasis": lambda n: "*a **b " * n + "c** d*" * n,
    "one run": lambda n: "*" * n,
    "quotations": lambda n: ">" * n,
    "deep lines of quotations": lambda n: (">" * 60 + "a\n") * (n // 8),
    "lists": lambda n: "- " * n,
    "deep lines of lists": lambda n: ("- " * 20 + "a\n") * (n // 8),
    "a wide table": lambda n: "|a" * n + "|\n" + "|-" * n + "|\n",
    "what could be tables": lambda n: "a|b\n" * n,
    "comments": lambda n: "a <!-- " * n,
    "tags": lambda n: "a <a b" * n,
    "addresses of links": lambda n: "[a]: b 'c\n" * n,
}


def lines_run(text):
    """How many lines of Python it takes to render it: work, whatever the clock says."""
    count = 0

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        render_article(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW.keys())
def test_the_work_grows_like_the_text(text):
    assert lines_run(text(400)) < 6 * lines_run(text(100))


def test_a_mark_of_a_footnote_has_an_end_in_sight():
    name = "n" * 90
    assert "fnref1" in render_article(f"A[^{name}].\n\n[^{name}]: Said.\n")


@pytest.mark.parametrize("show", [render, render_article])
def test_a_text_of_nothing_but_brackets_is_not_worked_through(show):
    few = "[a](https://a.example) " * 100
    assert show(few).count("<a ") == 100

    many = "[a](https://a.example) " * (MOST_BRACKETS + 1)
    assert "<a " not in show(many)
    assert show(many + "<script>").endswith("&lt;script&gt;</p>\n")


ADDRESS = "https://example.org/a_b/c_d?x=1&y=(2)"


@pytest.mark.parametrize("rendered", [render, render_article])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        *(("", ""), ("See ", "."), ("(", ")"), ("见", "，很好"), ("**", "**")),
        *(("> ", ""), ("- ", "…"), ("| a |\n|---|\n| ", " |")),
    ],
)
def test_a_written_address_is_a_link_to_the_end_of_it(rendered, before, after):
    html = rendered(f"{before}{ADDRESS}{after}")

    shown = ADDRESS.replace("&", "&amp;")
    assert f'<a href="{shown}" rel="nofollow ugc noopener">{shown}</a>' in html


@pytest.mark.parametrize("rendered", [render, render_article])
@pytest.mark.parametrize(
    "text", [f"`{ADDRESS}`", f"    {ADDRESS}", "xhttps://a.example", "javascript://a"]
)
def test_what_is_no_address_or_code_is_no_link(rendered, text):
    assert "<a " not in rendered(text)


@pytest.mark.parametrize("text", [f"[words]({ADDRESS})", f"[{ADDRESS}](https://a.a)"])
def test_a_link_has_no_other_link_in_it(text):
    assert render(text).count("<a ") == 1


def test_an_address_names_nobody():
    html = render("https://example.org/?of=@ann @ann", {"ann": "/people/ann/"})

    assert html.count('"/people/ann/"') == 1
    assert [it.spellings for it in mentioned_in("https://e.org/?of=@ann")] == []
