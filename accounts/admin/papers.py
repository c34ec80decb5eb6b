"""Files that the desk takes along."""

import csv
from collections.abc import Iterable
from typing import Any

from django.http import StreamingHttpResponse


class _Echo:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(
    name: str, header: list[Any], rows: Iterable[Iterable[Any]]
) -> StreamingHttpResponse:
    """The rows as a CSV file, sent while they are read."""
    writer = csv.writer(_Echo())

    def lines():
        yield "\ufeff"  # or spreadsheets take Chinese for Latin
        yield writer.writerow(header)
        for row in rows:
            yield writer.writerow([_harmless(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _harmless(cell: Any) -> str:
    """A text that a spreadsheet would take for a formula is quoted."""
    text = str(cell)
    is_number = text.lstrip("-").replace(".", "", 1).isdigit()
    looks_like_one = text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if looks_like_one and not is_number else text
