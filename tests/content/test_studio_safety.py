"""The studio without scripts: nothing goes at one tap, nothing typed breaks a page."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from content.models import (
    Assignment,
    Captions,
    Draft,
    Item,
    ItemFile,
    Lesson,
    Quiz,
    Section,
)
from content.services import assignments, revisions, writing
from content.services.revisions import revisions_of
from content.services.texts import fingerprint, texts_of
from tests.factories.courses import make_cohort, make_lesson
from tests.factories.quizzes import make_quiz
from tests.factories.writing import make_draft, make_mentor, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor(client):
    mentor = make_mentor()
    client.force_login(mentor)
    return mentor


@pytest.fixture
def course(mentor):
    course = make_draft(mentor, kind=Item.Kind.COURSE, summary="s")
    section = writing.add_section(course=course, title="Spring")
    for title in ("One", "Two"):
        make_lesson(section, title=title)
    return course


def text_of(response):
    return response.content.decode()


def destroying(course):
    """Name → address, what is sent, how many rows of what are there."""
    section = course.sections.get()
    lesson = section.lessons.first()
    file = course.files.create(kind="attachment", title="F", file="items/f.pdf")
    quiz, cohort = make_quiz(course), make_cohort(course)
    captions = Captions.objects.create(lesson=lesson, language="en")
    other = section.lessons.last()
    assignments.save_assignment(lesson=other, task="Do it.")
    remove = {"do": "remove"}
    return {
        "section": (f"/studio/sections/{section.pk}/", remove, Section),
        "lesson": (f"/studio/lessons/{lesson.pk}/", remove, Lesson),
        "file": (f"/studio/files/{file.pk}/", remove, ItemFile),
        "quiz": (f"/studio/quizzes/{quiz.pk}/remove/", {}, Quiz),
        "cohort": (f"/studio/cohorts/{cohort.pk}/remove/", {}, type(cohort)),
        "captions": (f"/studio/captions/{captions.pk}/remove/", {}, Captions),
        "assignment": (
            f"/studio/lessons/{other.pk}/assignment/remove/",
            {},
            Assignment,
        ),
        "draft": (f"/studio/items/{course.pk}/discard/", {}, Item),
    }


@pytest.mark.parametrize(
    "what",
    [
        *("section", "lesson", "file", "quiz", "cohort", "captions", "assignment"),
        "draft",
    ],
)
def test_without_scripts_a_page_asks_before_anything_goes(client, course, what):
    path, sent, model = destroying(course)[what]
    before = model.objects.count()
    answer = client.post(path, sent)
    assert "Are you sure?" in text_of(answer)
    assert model.objects.count() == before

    client.post(path, {**dict(answer.context["sent"]), "sure": "1"})
    assert model.objects.count() == before - 1


def test_all_that_was_sent_is_sent_again(client, course):
    section = course.sections.get()
    sent = {"do": "remove", "lesson": ["1", "2"]}
    page = text_of(client.post(f"/studio/sections/{section.pk}/", sent))
    for value in ("1", "2"):
        assert f'name="lesson" value="{value}"' in page


def test_it_says_how_many_lessons_go(client, course):
    section = course.sections.get()
    page = text_of(client.post(f"/studio/sections/{section.pk}/", {"do": "remove"}))
    assert "with its 2 lessons?" in page
    outline = text_of(client.get(f"/studio/items/{course.pk}/"))
    assert 'data-confirm="Take out this section with its 2 lessons?"' in outline


def test_until_it_is_sure_what_is_typed_stays(client, mentor):
    item = make_draft(mentor, body="Saved.")
    path = f"/studio/items/{item.pk}/write/"
    now = texts_of(item)
    sent = {**now, "body": "Typed just now.", "base": fingerprint(now), "drop": "1"}
    page = text_of(client.post(path, sent))
    assert "Throw your unsaved text away?" in page
    assert "Typed just now." in text_of(client.get(path))
    client.post(path, {"drop": "1", "sure": "1"})
    assert not Draft.objects.exists()


def test_restoring_leaves_what_is_being_typed(mentor):
    item = make_draft(mentor, body="One.")
    save(item, mentor, body="Two.")
    base = fingerprint(texts_of(item))
    revisions.keep_draft(thing=item, texts={"body": "Three"}, base=base, by=mentor)
    old = revisions_of(item).get(texts__body="One.")
    revisions.restore(revision=old, by=mentor)
    item.refresh_from_db()
    assert item.body == "One."
    assert Draft.objects.get().texts["body"] == "Three"


@pytest.mark.parametrize("tail", ["write/", "autosave/", "preview/"])
@pytest.mark.parametrize("extra", [{}, {"preview": "1"}, {"add_picture": "1"}])
def test_characters_nobody_sees_break_nothing(client, mentor, tail, extra):
    item = make_draft(mentor)
    data = {
        **{name: f"A{chr(0)}B{chr(1)}\x0b" for name in texts_of(item)},
        "base": f"{chr(0)}{fingerprint(texts_of(item))}",
        **extra,
    }
    assert client.post(f"/studio/items/{item.pk}/{tail}", data).status_code < 500
    drafts = str(list(Draft.objects.values_list("texts", "base")))
    item.refresh_from_db()
    for told in (drafts, item.body, item.title):
        assert chr(0) not in told
        assert "\\x0" not in told


def test_what_is_saved_has_no_characters_nobody_sees(client, mentor):
    item = make_draft(mentor)
    now = texts_of(item)
    sent = {**now, "title": "A\0B", "body": "One\x01.", "base": fingerprint(now)}
    assert client.post(f"/studio/items/{item.pk}/write/", sent).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.body) == ("AB", "One.")


# What two write at once -----------------------------------------------------------


def test_without_scripts_the_second_merges_what_both_wrote(client, mentor, operator):
    item = make_draft(mentor, body="Plant it in May.\n\nWater it.")
    now = texts_of(item)
    mine = {**now, "body": "Plant it in late May.\n\nWater it."}
    save(item, operator, body="Plant it in May.\n\nWater it daily.")
    path = f"/studio/items/{item.pk}/write/"
    answer = client.post(path, {**mine, "base": fingerprint(now)})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "<del> daily</del>" in page  # what differs
    assert "Water it daily." in page  # theirs, whole
    assert "late May" in answer.context["form"]["body"].value()

    merged = {**mine, "body": "Plant it in late May.\n\nWater it daily."}
    client.post(path, {**merged, "base": answer.context["form"]["base"].value()})
    item.refresh_from_db()
    assert item.body == merged["body"]
    assert [it.texts["body"] for it in revisions_of(item)][:2] == [
        merged["body"],
        "Plant it in May.\n\nWater it daily.",
    ]


def test_what_was_kept_before_another_saved_shows_both_when_one_comes_back(
    client, mentor, operator
):
    item = make_draft(mentor, body="Begun.")
    now = texts_of(item)
    kept = {**now, "body": "Mine.", "base": fingerprint(now)}
    client.post(f"/studio/items/{item.pk}/autosave/", kept)
    save(item, operator, body="Theirs.")
    told = client.post(f"/studio/items/{item.pk}/autosave/", kept).json()
    assert told["changed"] is True

    page = client.get(f"/studio/items/{item.pk}/write/")
    assert "Somebody else has saved meanwhile" in text_of(page)
    assert page.context["form"]["body"].value() == "Mine."
    again = client.post(f"/studio/items/{item.pk}/write/", kept)
    assert again.status_code == 409
    item.refresh_from_db()
    assert item.body == "Theirs."


# Pictures -------------------------------------------------------------------------


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "teal").save(out, "PNG")
    return SimpleUploadedFile("p.png", out.getvalue(), "image/png")


def test_a_picture_says_what_it_shows_and_how_large_it_is(
    client, mentor, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    item = make_draft(mentor)
    answer = client.post(
        f"/studio/items/{item.pk}/picture/",
        {"picture": a_picture(), "alt": "A hive ](x) *of*\nwood"},
    )
    written = answer.json()["markdown"]
    save(item, mentor, body=written)
    item.refresh_from_db()
    for told in (
        'alt="A hive ](x) *of* wood"',
        'width="8" height="6"',
        'loading="lazy"',
    ):
        assert told in item.body_html
    preview = client.post(f"/studio/items/{item.pk}/preview/", {"body": written})
    assert 'width="8" height="6"' in text_of(preview)


def test_an_address_of_no_picture_has_no_size(mentor):
    lost = "0b0c4d5e-0000-4000-8000-000000000000"
    item = make_draft(mentor, body=f"![](/media/pictures/{lost}/)")
    assert "<img" in item.body_html
    assert "width=" not in item.body_html
