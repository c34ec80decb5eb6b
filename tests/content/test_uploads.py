"""Large files come in pieces; what is wrong with them leaves nothing behind."""

import datetime as dt
import io
import zipfile
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, connection, transaction
from django.http import UnreadablePostError
from django.test import Client
from django.utils import timezone

from accounts import privacy
from accounts.models import Role
from accounts.services.roles import revoke_role
from community.lib import buckets
from community.lib import uploads as judging
from community.nightly import run_night
from content import steps
from content.errors import NoRoom, WrongOffset
from content.models import Item, ItemFile, Lesson, Picture, Upload
from content.services import room, uploads, writing
from tests.community.buckets import Store
from tests.content.test_studio_pages import A_PICTURE
from tests.factories.accounts import make_member
from tests.factories.courses import make_lesson
from tests.factories.writing import make_draft, make_mentor

pytestmark = pytest.mark.django_db
with_connections = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7\n" + b"x" * 9000
SONG = b"ID3\x04\0" + bytes(9000)
PIECE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path / "coming"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def mentor(client):
    mentor = make_mentor()
    client.force_login(mentor)
    return mentor


@pytest.fixture
def article(mentor):
    return make_draft(mentor)


@pytest.fixture
def lesson(mentor):
    course = make_draft(mentor, kind=Item.Kind.COURSE, summary="s")
    return make_lesson(course.sections.create(title="One"))


def announce(client, place, size, kind="attachment", name="t.pdf", **headers):
    told = {"kind": kind, "name": name, "modified": "17"}
    metadata = ",".join(
        f"{key} {b64encode(it.encode()).decode()}" for key, it in told.items()
    )
    of = "items" if isinstance(place, Item) else "lessons"
    return client.post(
        f"/studio/{of}/{place.pk}/uploads/",
        content_type=PIECE,
        headers={"Upload-Length": str(size), "Upload-Metadata": metadata, **headers},
    )


def send(client, address, at, piece, content_type=PIECE):
    return client.patch(
        address,
        piece,
        content_type=content_type,
        headers={"Upload-Offset": str(at)},
    )


def send_all(client, place, content, **told):
    """In two pieces; the answer to the last."""
    address = announce(client, place, len(content), **told)["Location"]
    middle = len(content) // 2
    answer = send(client, address, 0, content[:middle])
    if answer.status_code == 204:
        answer = send(client, address, middle, content[middle:])
    return answer


def offset_of(answer):
    return int(answer["Upload-Offset"])


def left(settings):
    """Everything that lies on the disk after commit, and every row."""
    waiting, connection.run_on_commit = connection.run_on_commit, []
    for _savepoints, act, _is_robust in waiting:
        act()
    folders = (settings.UPLOADS_DIR, settings.MEDIA_ROOT)
    files = [it for folder in folders for it in folder.rglob("*") if it.is_file()]
    return files, list(Upload.objects.all())


def zipped(inside):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", inside)
        archive.writestr("b", inside)
    return made.getvalue()


# Coming ---------------------------------------------------------------------------


def test_a_file_comes_in_pieces_and_becomes_the_items(
    client, article, settings, tmp_path
):
    begun = announce(client, article, len(PDF))
    address = begun["Location"]
    assert (begun.status_code, offset_of(begun)) == (201, 0)
    assert begun["Tus-Resumable"] == "1.0.0"
    assert offset_of(send(client, address, 0, PDF[:5000])) == 5000
    stands = client.head(address)
    assert (offset_of(stands), stands["Upload-Length"]) == (5000, str(len(PDF)))
    assert stands["Cache-Control"] == "no-store"
    assert send(client, address, 5000, PDF[5000:]).status_code == 204

    upload = Upload.objects.get()
    answer = client.post(
        f"/studio/items/{article.pk}/files/",
        {"kind": "attachment", "title": "Tables", "upload": upload.key},
    )
    assert answer.status_code == 302
    file = article.files.get()
    assert (file.title, file.size) == ("Tables", len(PDF))
    assert file.file.name == f"items/{upload.key.hex}.pdf"
    assert (tmp_path / "media" / file.file.name).read_bytes() == PDF
    assert left(settings) == ([tmp_path / "media" / file.file.name], [])


