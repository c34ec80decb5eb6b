"""The player: led by links and keys, goes on where one stopped, tells the time."""

import io
import time
import wave

import pytest
from django.core.files.base import ContentFile

from accounts.services import community, watermarks
from community.demo import media
from community.lib.subtitles import Cue
from content.models import Item, LessonProgress, Watched
from content.services.captions import save_captions, save_chapters
from tests.factories.courses import make_course, make_item, make_lesson
from tests.waiting import wait_for

SECONDS, RATE = 60, 8000
CUES = [Cue(0, 10, "Warm the pot."), Cue(30, 40, "Pour slowly.")]
CHAPTERS = "0:00 Before\n0:20 The water\n0:45 The cup"


@pytest.fixture(autouse=True)
def _house(settings, tmp_path):
    community.forget()
    settings.MEDIA_ROOT = tmp_path


def silence():
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(b"\x80" * SECONDS * RATE)
    return ContentFile(out.getvalue(), name="talk.wav")


def tell(played):
    save_captions(played=played, language="en", cues=CUES)
    save_chapters(played=played, chapters=CHAPTERS)
    return played


@pytest.fixture
def lesson():
    section = make_course(access=Item.Access.MEMBERS).sections.create(title="One")
    return tell(make_lesson(section, kind="audio", media=silence(), minutes=1))


@pytest.fixture
def film():
    talk = make_item("talk", kind="recording", access=Item.Access.MEMBERS)
    Item.objects.update(has_watermark=True)
    file = ContentFile(media.slides(40), name="talk.webm")
    return tell(talk.files.create(kind="video", title="Talk", file=file))


@pytest.fixture
def listening(reader, member):
    """Opens a page with a player that knows its length. In the end nothing streams any
    more, or the server would wait for it."""
    pages = []

    def open_page(path, mode="desktop"):
        window = reader(mode, member=member).go(path)
        pages.append(window.page)
        ready(window.page)
        return window

    yield open_page
    for page in pages:
        page.evaluate("""() => {
            const media = document.querySelector('audio, video');
            media.pause();
            media.replaceChildren();
            media.load();
        }""")


def ready(page):
    page.wait_for_function("document.querySelector('audio, video').readyState > 0")


def at(page):
    return page.evaluate("document.querySelector('audio, video').currentTime")


def is_paused(page):
    return page.evaluate("document.querySelector('audio, video').paused")


def press(page, key):
    page.locator("audio, video").press(key)


def test_chapters_and_transcript_lead_to_their_seconds(listening, lesson):
    page = listening(lesson.get_absolute_url()).page
    page.get_by_role("link", name="The water").click()
    assert 20 <= at(page) < 30
    page.get_by_text("What is said").click()
    page.get_by_role("link", name="0:30").click()
    assert 30 <= at(page) < 40
    assert not is_paused(page)


def test_keys_play_jump_and_change_the_speed(listening, lesson):
    page = listening(lesson.get_absolute_url()).page
    press(page, "l")
    assert at(page) == 10
    press(page, "j")
    assert at(page) == 0
    press(page, "k")
    assert not is_paused(page)
    press(page, "k")
    assert is_paused(page)
    press(page, ">")
    assert page.get_by_label("Speed").input_value() == "1.25"
    press(page, "m")
    assert page.evaluate("document.querySelector('audio').muted")


def test_it_goes_on_where_one_stopped_and_the_time_is_told(listening, lesson, member):
    page = listening(lesson.get_absolute_url()).page
    began = time.monotonic()
    page.get_by_role("link", name="The water").click()
    wait_for(lambda: at(page) > 22)
    with page.expect_response("**/position/"):
        press(page, "k")
    took = time.monotonic() - began

    stopped = int(at(page))
    wait_for(lambda: LessonProgress.objects.get().seconds == stopped)
    wait_for(lambda: Watched.objects.get().seconds > 0)
    assert 1 <= Watched.objects.get(member=member).seconds <= took
    page.reload()
    ready(page)
    wait_for(lambda: int(at(page)) == stopped)


def test_an_address_that_ended_while_it_played_is_asked_for_anew(listening, lesson):
    page = listening(lesson.get_absolute_url()).page
    page.get_by_role("link", name="The water").click()
    page.evaluate("""() => {
        const audio = document.querySelector('audio');
        audio.addEventListener('loadstart', () => { audio.title = 'again'; });
        audio.dispatchEvent(new Event('error'));
    }""")
    page.locator("audio[title=again]").wait_for()
    wait_for(lambda: at(page) >= 20 and not is_paused(page))


def test_a_hit_of_the_search_leads_into_a_film(listening, film):
    window = listening(f"/library/talk/#t{film.pk}-30")
    wait_for(lambda: at(window.page) == 30)
    assert window.page.get_by_text("Pour slowly.").is_visible()


def test_a_film_fills_the_screen_together_with_its_code(listening, film):
    page = listening("/library/talk/").page
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement")
    filled = "document.fullscreenElement.querySelector('video + .player__mark')"
    assert page.evaluate(f"{filled} !== null")


@pytest.mark.parametrize("mode", ["phone, dark", "desktop", "Chinese"])
def test_a_film_has_captions_and_a_code_and_is_sound(listening, film, member, mode):
    window = listening("/library/talk/", mode)
    page = window.page
    track = "document.querySelector('video').textTracks[0].mode"
    assert page.evaluate(track) == "showing"
    press(page, "c")
    assert page.evaluate(track) == "hidden"
    assert page.get_by_text(watermarks.code_of(member.pk)).is_visible()
    assert window.check_page() == []
