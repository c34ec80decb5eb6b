"""How long a lesson is: what its recording says, unless somebody typed it."""

import io
import wave

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from content.models import Lesson
from content.services import durations, writing
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


def recording(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(1000)
        sound.writeframes(b"\x80" * 1000 * seconds)
    return file.getvalue()


@pytest.fixture
def lesson():
    return Lesson.objects.get(section__item=make_course("tea", lessons=1))


def saved(lesson, content, **typed):
    media = SimpleUploadedFile("a.wav", content)
    writing.save_lesson_settings(lesson=lesson, media=media, kind="audio", **typed)
    return Lesson.objects.get(pk=lesson.pk).minutes


def test_a_lesson_is_as_long_as_its_recording(lesson):
    assert saved(lesson, recording(671), minutes=lesson.minutes) == 12


def test_a_number_that_was_typed_with_the_file_stands(lesson):
    assert saved(lesson, recording(671), minutes=30) == 30


def test_of_a_broken_file_nothing_is_known(lesson):
    before = lesson.minutes
    assert saved(lesson, recording(671)[:20], minutes=before) == before


def test_no_more_is_read_than_is_allowed(monkeypatch):
    monkeypatch.setattr(durations, "MOST_BYTES", 16)
    assert durations.minutes_of(io.BytesIO(recording(120))) is None
