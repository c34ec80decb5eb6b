"""Notes beside lessons: one's own, kept, and nobody else's to see."""

import pytest
from django.test import Client

from content.models import Lesson, LessonNote
from content.services.notes import save_note
from tests.factories.accounts import make_member
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson():
    return Lesson.objects.get(section__item=make_course("notes", lessons=1))


def test_a_note_is_kept_changed_and_taken_away(client, member, lesson):
    client.force_login(member)
    address = f"{lesson.get_absolute_url()}note/"

    client.post(address, {"text": "First"})
    client.post(address, {"text": "Second"})
    assert LessonNote.objects.get().text == "Second"
    assert "Second" in client.get(lesson.get_absolute_url()).content.decode()

    client.post(address, {"text": "  "})
    assert not LessonNote.objects.exists()


def test_nobody_else_sees_it(client, member, lesson):
    save_note(member=member, lesson=lesson, text="Between me and me")
    client.force_login(make_member("curious"))

    for page in (lesson.get_absolute_url(), "/courses/notes/notes/"):
        assert "Between me" not in client.get(page).content.decode()


def test_all_notes_of_a_course_stand_on_one_page(client, member, lesson):
    save_note(member=member, lesson=lesson, text="Remember this")
    client.force_login(member)

    page = client.get("/courses/notes/notes/").content.decode()

    assert "Remember this" in page
    assert lesson.title in page


def test_a_note_that_is_too_long_is_shown_again_with_the_reason(client, member, lesson):
    client.force_login(member)

    answer = client.post(f"{lesson.get_absolute_url()}note/", {"text": "x" * 20_001})

    assert answer.status_code == 422
    assert "x" * 20_001 in answer.content.decode()
    assert not LessonNote.objects.exists()


def test_it_saves_itself_while_one_writes(client, member, lesson):
    client.force_login(member)

    answer = client.post(
        f"{lesson.get_absolute_url()}note/",
        {"text": "Typed"},
        headers={"HX-Request": "true"},
    )

    assert answer.content == b"Saved"
    assert LessonNote.objects.get().text == "Typed"


def test_the_tokens_of_the_kept_forms_stand_beside_them(member, lesson):
    """What is kept for all readers holds no token: each form finds its own outside."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    page = client.get(lesson.get_absolute_url()).content.decode()
    for form in ("note-form", "done-form"):
        assert f'form="{form}"' in page
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

    for tail in ("note/", "done/"):
        address = f"{lesson.get_absolute_url()}{tail}"
        assert client.post(address, {"text": "x"}).status_code == 403
        data = {"text": "x", "csrfmiddlewaretoken": token}
        assert client.post(address, data).status_code == 302
