"""Captions and chapters: read strictly, shown with their recording and to nobody
else, found."""

import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from community.lib import subtitles
from content.models import Captions, FilePosition, Item, Lesson
from content.services import captions, search, search_index, writing
from tests.factories.accounts import make_member
from tests.factories.billing import make_paying
from tests.factories.courses import make_course, make_item, make_lesson

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


@pytest.fixture
def film(mentor, settings, tmp_path):
    """The second recording of an item that has nothing written."""
    settings.MEDIA_ROOT = tmp_path
    talk = make_item("talk", "", kind="recording", author=mentor, access="membership")
    first, second = (
        talk.files.create(
            kind="video", title=title, file=ContentFile(b"x", name="a.webm")
        )
        for title in ("First half", "Second half")
    )
    captions.save_captions(
        played=first, language="en", cues=[subtitles.Cue(1, 2, "Welcome")]
    )
    return second


def brought(played):
    cues = subtitles.read(VTT.encode())
    return captions.save_captions(played=played, language="en", cues=cues)


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
    with CaptureQueriesContext(connection) as asked:
        (hit,) = search.search("复利", mentor).hits
    assert hit.url == f"{lesson.get_absolute_url()}#t-62"
    assert not [it for it in asked.captured_queries if '"vtt"' in it["sql"]]
    client.force_login(mentor)
    page = client.get(lesson.get_absolute_url()).content.decode()
    assert page.count('id="t-62"') == 1

    Lesson.objects.update(body="复利 is written here, too.")
    search_index.sweep()
    (hit,) = search.search("复利", mentor).hits
    assert hit.url == lesson.get_absolute_url()


def test_captions_of_nothing_are_for_nobody(client, operator):
    """The database keeps none; if it did, nobody would have said for whom they are."""
    linked = next(it for it in Captions._meta.constraints if "of_one" in it.name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Captions, linked)
    lost = Captions.objects.create(language="en", vtt="WEBVTT")
    client.force_login(operator)
    assert client.get(f"/captions/{lost.pk}.vtt").status_code == 404


# Recordings of items ----------------------------------------------------------------


def test_captions_of_a_recording_are_for_whom_it_is_open(client, film, member):
    address = f"/captions/{brought(film).pk}.vtt"
    client.force_login(member)
    assert client.get(address).status_code == 403
    assert "Hello there" not in client.get("/library/talk/").content.decode()

    make_paying(member)
    assert "Hello there" in client.get(address).content.decode()
    page = client.get("/library/talk/").content.decode()
    assert f'id="t{film.pk}-62"' in page


def test_what_is_said_in_a_recording_is_found_by_whom_it_is_open(film, member, mentor):
    brought(film)
    search_index.sweep()

    assert search.search("复利", member).hits == []
    (hit,) = search.search("复利", mentor).hits
    assert hit.url == f"/library/talk/#t{film.pk}-62"


def test_search_follows_the_captions_of_a_recording(
    film, mentor, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        made = brought(film)
    assert len(search.search("复利", mentor).hits) == 1

    with django_capture_on_commit_callbacks(execute=True):
        captions.remove_captions(captions=made)
    assert search.search("复利", mentor).hits == []

    with django_capture_on_commit_callbacks(execute=True):
        brought(film)
    assert len(search.search("复利", mentor).hits) == 1
    with django_capture_on_commit_callbacks(execute=True):
        writing.remove_file(file=film)
    assert search.search("复利", mentor).hits == []


def test_a_hit_in_the_open_part_does_not_tell_where_it_is_said_inside(film, member):
    brought(film)
    Item.objects.filter(slug="talk").update(title="Hello there, again")
    search_index.sweep()
    (hit,) = search.search("Hello there", member).hits
    assert hit.url == "/library/talk/"


def test_a_member_goes_on_in_a_recording_where_they_stopped(client, film, member):
    make_paying(member)
    client.force_login(member)
    address = f"/files/{film.pk}/position/"
    for said in ("40", "75"):
        assert client.post(address, {"position": said}).status_code == 204
    assert client.post(address, {"position": "soon"}).status_code == 422

    assert FilePosition.objects.get().seconds == 75
    page = client.get("/library/talk/").content.decode()
    assert 'data-position="75"' in page
    assert page.count("data-progress-url") == 2


def test_a_page_asks_as_much_however_many_recordings_it_has(client, film, member):
    make_paying(member)
    client.force_login(member)

    def queries():
        client.get("/library/talk/")  # fills the caches, notes today's visit
        with CaptureQueriesContext(connection) as asked:
            client.get("/library/talk/")
        return len(asked)

    few = queries()
    for number in range(4):
        more = film.item.files.create(kind="audio", title="x", file=f"items/{number}")
        more.captions.create(language="en")
    assert queries() == few


def test_a_lesson_with_all_of_it_asks_little_of_the_database(
    client, lesson, member, django_assert_max_num_queries
):
    for language in ("en", "zh-hans"):
        lesson.captions.create(language=language, cues=[[1, "x"]])
    make_paying(member)
    client.force_login(member)
    client.get(lesson.get_absolute_url())  # fills the caches, notes today's visit
    with django_assert_max_num_queries(6):
        client.get(lesson.get_absolute_url())


# Chapters ---------------------------------------------------------------------------

CHAPTERS = "0:00 Hello\r\n\r\n1:30  复利\n1:02:05 The end"


@pytest.mark.parametrize("of", ["lessons", "files"])
def test_chapters_are_links_that_work_without_scripts(client, lesson, film, mentor, of):
    played = {"lessons": lesson, "files": film}[of]
    client.force_login(mentor)
    address = f"/studio/{of}/{played.pk}/chapters/"
    assert client.post(address, {"chapters": CHAPTERS}).status_code == 302

    where = lesson.get_absolute_url() if of == "lessons" else "/library/talk/"
    page = client.get(where).content.decode()
    link = r'#t=(\d+)" data-second="\1"><span [^>]+>([\d:]+)</span> (.*?)</a>'
    assert re.findall(link, page) == [
        ("0", "0:00", "Hello"),
        ("90", "1:30", "复利"),
        ("3725", "1:02:05", "The end"),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0:00 Hello\nlater", "Line 2 is no chapter"),
        ("0:61 Hello", "Line 1 is no chapter"),
        ("0:10 b\n0:10 a", "“a” must begin after"),
        ("\n".join(f"{n}:00 x" for n in range(201)), "At most 200"),
        (f"0:00 {'x' * 161}", "Line 1 is no chapter"),
    ],
)
def test_chapters_that_are_wrong_say_so_beside_the_field(
    client, lesson, mentor, text, why
):
    client.force_login(mentor)
    answer = client.post(f"/studio/lessons/{lesson.pk}/chapters/", {"chapters": text})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert why in page
    assert text.splitlines()[0] in page


def test_captions_hang_on_one_recording(lesson, film):
    with pytest.raises(IntegrityError, match="captions_of_one_recording"):
        Captions.objects.create(lesson=lesson, file=film, language="en")
