import pytest
from django.db import IntegrityError

from content.models import Post, Topic
from content.models.discussions import BODY_LENGTH, numbers_on, page_of
from tests.factories.discussions import make_post, make_topic


@pytest.mark.parametrize(
    ("number", "page"), [(1, 1), (2, 1), (21, 1), (22, 2), (41, 2), (42, 3)]
)
def test_a_page_holds_twenty_replies_and_the_first_also_the_opening_post(number, page):
    first, last = numbers_on(page)

    assert page_of(number) == page
    assert first <= number <= last


def test_a_topic_lives_in_exactly_one_place(member):
    with pytest.raises(IntegrityError, match="topic_in_one_place"):
        Topic.objects.create(author=member, title="Nowhere")


def test_a_discussion_accepts_no_answer(member):
    topic = make_topic(member, replies=1)
    topic.is_answered = True

    with pytest.raises(IntegrityError, match="topic_only_questions_accept"):
        topic.save()


def test_two_posts_never_share_a_number(member):
    topic = make_topic(member)

    with pytest.raises(IntegrityError, match="post_number_once_per_topic"):
        Post.objects.create(topic=topic, number=1, author=member, body="Again")


def test_a_post_is_bounded(member):
    topic = make_topic(member)

    with pytest.raises(IntegrityError, match="post_body_bounded"):
        make_post(topic, member, body="x" * (BODY_LENGTH + 1))
