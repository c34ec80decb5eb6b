"""Mentors write on their phones; nothing they type is lost."""

import datetime as dt
import io
import wave

import pytest
import time_machine
from django.utils import timezone
from PIL import Image

from accounts.services import community
from community.demo.media import slides
from content.models import ChecklistPoint, Draft, Item, Lesson, Picture
from content.services import checklists, editorial
from content.services.revisions import revisions_of
from tests.factories.accounts import make_member
from tests.factories.courses import make_lesson
from tests.factories.writing import (
    bring_to,
    make_draft,
    make_mentor,
    make_ready,
    make_reviewer,
    save,
)


@pytest.fixture(autouse=True)
def fresh_house(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    community.forget()
    checklists.make_defaults()


@pytest.fixture
def mentor():
    return make_mentor()


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(b"\x80" * 8000)
    return out.getvalue()


def picture(width=8) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 8), "teal").save(out, "PNG")
    return out.getvalue()


def file_of(name, kind, content):
    return {"name": name, "mimeType": kind, "buffer": content}


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def write_lesson(page, section, title, body):
    page.get_by_label(f"New lesson in “{section}”").fill(title)
    page.locator(".card", has=page.get_by_role("heading", name=section)).get_by_role(
        "button", name="Add lesson"
    ).click()
    page.get_by_label("Text or transcript").fill(body)
    press(page, "Save")


def test_a_mentor_builds_a_course_on_a_phone_and_it_is_let_in(reader, mentor):
    """From the first line to the library, without the admin."""
    window = reader("phone", member=mentor).go("/studio/")
    page = window.page
    page.get_by_role("link", name="Write something").first.click()
    page.get_by_label("Course", exact=True).check()
    page.get_by_label("Title").fill("Keeping bees")
    press(page, "Begin")
    course_page = page.url

    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_label("Summary").fill("One year with bees.")
    page.get_by_label("Description").fill("What a year asks of you.")
    press(page, "Save")
    for title in ("Spring", "Winter"):
        page.goto(course_page)
        page.get_by_label("New section").fill(title)
        press(page, "Add section")
    write_lesson(page, "Spring", "The hive", "# Wood\n\nA box.")
    page.goto(course_page)
    write_lesson(page, "Winter", "Their sound", "What you hear.")
    page.get_by_role("link", name="Audio, video, minutes").click()
    page.get_by_label("Kind").select_option("audio")
    page.locator("input[type=file]").set_input_files(
        file_of("bees.wav", "audio/wav", sound())
    )
    page.get_by_label("Minutes").fill("3")
    send_with_file(page)
    write_lesson(page, "Winter", "Feeding", "Sugar.")
    page.get_by_role("link", name="Audio, video, minutes").click()
    page.get_by_label("Kind").select_option("video")
    page.locator("input[type=file]").set_input_files(
        file_of("feeding.webm", "video/webm", slides(2))
    )
    page.get_by_label("Minutes").fill("4")
    send_with_file(page)
    assert problems(window) == []
    make_quiz_and_assignment(page, course_page)
    open_to_members(page, course_page)

    page.goto(course_page)
    press(page, "Move “Feeding” up")
    press(page, "Move “Winter” up")
    press(page, "Move “Feeding” up")
    assert problems(window) == []
    told = Lesson.objects.order_by("section__position", "position")
    assert [it.title for it in told] == ["Feeding", "Their sound", "The hive"]

    page.get_by_role("link", name="Preview").click()
    page.get_by_role("link", name="Their sound").click()
    assert page.locator("audio").count() == 1
    page.goto(course_page)
    press(page, "Send for review")
    assert page.get_by_text("Waiting for review").is_visible()

    reviewer = reader("phone", member=make_reviewer()).go("/studio/desk/")
    desk = reviewer.page
    assert problems(reviewer) == []
    desk.get_by_role("link", name="Keeping bees").click()
    open_and_press(desk, "Begin to review")
    desk.locator("summary", has_text="Send back").click()
    desk.get_by_label("What is to be changed, and why").fill("Say more of the box.")
    press(desk, "Send back")

    page.goto(course_page)
    assert page.get_by_text("Say more of the box.").is_visible()
    page.get_by_role("link", name="The hive", exact=True).click()
    page.get_by_label("Text or transcript").fill("# Wood\n\nA box of pine.")
    press(page, "Save")
    page.goto(course_page)
    press(page, "Send for review")

    desk.goto(desk.url)
    open_and_press(desk, "Begin to review")
    for point in checklists.points_of(Item.objects.get()):
        desk.get_by_role("button", name=f"True : {point.text}").click()
        desk.wait_for_load_state()
    out = timezone.localtime() + dt.timedelta(days=2)
    desk.locator("summary", has_text="Accept").click()
    desk.get_by_label("Goes out at").fill(f"{out:%Y-%m-%dT%H:%M}")
    press(desk, "Accept")
    assert problems(reviewer) == []
    assert Item.objects.get().is_scheduled
    page.goto("/library/")
    assert page.get_by_role("link", name="Keeping bees").count() == 0
    learn_when_it_is_out(reader, out)