def test_a_recording_becomes_the_lessons_and_the_old_one_goes(client, lesson, settings):
    path = f"/studio/lessons/{lesson.pk}/settings/"
    data = {"kind": "audio", "minutes": "5"}
    for number in (1, 2):
        send_all(client, lesson, SONG, kind="audio", name=f"{number}.mp3")
        upload = Upload.objects.get()
        assert client.post(path, {**data, "upload": upload.key}).status_code == 302
    lesson.refresh_from_db()
    assert (lesson.kind, lesson.media_size) == ("audio", len(SONG))
    assert lesson.media.name == f"lessons/{upload.key.hex}.mp3"
    files, rows = left(settings)
    assert ([it.name for it in files], rows) == ([f"{upload.key.hex}.mp3"], [])


def test_it_is_moved_into_the_storage_and_not_copied(client, article, settings):
    send_all(client, article, PDF)
    upload = Upload.objects.get()
    number = upload.staged.stat().st_ino
    with transaction.atomic():
        name = uploads.store(upload=upload)
    assert (settings.MEDIA_ROOT / name).stat().st_ino == number


def test_it_goes_into_a_bucket(client, article, settings):
    store = Store()
    bucket = buckets.Bucket("ours", store.url, "eu-west-1", "key", "secret")
    settings.BUCKET = bucket
    settings.STORAGES = {**settings.STORAGES, "default": buckets.storage(bucket)}
    send_all(client, article, PDF)
    upload = Upload.objects.get()
    data = {"kind": "attachment", "title": "Tables", "upload": upload.key}
    client.post(f"/studio/items/{article.pk}/files/", data)

    assert store.files == {f"/ours/{article.files.get().file.name}": PDF}
    assert left(settings) == ([], [])
    default_storage.connection.meta.client.close()
    store.close()


def test_the_same_file_for_the_same_place_goes_on(client, article, lesson):
    first = announce(client, article, len(PDF))
    send(client, first["Location"], 0, PDF[:5000])
    again = announce(client, article, len(PDF))
    assert (again["Location"], offset_of(again)) == (first["Location"], 5000)
    others = [
        announce(client, article, len(PDF) + 1),
        announce(client, article, len(PDF), name="u.pdf"),
        announce(client, lesson, len(PDF), kind="audio"),
    ]
    assert {offset_of(it) for it in others} == {0}
    assert Upload.objects.count() == 4


def test_without_pieces_it_works_as_ever(client, lesson):
    upload = SimpleUploadedFile("a.mp3", SONG, "audio/mpeg")
    data = {"kind": "audio", "minutes": "5", "media": upload}
    client.post(f"/studio/lessons/{lesson.pk}/settings/", data)
    lesson.refresh_from_db()
    assert lesson.media.read() == SONG
    lesson.media.close()
    assert lesson.media_size == len(SONG)
    assert not Upload.objects.exists()


# Stored, and not taken --------------------------------------------------------------


def test_a_form_that_fails_after_the_move_is_sent_again(client, article):
    send_all(client, article, PDF)
    upload = Upload.objects.get()
    with pytest.raises(DataError), transaction.atomic(), uploads.opened(upload) as file:
        writing.add_file(
            item=article, kind="attachment", title="x" * 999, file=file, upload=upload
        )
    assert offset_of(client.head(f"/studio/uploads/{upload.key}/")) == len(PDF)
    data = {"kind": "attachment", "title": "Tables", "upload": upload.key}
    answer = client.post(f"/studio/items/{article.pk}/files/", data)
    assert answer.status_code == 302
    with article.files.get().file.open() as file:
        assert file.read() == PDF


def test_what_was_stored_and_is_not_taken_is_ended_like_others(
    client, article, settings
):
    send_all(client, article, PDF)
    upload = Upload.objects.get()
    uploads.store(upload=upload)
    address = f"/studio/uploads/{upload.key}/"
    uploads.append(upload=upload, at=len(PDF), piece=io.BytesIO())  # nothing more
    assert uploads.store(upload=upload) == upload.path
    assert client.delete(address).status_code == 204
    assert left(settings) == ([], [])


