"""A small community that has everything the measured pages show."""

from typing import NamedTuple

from django.utils import timezone

from accounts.models import Space, User
from content.models import Item, Lesson, PostLike, Section, Topic
from content.services import courses, discussions
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_paying
from tests.factories.discussions import make_post, make_topic

PARAGRAPH = (
    "Most of what I read is gone a week later, so I tried to write every chapter "
    "down in **three sentences** of my own before going on. It takes ten minutes, "
    "and what does not fit was usually *not* worth keeping. [An example](/library/) "
    "is below; tell me what you would leave out."
)
PARAGRAPHS = "\n\n".join([PARAGRAPH] * 3)


class Scene(NamedTuple):
    member: User
    topic_url: str
    space_url: str
    lesson_url: str


def make_scene() -> Scene:
    members = [make_member(f"member{n}") for n in range(21)]
    member = members[0]
    space = make_space(access=Space.Access.PUBLIC, goal="Read a book a month")
    for n in range(40):
        make_topic(members[n % 20], space=space, title=f"How do you read book {n}?")
    return Scene(
        member=member,
        topic_url=_long_topic(members, space).get_absolute_url(),
        space_url=f"/spaces/{space.slug}/",
        lesson_url=_lesson_of(member).get_absolute_url(),
    )


def _long_topic(members: list[User], space: Space) -> Topic:
    """Two full pages, written by many; the first member has thanked for some."""
    topic = make_topic(members[1], space=space, kind="question", body=PARAGRAPHS)
    for n in range(40):
        post = make_post(topic, members[n % 21], body=PARAGRAPHS)
        if n % 5 == 1:
            PostLike.objects.create(post=post, member=members[0])
    discussions.accept_answer(post=topic.posts.get(number=4), by=members[1])
    topic.refresh_from_db()
    return topic


def _lesson_of(member: User) -> Lesson:
    """In the middle of a course for paying members, some of it done."""
    make_paying(member)
    course = Item.objects.create(
        kind=Item.Kind.COURSE,
        access=Item.Access.MEMBERSHIP,
        slug="reading",
        title="Reading with a pencil",
        author=make_member("teacher"),
        state=Item.State.LIVE,
        published_at=timezone.now(),
    )
    lessons = [
        Lesson.objects.create(
            section=section,
            title=f"Lesson {n}",
            body=PARAGRAPHS,
            body_html=f"<p>{PARAGRAPH}</p>" * 12,
        )
        for section in (Section.objects.create(item=course, title=t) for t in "ABC")
        for n in range(6)
    ]
    for lesson in lessons[:5]:
        courses.mark_done(member=member, lesson=lesson)
    return lessons[8]
