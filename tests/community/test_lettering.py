"""Text in pictures: broken where Chinese and English are, and without empty boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.lib.lettering import (
    CLOSING,
    OPENING,
    drawable,
    fitted,
    sans,
    serif,
    wrapped,
)

TITLE = "知群：为“知识”而生的家园，由课程、会员（含 Django 5.2）与问答组成——真的！"
TEXTS = st.text(alphabet="知识课程，。、：！（）“”《》…— abcWORD 3.14", max_size=80)


@given(text=TEXTS, width=st.integers(60, 900))
def test_nothing_is_lost_in_breaking(text, width):
    lines = wrapped(text, sans(30), width, most=1000)

    assert "".join(lines).replace(" ", "") == drawable(text).replace(" ", "")


@pytest.mark.parametrize("width", range(200, 900, 37))
def test_no_line_begins_or_ends_with_what_it_must_not(width):
    lines = wrapped(TITLE, serif(40), width, most=100)

    assert len(lines) > 1
    assert all(line[0] not in CLOSING for line in lines)
    assert all(line[-1] not in OPENING for line in lines)
    assert all(serif(40).getlength(line) <= width for line in lines)


def test_words_and_numbers_are_not_broken():
    text = "3.14 don't state-of-the-art"
    assert wrapped(text, sans(30), 250, 9) == ["3.14 don't", "state-of-the-art"]


def test_a_word_wider_than_the_line_is_broken():
    lines = wrapped("a" * 100, sans(30), 300, most=100)
    assert len(lines) > 1


def test_what_is_too_much_ends_in_dots():
    lines = wrapped(TITLE, sans(40), 400, most=2)

    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert sans(40).getlength(lines[-1]) <= 400


def test_a_title_is_as_large_as_it_fits():
    short, _ = fitted("知群", (80, 40), 400, height=240)
    long, lines = fitted(TITLE, (80, 40), 400, height=150)

    assert (short.size, long.size) == (80, 40)
    assert lines[-1].endswith("…")


def test_no_character_of_a_title_is_left_alone():
    _, lines = fitted("两周做出一个小产品", (100,), 810, height=400)
    assert lines == ["两周做出一", "个小产品"]


def test_what_has_no_letter_in_our_faces_is_left_out():
    assert drawable("知群 👍🏽\u200b\x07 𠮷 ok\n한국어 é") == "知群 ok é"