class WatchedStorage(FileSystemStorage):
    """Fails where the item is held while a file is stored."""

    def save(self, name, content, max_length=None):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(self._hold_items).result()
        return super().save(name, content, max_length)

    def _hold_items(self):
        try:
            with transaction.atomic():
                list(Item.objects.select_for_update(nowait=True))
                list(Lesson.objects.select_for_update(nowait=True))
        finally:
            connection.close()


@with_connections
def test_nothing_written_is_held_while_a_film_is_stored(client, lesson, settings):
    there = {"BACKEND": f"{__name__}.WatchedStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": there}
    course = lesson.section.item
    send_all(client, course, PDF)
    data = {"kind": "attachment", "title": "T", "upload": Upload.objects.get().key}
    client.post(f"/studio/items/{course.pk}/files/", data)
    send_all(client, lesson, SONG, kind="audio", name="t.mp3")
    data = {"kind": "audio", "minutes": "5", "upload": Upload.objects.get().key}
    client.post(f"/studio/lessons/{lesson.pk}/settings/", data)
    lesson.refresh_from_db()
    assert course.files.get().size == len(PDF)
    assert lesson.media_size == len(SONG)


# The offset -----------------------------------------------------------------------


@pytest.mark.parametrize("at", ["1", "4999", "5001", "999999999999999"])
def test_a_piece_that_begins_elsewhere_is_told_where(client, article, at):
    address = announce(client, article, len(PDF))["Location"]
    send(client, address, 0, PDF[:5000])
    answer = send(client, address, at, PDF[5000:])
    assert (answer.status_code, offset_of(answer)) == (409, 5000)
    assert offset_of(client.head(address)) == 5000


@pytest.mark.parametrize("at", ["-1", "", "1.5", "٣", "9" * 16, "0x1"])
def test_what_is_no_offset_is_refused(client, article, at):
    address = announce(client, article, len(PDF))["Location"]
    assert send(client, address, at, PDF).status_code == 400
    assert offset_of(client.head(address)) == 0


def test_a_piece_must_say_that_it_is_one(client, article):
    address = announce(client, article, len(PDF))["Location"]
    for content_type in ("", "application/octet-stream", "text/plain"):
        assert send(client, address, 0, PDF, content_type).status_code == 415
    assert offset_of(client.head(address)) == 0


def test_more_than_was_announced_is_refused(client, article, settings):
    address = announce(client, article, 5000)["Location"]
    send(client, address, 0, PDF[:4000])
    answer = send(client, address, 4000, PDF[4000:])
    assert answer.status_code == 422
    assert "announced" in answer.json()["error"]
    assert offset_of(client.head(address)) == 4000


