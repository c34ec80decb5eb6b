"""A recording reaches its lesson from a train: tunnels cost a piece, not the file."""

import io
import time
import wave

import pytest

from content.models import Item, Upload
from tests.browser.test_studio import file_of, press, problems
from tests.factories.courses import make_lesson
from tests.factories.writing import make_draft, make_mentor
from tests.waiting import wait_for

MB = 1024 * 1024


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.MEDIA_ROOT, settings.UPLOADS_DIR = tmp_path / "media", tmp_path / "coming"


@pytest.fixture
def mentor():
    return make_mentor()


@pytest.fixture
def lesson(mentor):
    course = make_draft(mentor, kind=Item.Kind.COURSE, summary="s")
    return make_lesson(course.sections.create(title="One"), title="Their sound")


def recording(seconds) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(range(250)) * 384 * seconds)
    return out.getvalue()


SONG = recording(60)  # nearly six megabytes


@pytest.fixture
def song(tmp_path):
    """On a disk, as its time tells it again after the page was left."""
    path = tmp_path / "bees.wav"
    path.write_bytes(SONG)
    return path


def settings_of(lesson):
    return f"/studio/lessons/{lesson.pk}/settings/"


def slow_line(page, latency=400):
    """Each piece takes its time, so that there is a middle in which things happen.
    Called, the line breaks and is mended."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def be(*, offline=False):
        told = {"offline": offline, "latency": latency}
        told |= {"downloadThroughput": -1, "uploadThroughput": -1}
        network.send("Network.emulateNetworkConditions", told)

    be()
    return be


def has_begun():
    upload = Upload.objects.first()
    return upload and 0 < upload.arrived < upload.size


def has_media(lesson):
    lesson.refresh_from_db()
    return bool(lesson.media)


def choose(page, path):
    page.get_by_label("Kind").select_option("audio")
    page.locator("input[type=file]").set_input_files(path)


def test_a_recording_survives_tunnels_and_is_saved_when_it_is_here(
    reader, mentor, lesson, song
):
    window = reader("phone", member=mentor).go(settings_of(lesson))
    page = window.page
    line = slow_line(page)
    choose(page, song)
    wait_for(has_begun)
    line(offline=True)
    page.get_by_text("No connection. It goes on by itself.").wait_for()
    page.get_by_label("Minutes").fill("3")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("This is saved as soon as the file is here.").wait_for()
    assert 0 < page.locator("progress").evaluate("(it) => it.value") < 1

    line(offline=False)
    page.wait_for_url("**/studio/items/**")
    assert page.get_by_text("Saved.").is_visible()
    lesson.refresh_from_db()
    assert (lesson.kind, lesson.minutes) == ("audio", 3)
    with lesson.media.open() as file:
        assert file.read() == SONG
    assert not Upload.objects.exists()


def test_after_the_page_was_left_the_same_file_goes_on(reader, mentor, lesson, song):
    window = reader("phone", member=mentor).go(settings_of(lesson))
    page = window.page
    slow_line(page)
    choose(page, song)
    wait_for(has_begun)
    page.goto("/studio/")
    before = Upload.objects.get().arrived
    sent = []
    page.on("request", lambda it: it.method == "PATCH" and sent.append(it))

    window.go(settings_of(lesson))
    assert page.get_by_text("Choose the same file to go on.").is_visible()
    assert window.check_page() == []
    choose(page, song)
    page.get_by_text("The file is here. Save to use it.").wait_for()
    assert page.get_by_text("Choose the same file to go on.").is_hidden()
    assert sent[0].headers["upload-offset"] == str(before)
    press(page, "Save")
    wait_for(lambda: has_media(lesson))
    assert lesson.media.size == len(SONG)


def test_a_session_that_ends_stops_it_and_what_has_come_stays(
    reader, mentor, lesson, song, settings
):
    window = reader("phone", member=mentor).go(settings_of(lesson))
    page = window.page
    slow_line(page)
    choose(page, song)
    wait_for(has_begun)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_text("The server takes nothing more").wait_for()
    assert page.get_by_role("button", name="Go on").is_visible()

    window.sign_in(mentor)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("The file is here. Save to use it.").wait_for()


def test_it_pauses_goes_on_and_ends(reader, mentor, lesson, song):
    page = reader(member=mentor).go(settings_of(lesson)).page
    slow_line(page)
    choose(page, song)
    wait_for(has_begun)
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused.").wait_for()
    time.sleep(1)  # what was under way when it was pressed has come
    before = Upload.objects.get().arrived
    time.sleep(1)
    assert Upload.objects.get().arrived == before < len(SONG)
    page.get_by_role("button", name="Go on").click()
    wait_for(lambda: Upload.objects.get().arrived > before)
    page.get_by_role("button", name="Do not send it").click()
    wait_for(lambda: not Upload.objects.exists())
    assert page.locator("progress").is_hidden()
    assert page.locator("input[type=file]").input_value() == ""


def test_what_is_something_else_is_refused_beside_the_field(reader, mentor, lesson):
    page = reader("phone", member=mentor).go(settings_of(lesson)).page
    chooser = page.locator("input[type=file]")
    fake = file_of("bees.wav", "audio/wav", b"<html>" + bytes(MB))
    chooser.set_input_files(fake)
    page.get_by_text("choose audio or video").wait_for()
    page.get_by_label("Kind").select_option("audio")
    page.get_by_text("This is no audio file").wait_for()
    assert chooser.get_attribute("aria-invalid") == "true"
    page.get_by_role("button", name="Save").click()
    assert page.url.endswith(settings_of(lesson))
    assert not Upload.objects.exists()


def test_a_file_is_added_to_an_item(reader, mentor):
    item = make_draft(mentor)
    page = reader("phone", member=mentor).go(f"/studio/items/{item.pk}/").page
    page.get_by_text("Add a file").click()
    page.get_by_label("Kind").select_option("attachment")
    page.get_by_label("Title").fill("Tables")
    page.get_by_label("File", exact=True).set_input_files(
        file_of("表格.pdf", "application/pdf", b"%PDF-1.7 inside")
    )
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator(".row", has_text="Tables").wait_for()
    with item.files.get().file.open() as file:
        assert file.read() == b"%PDF-1.7 inside"


def test_without_scripts_the_form_carries_the_file(reader, mentor, lesson, song):
    window = reader("phone", member=mentor, scripts=False).go(settings_of(lesson))
    choose(window.page, song)
    window.page.get_by_role("button", name="Save").click()
    assert has_media(lesson)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("mode", ["phone, dark", "Chinese"])
def test_the_page_is_sound_while_a_file_comes(reader, mentor, lesson, song, mode):
    window = reader(mode, member=mentor).go(settings_of(lesson))
    slow_line(window.page, 1000)
    window.page.locator("select[name=kind]").select_option("audio")
    window.page.locator("input[type=file]").set_input_files(song)
    wait_for(has_begun)
    assert window.check_page() == []
    assert problems(window) == []
