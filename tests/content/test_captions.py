"""Captions: read strictly, shown with their lesson and to nobody else, found."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from community.lib import subtitles
from content.models import Captions, Item, Lesson
from content.services import captions, search, search_index
from tests.factories.accounts import make_member
from tests.factories.courses import make_course, make_lesson

pytestmark = pytest.mark.django_db

VTT = """WEBVTT

NOTE who reads this

intro
00:01.000 --> 00:03.500 align:start
<v Ann>Hello <b>there</b>

01:02.000 --> 01:04.000
复利 is a & b
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
Hi

2
00:01:00,500 --> 00:01:02,000
you
""".replace("\n", "\r\n")
BROKEN = b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n\nfoo --> bar\ny\n"


@pytest.fixture
def mentor():
    return make_member("writer", roles=["mentor"])


@pytest.fixture
def lesson(mentor, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    course = make_course(author=mentor, access=Item.Access.MEMBERSHIP)
    section = course.sections.create(title="One")
    media = ContentFile(b"x", name="a.mp3")
    return make_lesson(section, kind="audio", media=media, body="", body_html="")


def brought(lesson):
    cues = subtitles.read(VTT.encode())
    return captions.save_captions(lesson=lesson, language="en", cues=cues)


def test_words_and_times_are_read_and_nothing_else():
    cues = subtitles.read(VTT.encode())

    said = [(cue.start, cue.text) for cue in cues]
    assert said == [(1.0, "Hello there"), (62.0, "复利 is a & b")]
    written = subtitles.as_vtt(cues)
    assert "<" not in written
    assert "NOTE" not in written
    assert "a &amp; b" in written
    assert subtitles.read(written.encode())[0] == cues[0]


def test_srt_is_read_too():
    cues = subtitles.read(SRT.encode("utf-8-sig"))
    said = [(cue.start, cue.end, cue.text) for cue in cues]
    assert said == [(1.0, 3.0, "Hi"), (60.5, 62.0, "you")]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no captions"),
        (b"Just a text.", "captions"),
        (b"WEBVTT\n\n00:03.000 --> 00:01.000\nx\n", "Caption 1 ends"),
        (BROKEN, "Only 1 of 2"),
        ("WEBVTT\n\n文字".encode("gb18030"), "UTF-8"),
        (VTT.encode().replace(b"Hello", b"\0"), "no captions"),
        (b"WEBVTT\n" + b"x" * subtitles.MOST_BYTES, "2 MB"),
    ],
)
def test_what_is_wrong_is_said(data, why):
    with pytest.raises(subtitles.NotSubtitles, match=why):
        subtitles.read(data)


def test_they_are_shown_with_the_lesson_and_to_nobody_else(
    client, lesson, member, mentor
):
    address = f"/captions/{brought(lesson).pk}.vtt"
    client.force_login(member)
    assert client.get(address).status_code == 403

    client.force_login(mentor)
    answer = client.get(address)
    assert answer["Content-Type"].startswith("text/vtt")
    assert "Hello there" in answer.content.decode()
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert 'data-second="62"' in page


def test_a_mentor_brings_them_and_takes_them_out(client, lesson, mentor):
    client.force_login(mentor)
    address = f"/studio/lessons/{lesson.pk}/captions/"

    def bring(data):
        file = SimpleUploadedFile("a.vtt", data)
        return client.post(address, {"language": "en", "file": file})

    assert bring(b"nonsense").status_code == 422
    bring(VTT.encode())
    bring(SRT.encode())
    made = Captions.objects.get()
    assert made.text == "Hi\nyou"

    client.post(f"/studio/captions/{made.pk}/remove/", {"sure": "1"})
    assert not Captions.objects.exists()


def test_what_is_said_is_found_by_whom_the_lesson_is_open(lesson, member, mentor):
    brought(lesson)
    search_index.sweep()

    assert search.search("Hello there", member).hits == []
    assert len(search.search("Hello there", mentor).hits) == 1


def test_a_hit_leads_to_the_second_where_it_is_said(client, lesson, mentor):
    brought(lesson)
    search_index.sweep()
    (hit,) = search.search("复利", mentor).hits
    assert hit.url == f"{lesson.get_absolute_url()}#t-62"
    client.force_login(mentor)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert page.count('id="t-62"') == 1

    Lesson.objects.update(body="复利 is written here, too.")
    search_index.sweep()
    (hit,) = search.search("复利", mentor).hits
    assert hit.url == lesson.get_absolute_url()