def test_a_huge_piece_is_refused_before_it_is_read(client, article, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OF_A_PIECE", 5000)
    monkeypatch.setattr(uploads, "receive", pytest.fail)
    address = announce(client, article, len(PDF))["Location"]
    assert send(client, address, 0, PDF[:5001]).status_code == 413


def test_what_came_before_the_line_broke_counts(mentor, article):
    class BreakingLine:
        pieces = [PDF[:5000]]

        def read(self, size):
            if not self.pieces:
                raise UnreadablePostError
            return self.pieces.pop()

    upload = uploads.begin(
        member=mentor, place=article, kind="attachment", name="t.pdf", size=len(PDF)
    )
    with uploads.receive(BreakingLine()) as piece:
        assert uploads.append(upload=upload, at=0, piece=piece).arrived == 5000


def test_what_a_killed_request_left_is_written_over(client, article):
    address = announce(client, article, len(PDF))["Location"]
    send(client, address, 0, PDF[:5000])
    upload = Upload.objects.get()
    with upload.staged.open("ab") as file:  # written, and never committed
        file.write(b"y" * 99_999)
    assert offset_of(client.head(address)) == 5000
    assert send(client, address, 5000, PDF[5000:]).status_code == 204
    assert upload.staged.read_bytes() == PDF


def test_bytes_that_were_lost_are_asked_for_again(client, article):
    """After a restored backup, say: the rows are back and the bytes are not."""
    send_all(client, article, PDF)
    upload = Upload.objects.get()
    upload.staged.unlink()
    address = f"/studio/uploads/{upload.key}/"
    data = {"kind": "attachment", "title": "Tables", "upload": upload.key}
    answer = client.post(f"/studio/items/{article.pk}/files/", data)
    assert answer.status_code == 422
    assert "goes on by itself" in answer.content.decode()

    assert offset_of(client.head(address)) == 0
    send(client, address, 0, PDF[:5000])
    assert client.post(f"/studio/items/{article.pk}/files/", data).status_code == 422
    send(client, address, 5000, PDF[5000:])
    assert client.post(f"/studio/items/{article.pk}/files/", data).status_code == 302


@with_connections
def test_of_two_pieces_at_once_one_wins(mentor, article):
    upload = uploads.begin(
        member=mentor, place=article, kind="attachment", name="t.pdf", size=len(PDF)
    )
    uploads.receive(io.BytesIO()).close()  # makes the folder

    def send_second():
        try:
            uploads.append(upload=upload, at=0, piece=io.BytesIO(b"%PDF-1.4"))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            uploads.append(upload=upload, at=0, piece=io.BytesIO(PDF[:5000]))
            second = pool.submit(send_second)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        with pytest.raises(WrongOffset) as told:
            second.result(timeout=5)
    assert told.value.arrived == 5000
    assert upload.staged.read_bytes() == PDF[:5000]


def test_two_forms_at_once_take_it_once(client, mentor, article):
    send_all(client, article, PDF)
    upload = Upload.objects.get()
    data = {"kind": "attachment", "title": "Tables", "upload": upload.key}
    answers = [
        client.post(f"/studio/items/{article.pk}/files/", data).status_code
        for _ in range(2)
    ]
    assert answers == [302, 422]
    assert article.files.count() == 1


# What is wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "kind", "said"),
    [
        (0, "attachment", "empty"),
        (100 * judging.MB + 1, "attachment", "larger than 100 MB"),
        (10**30, "video", "larger than 4096 MB"),
        (-5, "video", "greater than or equal to 0"),
        ("much", "video", "whole number"),
        ("", "video", "required"),
        (5, "text", "audio or video"),
        (5, "", "which kind"),
    ],
)
def test_what_is_announced_wrong_is_said(client, article, settings, size, kind, said):
    answer = announce(client, article, size, kind=kind)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert left(settings) == ([], [])


def test_a_lesson_plays_recordings_only(client, lesson):
    for kind in ("attachment", "text"):
        answer = announce(client, lesson, 5, kind=kind)
        assert "choose audio or video" in answer.json()["error"]


def test_metadata_that_is_none_is_told_as_missing(client, article):
    for metadata in ("", ",,", "name", "name ???", "name /w==", "kind YQ== b, c"):
        headers = {"Upload-Metadata": metadata}
        assert announce(client, article, 5, **headers).status_code == 422
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><script>alert(1)</script>" + bytes(9000), "video"),
        (b"MZ\x90\0" + bytes(9000), "attachment"),
        (PDF, "audio"),
        (b"<script>", "audio"),
    ],
)
def test_a_hostile_file_is_refused_at_its_beginning(
    client, article, settings, content, kind
):
    address = announce(client, article, len(content), kind=kind)["Location"]
    client.cookies["django_language"] = "zh-hans"
    answer = send(client, address, 0, content[:4100])
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(("这", "请"))
    assert left(settings) == ([], [])
    assert client.head(address).status_code == 404


def test_tiny_pieces_are_judged_as_soon_as_they_tell(client, article, settings):
    address = announce(client, article, 9000, kind="audio")["Location"]
    assert send(client, address, 0, b"<html>").status_code == 204
    assert send(client, address, 6, b"x" * 5000).status_code == 422
    assert left(settings) == ([], [])


