"""The character that Postgres cannot keep: refused beside its field, or left out where
all is kept as it is typed. Never an error of the server."""

import pytest

from content.models import Item, Lesson
from content.services import assignments, courses, quizzes
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_cohort, make_course, make_item
from tests.factories.discussions import make_topic
from tests.factories.quizzes import ask, make_quiz
from tests.factories.writing import make_draft, make_mentor

pytestmark = pytest.mark.django_db

NUL = "a\0b"


class World:
    """A course with all that can be written in and about it."""

    def __init__(self):
        self.mentor, self.member = make_mentor(), make_member("learner")
        fields = {"access": Item.Access.FREE, "author": self.mentor}
        fields["summary"] = "Risk risk risk."  # it is proposed as a tag
        self.course = make_course(lessons=1, gives_certificate=True, **fields)
        self.lesson = Lesson.objects.get(section__item=self.course)
        self.quiz = make_quiz(self.course)
        self.question = ask(self.quiz, "keywords", answers="risk")
        self.attempt = quizzes.start(quiz=self.quiz, member=self.member)
        self.assignment = assignments.save_assignment(lesson=self.lesson, task="Do.")
        other = make_member("other")
        self.work = assignments.hand_in(
            assignment=self.assignment, member=other, text="Done."
        )
        self.cohort = make_cohort(self.course)
        self.article = make_item()
        self.draft = make_draft(self.mentor)
        self.topic = make_topic(self.member, space=make_space("talk"))
        courses.mark_done(member=self.member, lesson=self.lesson)


@pytest.fixture
def world():
    return World()


LEARNER = {
    "answer in a quiz": lambda w: (
        f"/attempts/{w.attempt.pk}/",
        {f"question-{w.question.pk}": NUL},
    ),
    "work": lambda w: (w.assignment.get_absolute_url(), {"text": NUL}),
    "note": lambda w: (f"/lessons/{w.lesson.pk}/note/", {"text": NUL}),
    "name on a certificate": lambda _w: ("/courses/course/certificate/", {"name": NUL}),
    "rating": lambda _w: ("/library/course/rate/", {"stars": 5, "words": NUL}),
    "topic": lambda _w: (
        "/spaces/talk/new/",
        {"kind": "talk", "title": NUL, "body": NUL},
    ),
    "reply": lambda w: (f"/topics/{w.topic.pk}/reply/", {"body": NUL}),
    "flag": lambda w: (f"/items/{w.article.pk}/outdated/", {"text": NUL}),
}
MENTOR = {
    "question": lambda w: (
        f"/studio/quizzes/{w.quiz.pk}/questions/",
        {"kind": "keywords", "text": NUL, "answers": NUL, "explanation": NUL},
    ),
    "assignment": lambda w: (
        f"/studio/lessons/{w.lesson.pk}/assignment/",
        {"task": NUL, "rubric": NUL},
    ),
    "review": lambda w: (
        f"/studio/work/{w.work.pk}/",
        {"comment": NUL, "outcome": "passed"},
    ),
    "cohort": lambda w: (
        f"/studio/cohorts/{w.cohort.pk}/change/",
        {"name": NUL, "starts_on": "2026-03-01", "ends_on": "2026-04-01"},
    ),
    "draft": lambda w: (f"/studio/items/{w.draft.pk}/autosave/", {"body": NUL}),
    "text": lambda w: (f"/studio/items/{w.draft.pk}/write/", {"body": NUL}),
    "preview": lambda w: (f"/studio/items/{w.draft.pk}/preview/", {"body": NUL}),
    "tags": lambda w: (
        f"/studio/items/{w.course.pk}/tags/",
        {"tag-0": "take", "tag-0-name": NUL},
    ),
    "settings": lambda w: (
        f"/studio/items/{w.draft.pk}/settings/",
        {"tags": NUL, "cover_alt": NUL, "language": NUL},
    ),
    "new": lambda _w: ("/studio/new/", {"kind": f"article{NUL}", "title": NUL}),
    "author": lambda w: (f"/studio/items/{w.draft.pk}/authors/", {"name": NUL}),
    "discard": lambda w: (
        f"/studio/items/{w.draft.pk}/discard/",
        {"sure": NUL, NUL: NUL},
    ),
    "section": lambda w: (f"/studio/items/{w.course.pk}/sections/", {"title": NUL}),
    "step": lambda w: (
        f"/studio/items/{w.draft.pk}/step/",
        {"act": "commented", "text": NUL},
    ),
}


@pytest.mark.parametrize("what", LEARNER)
@pytest.mark.parametrize("by_itself", [False, True])
def test_a_learner_types_nul(client, world, what, by_itself):
    client.force_login(world.member)
    address, said = LEARNER[what](world)
    headers = {"HX-Request": "true"} if by_itself else {}
    assert client.post(address, said, headers=headers).status_code in {200, 302, 422}


@pytest.mark.parametrize("what", MENTOR)
def test_a_mentor_types_nul(client, world, what):
    client.force_login(world.mentor)
    address, said = MENTOR[what](world)
    assert client.post(address, said).status_code in {200, 204, 302, 422}


def test_the_rest_of_an_answer_is_kept(client, world):
    client.force_login(world.member)
    address, said = LEARNER["answer in a quiz"](world)
    client.post(address, said)
    assert world.attempt.answers.get().given == ["ab"]
