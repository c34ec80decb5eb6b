"""What changed between two texts, word by word."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.lib.differences import (
    ADDED,
    REMOVED,
    SAME,
    SKIPPED,
    Piece,
    lines_changed,
    words_changed,
)


def test_words_that_changed_are_marked_in_their_line():
    assert lines_changed("Plant it in May.", "Plant it in late June.") == [
        [
            Piece(SAME, "Plant it in "),
            Piece(REMOVED, "May"),
            Piece(ADDED, "late June"),
            Piece(SAME, "."),
        ]
    ]


def test_chinese_is_compared_by_character():
    assert lines_changed("五月种下它。", "六月种下它。") == [
        [Piece(REMOVED, "五"), Piece(ADDED, "六"), Piece(SAME, "月种下它。")]
    ]


def test_lines_far_from_a_change_are_left_out():
    before = "\n".join(f"line {number}" for number in range(9))
    lines = lines_changed(before, before.replace("line 4", "line four"))

    skipped = [Piece(SKIPPED, "")]
    assert lines[0] == lines[-1] == skipped
    assert [Piece(SAME, "line 3")] in lines
    assert [Piece(SAME, "line 1")] not in lines


def test_nothing_changed_is_nothing_shown():
    assert lines_changed("a\nb", "a\nb") == []


def test_a_huge_line_is_shown_as_replaced():
    before, after = "a " * 5000 + "a", "b " * 5000 + "b"
    assert words_changed(before, after) == [
        Piece(REMOVED, before),
        Piece(ADDED, after),
    ]


def test_a_small_change_in_a_huge_text_is_found():
    before = "\n".join(f"Sentence {number} of it." for number in range(20_000))
    lines = lines_changed(before, before.replace(" 9999 ", " ten thousand "))
    assert [Piece(REMOVED, "9999"), Piece(ADDED, "ten thousand")] == lines[2][1:3]
    assert len(lines) == 5


@pytest.mark.parametrize("made_of", ["ab", "abcdefghijklmnopqrstuvwxyz"])
@pytest.mark.parametrize("between", ["\n", " "])
def test_a_text_made_to_be_slow_is_not(made_of, between):
    """Without the limits each of these takes half a minute."""
    chance = random.Random(7)
    before, after = (
        between.join(chance.choices(made_of, k=100_000)) for _twice in range(2)
    )
    begun = time.process_time()
    assert lines_changed(before, after)
    assert time.process_time() - begun < 5


@given(st.text("ab\n", max_size=60), st.text("ab\n", max_size=60))
def test_every_change_is_shown(before, after):
    shown = lines_changed(before, after)
    kept = {piece.how for line in shown for piece in line}
    assert (before.splitlines() != after.splitlines()) == bool({ADDED, REMOVED} & kept)


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_from_what_is_shown(before, after):
    line = words_changed(before, after)

    assert "".join(it.text for it in line if it.how != ADDED) == before
    assert "".join(it.text for it in line if it.how != REMOVED) == after