def test_a_bomb_is_refused_at_its_end(client, article, settings, monkeypatch):
    monkeypatch.setattr(judging, "MOST_UNPACKED", judging.MB)
    bomb = zipped(bytes(8 * judging.MB))
    answer = send_all(client, article, bomb, name="t.zip")
    assert "too much" in answer.json()["error"]
    assert left(settings) == ([], [])


def test_an_archive_that_is_cut_is_refused(client, article, settings):
    answer = send_all(client, article, zipped(b"x" * 9000)[:-40], name="t.zip")
    assert "damaged" in answer.json()["error"]
    assert left(settings) == ([], [])


def test_the_form_judges_by_what_it_says_itself(client, article):
    """What came as an attachment is no recording because a form calls it one."""
    send_all(client, article, PDF)
    upload = Upload.objects.get()
    data = {"kind": "audio", "title": "T", "upload": upload.key}
    answer = client.post(f"/studio/items/{article.pk}/files/", data)
    assert answer.status_code == 422
    assert answer.context["file_form"].errors["file"]
    assert f'value="{upload.key}"' in answer.content.decode()  # not lost


def test_a_form_takes_only_what_has_come_whole_to_its_own_place(
    client, article, mentor
):
    path = f"/studio/items/{article.pk}/files/"
    other = make_draft(mentor, title="Other")
    send_all(client, other, PDF)
    elsewhere = Upload.objects.get().key
    send(client, announce(client, article, len(PDF))["Location"], 0, PDF[:5000])
    unfinished = article.uploads.get().key
    for key in (elsewhere, unfinished, uuid4(), "x"):
        data = {"kind": "attachment", "title": "T", "upload": key}
        answer = client.post(path, data)
        assert answer.status_code == 422
        assert "goes on by itself" in answer.context["file_form"].errors["file"][0]
    assert not ItemFile.objects.exists()


# Who may --------------------------------------------------------------------------


def test_anothers_upload_does_not_exist(client, article):
    address = announce(client, article, len(PDF))["Location"]
    client.force_login(make_mentor("other"))
    assert client.head(address).status_code == 404
    assert send(client, address, 0, PDF).status_code == 404
    assert client.delete(address).status_code == 404
    assert Upload.objects.get().arrived == 0


def test_who_was_suspended_or_may_not_write_any_more_sends_nothing(
    client, mentor, article
):
    address = announce(client, article, len(PDF))["Location"]
    mentor.suspended_at = timezone.now()
    mentor.save()
    assert send(client, address, 0, PDF).status_code == 403
    mentor.suspended_at = None
    mentor.save()
    Item.objects.update(state=Item.State.LIVE, published_at=timezone.now())
    assert send(client, address, 0, PDF[:5000]).status_code == 204
    revoke_role(member=mentor, role=Role.MENTOR)
    assert send(client, address, 5000, PDF[5000:]).status_code == 403
    assert client.delete(address).status_code == 204  # one's own, to the end
    assert not Upload.objects.exists()


def test_a_piece_needs_the_pages_token(mentor, article, client):
    address = announce(client, article, len(PDF))["Location"]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mentor)
    assert send(strict, address, 0, PDF).status_code == 403
    assert strict.delete(address).status_code == 403
    assert announce(strict, article, 5).status_code == 403


def test_what_is_ended_leaves_nothing_behind(client, article, settings):
    send_all(client, article, PDF)
    address = f"/studio/uploads/{Upload.objects.get().key}/"
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404
    assert left(settings) == ([], [])


def test_a_draft_that_is_thrown_away_takes_its_uploads_along(client, lesson, settings):
    send_all(client, lesson, SONG, kind="audio")
    writing.discard(item=lesson.section.item)
    assert left(settings) == ([], [])


def test_a_member_sees_it_in_the_export_and_is_forgotten_with_it(
    client, mentor, article, settings
):
    send_all(client, article, PDF)
    (told,) = privacy.export_all(mentor)["content"]["files on their way"]
    assert (told["name"], told["arrived"]) == ("t.pdf", len(PDF))
    privacy.erase_all(mentor)
    assert left(settings) == ([], [])


# How much -------------------------------------------------------------------------


