"""Captions as people bring them (WebVTT, SRT), read and written anew: nothing of the
file itself is kept but times and words."""

import io
from dataclasses import dataclass

import webvtt
from django.utils.translation import gettext as _

MOST_BYTES = 2 * 1024 * 1024
MOST_CUES = 20_000
LONGEST_CUE = 1000  # characters


class NotSubtitles(Exception):
    """Says in the reader's language what is wrong with them."""


@dataclass(frozen=True)
class Cue:
    start: float  # seconds
    end: float
    text: str


def read(data: bytes) -> list[Cue]:
    """The cues of a file, in their order. Raises NotSubtitles."""
    if len(data) > MOST_BYTES:
        raise NotSubtitles(_("These captions are larger than 2 MB."))
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise NotSubtitles(_("Save the captions as UTF-8, please.")) from error
    if "\0" in text:
        raise NotSubtitles(_("These are no captions: WebVTT or SRT."))
    kind = "vtt" if text.startswith("WEBVTT") else "srt"
    try:
        captions = webvtt.from_buffer(io.StringIO(text), kind).captions
    except webvtt.errors.MalformedFileError as error:
        raise NotSubtitles(_("These are no captions: WebVTT or SRT.")) from error
    cues = [_cue(number, it) for number, it in enumerate(captions, start=1)]
    said = text.count("-->")
    if not cues or len(cues) > MOST_CUES or said != len(cues):
        raise NotSubtitles(
            _("Only %(read)d of %(said)d captions can be read; put the others right.")
            % {"read": len(cues), "said": said}
        )
    return sorted(cues, key=lambda cue: cue.start)


def _cue(number: int, caption: webvtt.Caption) -> Cue:
    start, end = _seconds(caption.start), _seconds(caption.end)
    if end <= start:
        raise NotSubtitles(
            _("Caption %(number)d ends before it begins.") % {"number": number}
        )
    text = " ".join(caption.text.split())[:LONGEST_CUE]
    return Cue(start, end, text)


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def as_vtt(cues: list[Cue]) -> str:
    """WebVTT with words only: no styles, no marks, no notes."""
    parts = [
        f"{_stamp(cue.start)} --> {_stamp(cue.end)}\n{_plain(cue.text)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *parts])


def _stamp(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest:02}.{thousandths:03}"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
