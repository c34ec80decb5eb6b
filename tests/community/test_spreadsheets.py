import pytest

from community.lib.spreadsheets import csv_lines


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("＝1+1", "'＝1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("\t-cmd", "'\t-cmd"),
        ("-99.00", "-99.00"),
        (-3, "-3"),
        ("Tea = 茶", "Tea = 茶"),
        (None, ""),
    ],
)
def test_no_cell_is_taken_for_a_formula(cell, written):
    mark, header, line = csv_lines(["a"], [[cell]])
    assert (mark, header) == ("\ufeff", "a\r\n")
    assert line.strip("\r\n").strip('"') == written