def test_only_so_many_may_be_on_their_way(client, article, monkeypatch):
    monkeypatch.setattr(room, "MOST_UPLOADS", 2)
    for number in (1, 2):
        announce(client, article, 5, name=f"{number}.pdf")
    refused = announce(client, article, 5, name="3.pdf")
    assert refused.status_code == 422
    assert "2 files" in refused.json()["error"]
    assert announce(client, article, 5, name="2.pdf").status_code == 201  # goes on


def test_only_so_much_may_be_on_its_way(client, article, monkeypatch):
    monkeypatch.setattr(room, "MOST_UPLOADS_BYTES", 9000)
    assert announce(client, article, 5000, name="1.pdf").status_code == 201
    assert announce(client, article, 5000, name="2.pdf").status_code == 422
    assert announce(client, article, 4000, name="3.pdf").status_code == 201


def test_files_of_unpublished_work_take_only_so_much(client, settings, member):
    settings.MEMBER_DRAFTS_MB = 1
    client.force_login(member)
    article = make_draft(member)
    other = make_draft(member, title="Other")
    Picture.objects.create(item=other, width=1, height=1, size=judging.MB // 2)
    path = f"/studio/items/{article.pk}/files/"
    large = SimpleUploadedFile("t.pdf", b"%PDF-" + bytes(judging.MB // 2))
    data = {"kind": "attachment", "title": "T"}
    answer = client.post(path, {**data, "file": large})
    assert answer.status_code == 422
    assert "1 MB in all" in answer.context["file_form"].errors["file"][0]
    assert announce(client, article, judging.MB // 2 + 1).status_code == 422
    assert announce(client, article, judging.MB // 2).status_code == 201
    small = SimpleUploadedFile("t.pdf", b"%PDF-")
    assert client.post(path, {**data, "file": small}).status_code == 422
    assert left(settings)[0] == []

    # What an editor has let in is not counted, until it is withdrawn.
    Item.objects.update(state=Item.State.LIVE, published_at=timezone.now())
    writing.add_file(item=article, kind="attachment", title="T", file=small)
    Item.objects.update(state=Item.State.DRAFT)
    assert announce(client, article, judging.MB).status_code == 422


def test_a_mentor_has_more_room_and_a_recording_counts(client, lesson, settings):
    settings.MEMBER_DRAFTS_MB, settings.MENTOR_DRAFTS_MB = 0, 1
    Lesson.objects.update(media_size=judging.MB - 9000)
    song = SimpleUploadedFile("a.mp3", SONG, "audio/mpeg")
    data = {"kind": "audio", "minutes": "5", "media": song}
    path = f"/studio/lessons/{lesson.pk}/settings/"
    assert client.post(path, data).status_code == 422
    assert announce(client, lesson, 9001, kind="audio").status_code == 422
    assert announce(client, lesson, 9000, kind="audio").status_code == 201


def test_a_recording_that_is_taken_away_takes_no_room(client, lesson):
    song = SimpleUploadedFile("a.mp3", SONG, "audio/mpeg")
    path = f"/studio/lessons/{lesson.pk}/settings/"
    client.post(path, {"kind": "audio", "minutes": "5", "media": song})
    drafts = Item.objects.filter(pk=lesson.section.item_id)
    assert room.taken_by(drafts) == len(SONG)
    client.post(path, {"kind": "text", "minutes": "5", "no_media": "on"})
    lesson.refresh_from_db()
    assert lesson.media.name == ""
    assert room.taken_by(drafts) == 0


def test_a_recording_replaced_at_the_desk_counts_with_its_new_size(client, lesson):
    song = SimpleUploadedFile("a.mp3", SONG, "audio/mpeg")
    writing.save_lesson_settings(lesson=lesson, kind="audio", media=song)
    data = {"section": lesson.section_id, "title": "T", "kind": "audio"}
    data |= {"position": 1, "minutes": 5, "body": "x"}
    path = f"/admin/content/lesson/{lesson.pk}/change/"
    shorter = SimpleUploadedFile("b.mp3", SONG[:5000], "audio/mpeg")
    assert client.post(path, {**data, "media": shorter}).status_code == 302
    drafts = Item.objects.filter(pk=lesson.section.item_id)
    assert room.taken_by(drafts) == 5000
    client.post(path, {**data, "kind": "text", "media-clear": "on"})
    assert room.taken_by(drafts) == 0


def test_a_file_that_is_replaced_counts_with_its_new_size(article):
    pdf = SimpleUploadedFile("t.pdf", PDF)
    file = writing.add_file(item=article, kind="attachment", title="T", file=pdf)
    file.file = ContentFile(b"%PDF-", "u.pdf")
    file.save()
    assert room.taken_by(Item.objects.filter(pk=article.pk)) == 5


def test_a_picture_that_finds_no_room_is_refused_in_words(client, article, settings):
    settings.MENTOR_DRAFTS_MB = 0
    upload = SimpleUploadedFile("p.png", A_PICTURE, "image/png")
    answer = client.post(f"/studio/items/{article.pk}/picture/", {"picture": upload})
    assert answer.status_code == 422
    assert "0 MB in all" in answer.json()["error"]
    assert left(settings)[0] == []


@with_connections
def test_requests_at_once_do_not_pass_the_limit(settings, monkeypatch):
    settings.MEMBER_DRAFTS_MB = 1
    member = make_member()
    drafts = [make_draft(member, title=f"{number}") for number in range(4)]

    def add(draft):
        file = ContentFile(b"%PDF-" + bytes(400_000), name="t.pdf")
        try:
            writing.add_file(item=draft, kind="attachment", title="T", file=file)
        except NoRoom:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(add, drafts))
    assert answers.count("refused") == 2
    assert ItemFile.objects.count() == 2


@with_connections
def test_announced_at_once_they_do_not_pass_the_limit_either(monkeypatch):
    monkeypatch.setattr(room, "MOST_UPLOADS", 2)
    mentor = make_mentor()
    told = {"member": mentor, "place": make_draft(mentor), "kind": "attachment"}

    def announce_one(name):
        try:
            return uploads.begin(**told, name=name, size=5).pk
        except NoRoom:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(announce_one, ("1", "1", "2", "3")))
    assert len(set(answers) - {"refused"}) == Upload.objects.count() == 2


# The night ------------------------------------------------------------------------


@with_connections
def test_the_night_removes_what_nobody_goes_on_with(client, article, settings):
    for name in ("old.pdf", "new.pdf"):
        send_all(client, article, PDF, name=name)
    old, new = Upload.objects.all()
    Upload.objects.filter(pk=old.pk).update(
        touched_at=timezone.now() - uploads.KEPT - dt.timedelta(minutes=1)
    )
    # Stored, and then the machine went down before the row was saved.
    default_storage.save(old.path, ContentFile(PDF))
    stray = settings.UPLOADS_DIR / uuid4().hex
    stray.write_bytes(PDF)

    (run,) = run_night(
        timezone.localdate(), steps=[it for it in steps.STEPS if it.name == "uploads"]
    )
    assert run.result == {"lapsed": 1, "strays": 1, "measured": 0, "not posted": 0}
    assert left(settings) == ([new.staged], [new])


def test_the_night_measures_what_came_by_another_way(client, lesson, mentor):
    course = lesson.section.item
    pdf = ContentFile(PDF, name="t.pdf")
    file = course.files.create(kind="attachment", title="T", file=pdf)
    lost = course.files.create(kind="attachment", title="L", file="items/lost.pdf")
    ItemFile.objects.update(size=0)  # from before there were sizes
    picture = Picture.objects.create(item=course, width=1, height=1)
    default_storage.save(picture.path, ContentFile(b"x" * 7))
    lesson.media.save("a.mp3", ContentFile(SONG))

    assert room.measure() == 3
    assert room.measure() == 0
    for row in (file, lost, picture, lesson):
        row.refresh_from_db()
    assert (file.size, lost.size, picture.size) == (len(PDF), 0, 7)
    assert lesson.media_size == len(SONG)
    drafts = Item.objects.filter(pk=course.pk)
    assert room.taken_by(drafts) == len(PDF) + 7 + len(SONG)