def make_quiz_and_assignment(page, course_page):
    """Both beside the lesson “The hive”."""
    page.goto(course_page)
    page.get_by_role("link", name="Quizzes and assignments").click()
    quizzes = page.url
    press(page, "Make a quiz : The hive")
    page.get_by_role("link", name="New question").click()
    page.locator("input[name=kind][value=single]").check()
    page.locator("#id_text").fill("What is it made of?")
    page.locator("#id_answers").fill("*Wood\nWax")
    press(page, "Save")
    page.goto(quizzes)
    page.get_by_role("link", name="Make an assignment : The hive").click()
    page.locator("#id_task").fill("Draw a hive.")
    press(page, "Save")


def open_to_members(page, course_page):
    page.goto(course_page)
    page.get_by_role("link", name="Settings", exact=True).click()
    page.locator("#id_access").select_option("members")
    press(page, "Save")


def learn_when_it_is_out(reader, out):
    learner = make_member("learner")
    with time_machine.travel(out + dt.timedelta(minutes=1)):
        editorial.publish_due()
        window = reader("phone", member=learner).go("/library/")
        window.page.get_by_role("link", name="Keeping bees").click()
        window.page.get_by_role("link", name="The hive").first.click()
        assert window.page.get_by_text("A box of pine.").is_visible()
        assert window.check_page() == []


def problems(window):
    """Of the page one is on, asked for anew."""
    return window.go(window.page.url.split("#")[0]).check_page()


def send_with_file(page):
    """The file goes first, in pieces; then the page by itself."""
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.", exact=True).wait_for()


def open_and_press(page, name):
    page.locator("summary", has_text=name).click()
    press(page, name)


def test_what_is_typed_is_kept_by_the_server(reader, mentor):
    item = make_draft(mentor)
    page = reader(member=mentor).go(f"/studio/items/{item.pk}/write/").page
    page.get_by_label("Text", exact=False).last.fill("Half a sentence")
    page.get_by_text("Kept at").wait_for()
    assert Draft.objects.get().texts["body"] == "Half a sentence"
    assert page.evaluate("localStorage.length") == 0

    page.reload()
    assert page.locator("#id_body").input_value() == "Half a sentence"
    assert page.get_by_text("It is kept, and not saved yet").is_visible()
    item.refresh_from_db()
    assert item.body == ""


def test_the_preview_follows_what_is_typed(reader, mentor):
    item = make_draft(mentor)
    page = reader(member=mentor).go(f"/studio/items/{item.pk}/write/").page
    page.locator("#id_body").fill(
        "| a | b |\n|---|---|\n| 1 | 2 |\n\nSee[^1].\n\n[^1]: x"
    )
    page.locator("#preview td").first.wait_for()
    assert page.locator("#preview .footnotes li").count() == 1


def test_without_a_connection_the_text_stays_in_the_browser(reader, mentor):
    item = make_draft(mentor)
    path = f"/studio/items/{item.pk}/write/"
    page = reader(member=mentor).go(path).page
    page.route("**/autosave/", lambda route: route.abort())
    page.locator("#id_body").fill("Written in a tunnel")
    page.get_by_text("Your text is kept in this browser").wait_for()
    page.unroute("**/autosave/")

    page.goto("/studio/")
    page.goto(path)
    assert page.locator("#id_body").input_value() == ""
    page.get_by_role("button", name="Use it").click()
    assert page.locator("#id_body").input_value() == "Written in a tunnel"
    page.get_by_text("Kept at").wait_for()
    assert Draft.objects.get().texts["body"] == "Written in a tunnel"


def test_a_text_survives_a_session_that_ended(reader, mentor, settings):
    item = make_draft(mentor)
    window = reader(member=mentor)
    path = f"/studio/items/{item.pk}/write/"
    page = window.go(path).page
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#id_body").fill("Written too late")
    page.get_by_text("You are signed out").wait_for()
    press(page, "Save")

    window.sign_in(mentor)
    page.goto(path)
    page.get_by_role("button", name="Use it").click()
    press(page, "Save")
    item.refresh_from_db()
    assert item.body == "Written too late"
    assert page.locator("#local-copy").is_hidden()


