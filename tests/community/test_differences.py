"""What changed between two texts, word by word."""

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
    before, after = "a " * 5000, "b " * 5000
    assert words_changed(before, after) == [
        Piece(REMOVED, before),
        Piece(ADDED, after),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_from_what_is_shown(before, after):
    line = words_changed(before, after)

    assert "".join(it.text for it in line if it.how != ADDED) == before
    assert "".join(it.text for it in line if it.how != REMOVED) == after
