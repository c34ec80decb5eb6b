"""Chapters of a recording, typed as one line each: when it begins, and its title."""

import re
from itertools import pairwise
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LINE = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)\s+(\S.*)", re.ASCII)
MOST = 200
LONGEST_TITLE = 160


class Chapter(NamedTuple):
    second: int
    title: str

    @property
    def clock(self) -> str:
        return clock(self.second)


def clock(second: int) -> str:
    """4:05, and from an hour on 1:04:05."""
    minutes, seconds = divmod(second, 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}:{seconds:02}" if hours else f"{rest}:{seconds:02}"


def read(text: str) -> list[Chapter]:
    """Raises ValidationError, which names the first line that cannot be read."""
    lines = [(number, it.strip()) for number, it in enumerate(text.splitlines(), 1)]
    chapters = [_read_line(number, line) for number, line in lines if line]
    if len(chapters) > MOST:
        raise ValidationError(_("At most %(most)d chapters.") % {"most": MOST})
    for before, after in pairwise(chapters):
        if after.second <= before.second:
            raise ValidationError(
                _("“%(title)s” must begin after the chapter above it.")
                % {"title": after.title}
            )
    return chapters


def _read_line(number: int, line: str) -> Chapter:
    found = LINE.fullmatch(line)
    if found is None or len(found[4]) > LONGEST_TITLE:
        raise ValidationError(
            _("Line %(number)d is no chapter. Write it so: 1:30 What it is about")
            % {"number": number}
        )
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    return Chapter(hours * 3600 + minutes * 60 + seconds, found[4])


def validate(text: str) -> None:
    read(text)
