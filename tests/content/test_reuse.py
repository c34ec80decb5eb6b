"""One lesson in several courses: written once, learnt and counted in each."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from community.lib.subtitles import Cue
from content.errors import LessonInUse
from content.models import Item, Lesson, LessonProgress, Picture
from content.services import captions, courses, reuse, revisions, search_index, writing
from content.services.texts import fingerprint, texts_of
from tests.factories.accounts import make_member
from tests.factories.billing import make_paying
from tests.factories.courses import make_course
from tests.factories.writing import make_co_author, make_mentor

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor():
    return make_mentor()


@pytest.fixture
def original(mentor):
    course = make_course("tea", lessons=1, access=Item.Access.FREE, author=mentor)
    return Lesson.objects.get(section__item=course)


@pytest.fixture
def other(mentor):
    """A course that members pay for."""
    return make_course(
        "coffee", lessons=1, access=Item.Access.MEMBERSHIP, author=mentor
    )


@pytest.fixture
def copy(original, other):
    reuse.take(section=other.sections.get(), lessons=[original])
    return original.copies.get()


def write(lesson, body, by):
    texts = texts_of(lesson)
    new = {**texts, "body": body}
    revisions.save_texts(thing=lesson, texts=new, base=fingerprint(texts), by=by)


def test_what_the_original_says_the_copy_says(original, copy, mentor):
    write(original, "Warm the **pot**.", mentor)
    writing.save_lesson_settings(lesson=original, minutes=9)
    copy.refresh_from_db()
    assert "<strong>pot</strong>" in copy.body_html
    assert copy.minutes == 9
    assert copy.position == 1


def test_its_recording_and_captions_come_along(
    original, copy, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    told = {"lesson": original, "kind": "audio"}
    writing.save_lesson_settings(**told, media=ContentFile(b"one", name="a.mp3"))
    captions.save_captions(
        played=original, language="en", cues=[Cue(0, 1, "Warm the pot.")]
    )
    captions.save_chapters(played=original, chapters="0:07 The pot")
    copy.refresh_from_db()
    assert copy.captions.get().text == "Warm the pot."
    assert copy.chapters == "0:07 The pot"
    first = copy.media.name
    with django_capture_on_commit_callbacks(execute=True):
        writing.save_lesson_settings(**told, media=ContentFile(b"two", name="a.mp3"))
    copy.refresh_from_db()
    with copy.media.open() as played:
        assert played.read() == b"two"
    assert not default_storage.exists(first)

    with django_capture_on_commit_callbacks(execute=True):
        writing.remove_lesson(lesson=copy)
    assert default_storage.exists(copy.media.name)  # the original plays it
    captions.remove_captions(captions=original.captions.get())


def test_each_course_counts_its_own(original, copy, member):
    courses.mark_done(member=member, lesson=original)
    assert LessonProgress.objects.get().lesson == original
    assert not courses.syllabus_for(copy.section.item, member).done


def test_what_another_course_uses_stays(original, copy):
    with pytest.raises(LessonInUse):
        writing.remove_lesson(lesson=original)
    with pytest.raises(LessonInUse):
        writing.remove_section(section=original.section)
    writing.remove_lesson(lesson=copy)
    writing.remove_lesson(lesson=original)
    assert Lesson.objects.count() == 1


def test_each_lesson_opens_as_its_course_does(client, original, copy, member):
    client.force_login(member)
    assert client.get(original.get_absolute_url()).status_code == 200
    assert client.get(copy.get_absolute_url()).status_code == 403


def test_a_picture_is_seen_wherever_its_text_is_read(
    client, original, other, mentor, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    tea = original.section.item
    picture = Picture.objects.create(item=tea, width=1, height=1)
    default_storage.save(picture.path, ContentFile(b"x"))
    address = picture.get_absolute_url()
    Item.objects.filter(pk=tea.pk).update(access=Item.Access.SOLD)
    write(original, f"![]({address})", mentor)
    paying = make_member("paying")
    make_paying(paying)
    client.force_login(paying)
    assert client.get(address).status_code == 403
    reuse.take(section=other.sections.get(), lessons=[original])
    assert client.get(address).getvalue() == b"x"
    client.force_login(make_member("free"))
    assert client.get(address).status_code == 403


def test_search_finds_the_copy_too(original, copy, mentor):
    write(original, "Oolong.", mentor)
    search_index.sweep()
    found = search_index.SearchDocument.objects.filter(kind="lesson")
    assert {original.pk, copy.pk} <= set(found.values_list("object_id", flat=True))


def test_only_originals_of_ones_own_published_courses(original, copy, mentor):
    third = make_course("cocoa", lessons=1, author=mentor)
    draft = make_course("milk", lessons=1, author=mentor, published_at=None)
    strangers = make_course("wine", lessons=1, author=make_member("winemaker"))
    offered = set(reuse.lessons_to_take(third, mentor))
    assert original in offered
    assert copy not in offered
    for course in (third, draft, strangers):
        assert not offered & set(Lesson.objects.filter(section__item=course))


def test_from_the_studio(client, original, other, mentor):
    client.force_login(mentor)
    section = other.sections.get()
    address = f"/studio/sections/{section.pk}/take/"
    assert "Tea: Lesson 1" in client.get(address).content.decode()
    assert client.post(address, {"lessons": ["0"]}).status_code == 422
    assert client.post(address, {"lessons": [original.pk]}).status_code == 302
    copy = original.copies.get()
    outline = client.get(f"/studio/items/{other.pk}/").content.decode()
    assert "from another course" in outline

    # It is written where it comes from.
    assert client.get(f"/studio/lessons/{copy.pk}/write/").status_code == 403
    assert client.post(f"/studio/lessons/{copy.pk}/autosave/").status_code == 403
    assert client.get(f"/studio/lessons/{copy.pk}/captions/").status_code == 403
    settings_url = f"/studio/lessons/{copy.pk}/settings/"
    page = client.get(settings_url).content.decode()
    assert f"/studio/lessons/{original.pk}/write/" in page
    told = {"title": "Tea, too", "is_preview": "on", "minutes": 99}
    client.post(settings_url, told)
    copy.refresh_from_db()
    assert (copy.title, copy.is_preview) == ("Tea, too", True)
    assert copy.minutes == original.minutes


def test_what_is_added_comes_last_whatever_was_taken_out(original, other):
    section = other.sections.get()
    second = writing.add_lesson(section=section, title="Second")
    writing.add_lesson(section=section, title="Third")
    writing.remove_lesson(lesson=second)
    reuse.take(section=section, lessons=[original])
    writing.add_lesson(section=section, title="Last")
    titles = list(section.lessons.values_list("title", flat=True))
    assert titles == ["Lesson 1", "Third", "Lesson 1", "Last"]


def test_who_writes_beside_somebody_takes_nothing_of_theirs(original, mentor):
    helper = make_mentor("helper")
    make_co_author(original.section.item, helper)
    own = make_course("own", lessons=1, author=helper, access=Item.Access.FREE)
    beside = make_course("beside", lessons=1, author=mentor)

    assert original not in reuse.lessons_to_take(own, helper)
    assert original not in reuse.lessons_to_take(own, mentor)
    assert original in reuse.lessons_to_take(beside, helper)