def test_two_who_write_at_once_lose_nothing(reader, mentor, operator):
    item = make_draft(mentor, body="Plant it in May.")
    window = reader(member=mentor).go(f"/studio/items/{item.pk}/write/")
    page = window.page
    save(item, operator, body="Plant it in June.")
    page.locator("#id_body").fill("Plant it in late May.")
    press(page, "Save")

    assert page.get_by_text("Somebody else has saved meanwhile").first.is_visible()
    assert page.locator("#id_body").input_value() == "Plant it in late May."
    assert page.locator(".changed del").first.inner_text() == "June"
    (told,) = window.check_page()
    assert "409 (Conflict)" in told  # Chromium's own word for it, and nothing else

    page.locator("#id_body").fill("Plant it in late June.")
    press(page, "Save")
    item.refresh_from_db()
    assert item.body == "Plant it in late June."
    kept = [it.texts["body"] for it in revisions_of(item)]
    assert kept[:2] == ["Plant it in late June.", "Plant it in June."]


def test_a_picture_is_pasted_and_shown(reader, mentor):
    item = make_draft(mentor)
    page = reader(member=mentor).go(f"/studio/items/{item.pk}/write/").page
    page.locator("#id_body").click()
    page.evaluate(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "", {type: "image/png"}));
          const body = document.getElementById("id_body");
          body.dispatchEvent(new ClipboardEvent("paste",
            {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        list(picture()),
    )
    shown = page.locator("#preview img")
    shown.wait_for()
    address = Picture.objects.get().get_absolute_url()
    assert address in page.locator("#id_body").input_value()
    assert shown.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 8


def test_a_picture_asks_what_it_shows(reader, mentor):
    item = make_draft(mentor)
    page = reader("phone", member=mentor).go(f"/studio/items/{item.pk}/write/").page
    file = file_of("p.png", "image/png", picture())
    page.locator("#id_picture").set_input_files(file)
    page.get_by_text("Say between the brackets what the picture shows").wait_for()
    page.keyboard.type("A hive")
    assert "![A hive](/media/pictures/" in page.locator("#id_body").input_value()

    page.get_by_label("What the picture shows").fill("A bee")
    page.locator("#id_picture").set_input_files(file)
    page.locator("#preview img[alt='A bee']").wait_for()
    size = "(img) => [img.width, img.height, img.loading]"
    told = page.locator("#preview img[alt='A bee']").evaluate(size)
    assert told == [8, 8, "lazy"]


def test_marks_by_the_keyboard(reader, mentor):
    item = make_draft(mentor, body="soil")
    page = reader(member=mentor).go(f"/studio/items/{item.pk}/write/").page
    body = page.locator("#id_body")
    for key, marked in (
        ("b", "**soil**"),
        ("i", "*soil*"),
        ("k", "[soil](https://)"),
    ):
        body.fill("soil")
        body.select_text()
        page.keyboard.press(f"Control+{key}")
        assert body.input_value() == marked
    page.locator("#id_title").focus()
    page.keyboard.press("Control+b")
    assert body.input_value() == "[soil](https://)"


# Whether none of it can be seen: out of the window, or under something else.
IS_COVERED = """() => {
  const it = document.activeElement;
  const { x, y, width, height } = it.getBoundingClientRect();
  const parts = [0.05, 0.5, 0.95];
  const at = (part, other) =>
    document.elementFromPoint(x + width * part, y + height * other);
  const isSeen = parts.some((one) => parts.some((two) => it.contains(at(one, two))));
  return isSeen ? "" : it.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("keys", ["Tab", "Shift+Tab"])
def test_what_is_focused_is_never_under_the_bars(reader, mentor, keys):
    case = make_draft(mentor, kind=Item.Kind.CASE, context="Long.\n" * 60)
    page = reader("phone", member=mentor).go(f"/studio/items/{case.pk}/write/").page
    page.set_viewport_size({"width": 390, "height": 480})  # above its keyboard
    page.evaluate("document.querySelector('.composer details').open = true")
    covered, seen = [], 0
    for _press in range(80):
        page.keyboard.press(keys)
        if page.evaluate("!document.activeElement.closest('main')"):
            continue
        seen += 1
        covered += filter(None, [page.evaluate(IS_COVERED)])
    assert seen > 20
    assert covered == []


def test_a_section_goes_after_one_question(reader, mentor):
    course = make_draft(mentor, kind=Item.Kind.COURSE)
    section = course.sections.create(title="Spring")
    for number in range(3):
        make_lesson(section, position=number)
    page = reader("phone", member=mentor).go(f"/studio/items/{course.pk}/").page
    asked = []
    for accept in (False, True):
        page.once(
            "dialog",
            lambda dialog, accept=accept: (
                asked.append(dialog.message),
                dialog.accept() if accept else dialog.dismiss(),
            ),
        )
        press(page, "Take out “Spring”")
        assert course.sections.exists() != accept
    assert asked == 2 * ["Take out this section with its 3 lessons?"]
    assert page.get_by_text("Are you sure?").count() == 0


def test_without_scripts_a_page_asks(reader, mentor):
    course = make_draft(mentor, kind=Item.Kind.COURSE)
    make_lesson(course.sections.create(title="Spring"))
    window = reader("phone", member=mentor, scripts=False)
    page = window.go(f"/studio/items/{course.pk}/").page
    press(page, "Take out “Spring”")
    page.get_by_role("link", name="No, go back").click()
    press(page, "Take out “Spring”")
    press(page, "Yes, do it")
    assert not course.sections.exists()
    assert page.url.split("#")[0].endswith(f"/studio/items/{course.pk}/")


def test_no_picture_is_refused_with_a_word(reader, mentor):
    item = make_draft(mentor)
    page = reader(member=mentor).go(f"/studio/items/{item.pk}/write/").page
    page.locator("#id_picture").set_input_files(
        file_of("evil.png", "image/png", b"<svg onload=alert(1)>")
    )
    page.get_by_text("This is not a PNG, JPEG or WebP picture").wait_for()
    assert not Picture.objects.exists()


def test_without_scripts_one_writes_and_adds_pictures_too(reader, mentor):
    item = make_draft(mentor)
    window = reader("phone", member=mentor, scripts=False)
    page = window.go(f"/studio/items/{item.pk}/write/").page
    page.locator("#id_body").fill("**Begun.**")
    page.locator("#id_picture").set_input_files(
        file_of("p.png", "image/png", picture())
    )
    page.get_by_role("button", name="Add the picture").click()
    page.get_by_role("button", name="Preview").click()
    assert page.locator("#preview strong").inner_text() == "Begun."
    assert page.locator("#preview img").count() == 1
    page.get_by_role("button", name="Save").click()
    item.refresh_from_db()
    assert "/media/pictures/" in item.body_html


def test_a_film_loads_only_when_it_is_asked_for(reader, mentor):
    film = "https://www.bilibili.com/video/BV1xx411c7mD"
    item = make_draft(mentor, body=film)
    window = reader(member=mentor)
    asked = []
    window.page.route(
        "**/*bilibili.com/**",
        lambda route: (
            asked.append(route.request.url),
            route.fulfill(body="<p>a film</p>", content_type="text/html"),
        ),
    )
    page = window.go(item.get_absolute_url()).page
    assert asked == []
    page.locator("a[data-player]").click()
    page.frame_locator(".embed iframe").get_by_text("a film").wait_for()
    assert len(asked) == 1


@pytest.mark.parametrize("mode", ["phone, dark", "desktop", "Chinese"])
def test_every_page_of_the_studio_is_sound(reader, operator, mentor, mode):
    course = make_draft(mentor, kind=Item.Kind.COURSE, summary="s")
    course.co_authors.create(member=make_member("friend"))
    lesson = make_lesson(course.sections.create(title="One"))
    article = bring_to(make_ready(mentor, title="Ready"), "in_review", make_reviewer())
    save(article, operator, body="Another text.")
    live = make_ready(mentor, title="Live")
    ChecklistPoint.objects.all().delete()
    live = bring_to(live, "live", operator)
    editorial.flag_outdated(item=live, member=make_member("doubter"), text="Not so.")
    checklists.make_defaults()
    window = reader(mode, member=operator)
    paths = [
        *("/studio/", "/studio/new/", "/studio/desk/", "/studio/desk/calendar/"),
        *("/studio/desk/ageing/", f"/items/{live.pk}/outdated/"),
        *(f"/studio/items/{it.pk}/" for it in (course, article, live)),
        f"/studio/items/{course.pk}/settings/",
        f"/studio/lessons/{lesson.pk}/settings/",
        f"/studio/lessons/{lesson.pk}/write/",
        f"/studio/lessons/{lesson.pk}/captions/",
        f"/studio/lessons/{lesson.pk}/chapters/",
        *(f"/studio/items/{article.pk}/{tail}" for tail in ("write/", "history/")),
        f"/studio/items/{article.pk}/history/2/",
        f"/studio/items/{article.pk}/history/2/?to=now",
    ]
    wrong = {path: found for path in paths if (found := window.go(path).check_page())}
    assert wrong == {}
