"""Uploads are what their first bytes say, whatever their names say."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from community.lib import uploads

WEBM = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm"
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0"


def zipped(*names, inside=b"x", mimetype=b""):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name in names:
            archive.writestr(name, inside)
    return made.getvalue()


def name_of(content, kind, name="x.exe"):
    return uploads.accept(SimpleUploadedFile(name, content), kind).name


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio", "audio.wav"),
        (b"ID3\x04\0", "audio", "audio.mp3"),
        (b"\xff\xfb\x90\x44", "audio", "audio.mp3"),
        (b"\0\0\0\x20ftypM4A ", "audio", "audio.m4a"),
        (MP4, "video", "video.mp4"),
        (WEBM, "video", "video.webm"),
        (b"%PDF-1.7\n", "attachment", "attachment.pdf"),
        (zipped("notes.txt"), "attachment", "attachment.zip"),
        (zipped("word/document.xml"), "attachment", "attachment.docx"),
        (zipped("xl/workbook.xml"), "attachment", "attachment.xlsx"),
        (zipped(mimetype=b"application/epub+zip"), "attachment", "attachment.epub"),
        ("名称,数量\n".encode() * 2000, "attachment", "attachment.txt"),
    ],
)
def test_a_file_is_named_by_what_it_is(content, kind, name):
    assert name_of(content, kind) == name


def test_a_text_may_say_by_its_name_what_is_in_it():
    assert name_of(zipped("a.txt"), "attachment", "Plan.DOCX") == "attachment.zip"
    assert name_of(b"a,b\n", "attachment", "t.csv") == "attachment.csv"
    assert name_of(b"%PDF-", "attachment", "t.docx") == "attachment.pdf"


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (b"", "video", "film.mp4"),
        (b"<html><script>alert(1)</script>", "video", "film.mp4"),
        (b"MZ\x90\0\x03", "attachment", "plan.pdf"),
        (b"\x7fELF\x02\x01\x01", "attachment", "plan.txt"),
        (b"%PDF-1.7\n", "audio", "song.mp3"),
        (WEBM, "attachment", "plan.pdf"),
        (b"\xff\xfe\0a\0b", "attachment", "plan.csv"),
    ],
)
def test_what_is_something_else_is_refused_with_a_word(content, kind, name):
    with pytest.raises(uploads.NotAccepted, match=r"\w"):
        name_of(content, kind, name)


def test_what_is_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setitem(uploads.MOST_BYTES, "attachment", uploads.MB)
    with pytest.raises(uploads.NotAccepted, match="1 MB"):
        name_of(b"a" * (uploads.MB + 1), "attachment")


def test_the_whole_file_is_kept():
    upload = uploads.accept(SimpleUploadedFile("x", MP4), "video")
    assert upload.read() == MP4


def test_an_archive_that_unpacks_to_very_much_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNPACKED", uploads.MB)
    bomb = zipped("a", "b", inside=bytes(uploads.MB))
    assert len(bomb) < uploads.MB / 100
    with pytest.raises(uploads.NotAccepted, match="too much"):
        name_of(bomb, "attachment", "a.zip")


def test_an_archive_of_very_many_files_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_ENTRIES", 2)
    with pytest.raises(uploads.NotAccepted, match="too much"):
        name_of(zipped("a", "b", "c"), "attachment", "a.zip")


def test_no_more_of_an_archives_list_is_read_than_a_list_has(monkeypatch):
    monkeypatch.setattr(uploads, "LONGEST_LIST", 100)
    with pytest.raises(uploads.NotAccepted, match="damaged"):
        name_of(zipped(*"abcdef"), "attachment", "a.zip")


@pytest.mark.parametrize("cut", [4, 30, -1])
def test_a_damaged_archive_is_refused(cut):
    with pytest.raises(uploads.NotAccepted, match="damaged"):
        name_of(zipped("a", "b")[:cut], "attachment", "a.zip")


def test_a_document_with_macros_is_refused():
    macros = zipped("word/document.xml", "word/vbaProject.bin")
    with pytest.raises(uploads.NotAccepted, match="macros"):
        name_of(macros, "attachment", "plan.docx")


def test_what_is_packed_is_not_unpacked_to_see_what_it_is(monkeypatch):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", b"application/epub+zip", zipfile.ZIP_BZIP2)
    monkeypatch.setattr(zipfile.ZipFile, "read", None)
    assert name_of(made.getvalue(), "attachment") == "attachment.zip"
