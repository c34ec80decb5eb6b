"""Assignments: handed in once at a time, reviewed once, behind the lesson's lock."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail as outbox
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.privacy import erase_all, export_all, files_of
from content.errors import (
    AlreadyHandedIn,
    AlreadyReviewed,
    HandedInAgain,
    NotPassed,
)
from content.models import Assignment, HandedIn, Item, Lesson, LessonProgress
from content.services import assignments, courses
from tests.factories.accounts import make_member
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a plan"


@pytest.fixture
def mentor():
    return make_member("writer", roles=["mentor"])


@pytest.fixture
def assignment(mentor):
    course = make_course(lessons=1, access=Item.Access.FREE, author=mentor)
    return assignments.save_assignment(
        lesson=Lesson.objects.get(section__item=course),
        task="Write **one** page.",
        rubric="Clarity | 5\nProof | 3",
        takes_file=True,
        must_pass=True,
    )


def hand_in(assignment, member, text="Between us."):
    return assignments.hand_in(assignment=assignment, member=member, text=text)


def review(work, by, *, is_passed=True):
    return assignments.review(
        work=work, by=by, is_passed=is_passed, comment="I read it.", marks=[]
    )


def test_one_piece_waits_at_a_time(assignment, member, mentor):
    work = hand_in(assignment, member)
    with pytest.raises(AlreadyHandedIn):
        hand_in(assignment, member)

    review(work, mentor, is_passed=False)
    again = hand_in(assignment, member, "Better.")
    review(again, mentor)
    with pytest.raises(AlreadyHandedIn):
        hand_in(assignment, member)

    texts = [it.text for it in assignments.work_of(assignment, member)]
    assert texts == ["Better.", "Between us."]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_hand_in_one():
    member, course = make_member(), make_course(lessons=1)
    lesson = Lesson.objects.get(section__item=course)
    assignment = assignments.save_assignment(lesson=lesson, task="Do it.")

    def send(_):
        try:
            return bool(hand_in(assignment, member))
        except AlreadyHandedIn:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as tabs:
        assert sorted(tabs.map(send, range(3))) == [False, False, True]


def test_passing_finishes_the_lesson_that_asks_for_it(assignment, member, mentor):
    with pytest.raises(NotPassed):
        courses.mark_done(member=member, lesson=assignment.lesson)
    work = hand_in(assignment, member)
    review(work, mentor)

    assert LessonProgress.objects.get(member=member).done_at
    with pytest.raises(AlreadyReviewed):
        review(work, mentor, is_passed=False)


def test_mails_tell_the_mentor_and_the_learner(
    assignment, member, mentor, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        work = hand_in(assignment, member)
    with django_capture_on_commit_callbacks(execute=True):
        review(work, mentor, is_passed=False)

    to_mentor, to_learner = outbox.outbox
    assert to_mentor.to == [mentor.email]
    assert f"/studio/work/{work.pk}/" in to_mentor.body
    assert to_learner.to == [member.email]
    assert "once more" in to_learner.body


def test_from_the_task_to_the_marks(
    client, assignment, member, mentor, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    address = assignment.get_absolute_url()
    client.force_login(member)
    assert address in client.get(assignment.lesson.get_absolute_url()).content.decode()
    assert client.post(address, {"text": " "}).status_code == 422
    bad = SimpleUploadedFile("x.pdf", b"\x7fELF\x02\x01\x00")
    refused = client.post(address, {"text": "Typed at length.", "file": bad})
    assert refused.status_code == 422
    assert "Typed at length." in refused.content.decode()
    file = SimpleUploadedFile("plan.pdf", PDF)
    client.post(address, {"text": "Here.", "file": file})
    work = HandedIn.objects.get()

    client.force_login(mentor)
    assert f"/studio/work/{work.pk}/" in client.get("/studio/work/").content.decode()
    page = client.get(f"/studio/work/{work.pk}/").content.decode()
    link = page.partition('href="/media/')[2].partition('"')[0]
    assert b"".join(client.get(f"/media/{link}")) == PDF
    said = {"points-0": 4, "points-1": 3, "comment": "Good.", "outcome": "passed"}
    too_many = client.post(f"/studio/work/{work.pk}/", {**said, "points-0": 6})
    assert too_many.status_code == 422
    client.post(f"/studio/work/{work.pk}/", said)

    client.force_login(member)
    page = client.get(address).content.decode()
    assert "7 / 8" in page
    assert "Good." in page


def test_only_who_teaches_it_reviews_it_and_nobody_their_own(
    client, assignment, member, mentor
):
    work = hand_in(assignment, member)
    client.force_login(make_member("stranger", roles=["mentor"]))
    assert client.get(f"/studio/work/{work.pk}/").status_code == 404
    assert str(member) not in client.get("/studio/work/").content.decode()

    own = hand_in(assignment, mentor)
    client.force_login(mentor)
    assert client.get(f"/studio/work/{own.pk}/").status_code == 403


def test_a_mentor_makes_one_and_bad_lines_are_named(client, mentor):
    course = make_course("written", lessons=1, author=mentor, published_at=None)
    lesson = Lesson.objects.get(section__item=course)
    client.force_login(mentor)
    address = f"/studio/lessons/{lesson.pk}/assignment/"

    bad = client.post(address, {"task": "Do.", "rubric": "Clarity | 5\nProof"})
    assert bad.status_code == 422
    assert "Line 2" in bad.content.decode()
    client.post(address, {"task": "Do.", "rubric": "Clarity | 5", "must_pass": "on"})
    assert Assignment.objects.get().criteria == [("Clarity", 5)]

    client.post(f"{address}remove/", {"sure": "1"})
    assert not Assignment.objects.exists()


def test_what_was_worked_on_stays(client, assignment, member, mentor):
    hand_in(assignment, member)
    client.force_login(mentor)

    client.post(
        f"/studio/lessons/{assignment.lesson_id}/assignment/remove/", {"sure": "1"}
    )
    client.post(
        f"/studio/lessons/{assignment.lesson_id}/", {"do": "remove", "sure": "1"}
    )

    assert Assignment.objects.exists()


def test_export_and_erasure_take_the_file_along(
    assignment, member, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    work = assignments.hand_in(
        assignment=assignment,
        member=member,
        text="Mine.",
        file=SimpleUploadedFile("plan.pdf", PDF),
    )
    assert export_all(member)["content"]["work handed in"][0]["text"] == "Mine."
    assert work.file.name in files_of(member)

    with django_capture_on_commit_callbacks(execute=True):
        erase_all(member)
    assert not HandedIn.objects.exists()
    assert not default_storage.exists(work.file.name)


# Corrected ------------------------------------------------------------------------


def correct(work, by, *, is_passed, comment="I read it."):
    return assignments.correct_review(
        work=work, by=by, is_passed=is_passed, comment=comment, marks=[]
    )


def test_a_review_is_corrected_and_the_old_one_is_kept(assignment, member, mentor):
    work = review(hand_in(assignment, member), mentor, is_passed=False)

    assert correct(work, mentor, is_passed=True, comment="I misread it.")

    work.refresh_from_db()
    assert work.outcome == HandedIn.Outcome.PASSED
    earlier = work.earlier_reviews.get()
    assert (earlier.outcome, earlier.comment) == ("again", "I read it.")
    assert LessonProgress.objects.get(member=member).done_at
    held = export_all(member)["content"]["earlier reviews of it"]
    assert held[0]["comment"] == "I read it."


def test_the_learner_is_told_of_a_correction_once(
    assignment, member, mentor, django_capture_on_commit_callbacks
):
    work = review(hand_in(assignment, member), mentor)
    outbox.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            correct(work, mentor, is_passed=True, comment="Better said.")

    (mail,) = outbox.outbox
    assert mail.to == [member.email]
    assert work.earlier_reviews.count() == 1


def test_work_that_passed_by_mistake_may_be_handed_in_again(assignment, member, mentor):
    work = review(hand_in(assignment, member), mentor)
    correct(work, mentor, is_passed=False)

    hand_in(assignment, member, "Once more.")
    with pytest.raises(HandedInAgain):
        correct(work, mentor, is_passed=True)
    # What was done stays done.
    assert LessonProgress.objects.get(member=member).done_at


def test_from_the_queue_to_the_correction(client, assignment, member, mentor):
    work = review(hand_in(assignment, member), mentor, is_passed=False)
    client.force_login(mentor)
    address = f"/studio/work/{work.pk}/"
    assert address not in client.get("/studio/work/").content.decode()
    assert address in client.get("/studio/work/?reviewed").content.decode()
    assert "I read it." in client.get(address).content.decode()

    said = {"points-0": 4, "points-1": 3, "outcome": "passed", "correct": "1"}
    refused = client.post(address, {**said, "comment": ""})
    assert refused.status_code == 422
    assert 'href="#id_comment"' in refused.content.decode()
    said["comment"] = "I misread it."
    for told in ("Corrected. The learner is told.", "Nothing changed."):
        assert told in client.post(address, said, follow=True).content.decode()

    client.force_login(member)
    page = client.get(assignment.get_absolute_url()).content.decode()
    assert "I misread it." in page
    assert "I read it." in page


def test_what_was_reviewed_is_found_row_by_row(assignment, member, mentor):
    """Compared as wholes, all texts of all work ever reviewed would be sorted."""
    course = assignment.lesson.section.item
    reader = make_member("reader", roles=["mentor"])
    for writer in (reader, make_member("other")):
        course.co_authors.create(member=writer)
    work = review(hand_in(assignment, member), mentor)

    found = assignments.reviewed_among(assignments.work_for(reader))

    assert list(found) == [work]
    assert not found.query.distinct


# The queue ------------------------------------------------------------------------


def test_the_queue_says_how_many_wait_and_shows_all_by_pages(
    client, assignment, mentor, monkeypatch
):
    monkeypatch.setattr("content.views.assignments.WORK_PER_PAGE", 2)
    for name in ("first", "second", "third"):
        hand_in(assignment, make_member(name))
    client.force_login(mentor)

    pages = [client.get(f"/studio/work/?page={it}").content.decode() for it in (1, 2)]

    assert "3 pieces wait, the oldest first" in pages[0]
    assert [page.count("/studio/work/") for page in pages] == [4, 3]
    assert "First: Lesson" in pages[0]
    assert "Third: Lesson" in pages[1]


def test_the_queue_is_of_one_course_where_one_is_asked_for(
    client, assignment, member, mentor
):
    other = make_course("other", lessons=1, access=Item.Access.FREE, author=mentor)
    lesson = Lesson.objects.get(section__item=other)
    there = assignments.save_assignment(lesson=lesson, task="Do it.")
    here, elsewhere = hand_in(assignment, member), hand_in(there, member)
    client.force_login(mentor)

    page = client.get(f"/studio/work/?course={other.pk}").content.decode()

    assert f"/studio/work/{elsewhere.pk}/" in page
    assert f"/studio/work/{here.pk}/" not in page


def test_the_task_is_in_the_language_of_the_course(client, assignment, member):
    course = assignment.lesson.section.item
    course.language = "zh-hans"
    course.save()
    client.force_login(member)

    page = client.get(assignment.get_absolute_url()).content.decode()

    assert '<div class="prose" lang="zh-hans"><p>Write' in page


@pytest.mark.parametrize("takes_file", [True, False])
def test_the_text_is_asked_for_where_it_is_the_only_way(
    client, assignment, member, takes_file
):
    Assignment.objects.update(takes_file=takes_file)
    client.force_login(member)

    page = client.get(f"/assignments/{assignment.pk}/").text

    form = page.partition('id="hand-in"')[2]
    assert ("(optional)" in form) == takes_file
    assert ('type="file"' in form) == takes_file
