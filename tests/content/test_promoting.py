"""Talk that becomes the draft of an article."""

import pytest

from accounts.models import Space
from accounts.services.spaces import join_space
from content.errors import TooManyDrafts
from content.models import Item
from content.services import discussions, writing
from content.services.promoting import promote
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic
from tests.factories.writing import make_mentor

pytestmark = pytest.mark.django_db


@pytest.fixture
def mentor():
    return make_mentor()


@pytest.fixture
def question(member):
    space = make_space("circle", access=Space.Access.JOINED)
    return make_topic(
        member, space=space, kind="question", title="Why bees?", body="I wonder."
    )


def test_the_question_and_its_accepted_answer_with_credit(
    question, member, other_member, mentor
):
    make_post(question, make_member("third"), body="No idea.")
    answer = make_post(question, other_member, body="For the *honey*.")
    discussions.accept_answer(post=answer, by=member)
    question.refresh_from_db()

    item = promote(topic=question, by=mentor)

    item.refresh_from_db()
    assert (item.title, item.author, item.state) == ("Why bees?", mentor, "draft")
    assert item.space == question.space  # to be read where the talk may be read
    assert [it.member for it in item.invitations.all()] == [other_member, member]
    assert not item.co_authors.exists()  # until they accept
    for told in ("I wonder.", "<em>honey</em>", question.get_absolute_url()):
        assert told in item.body_html
    assert "No idea." not in item.body


def test_without_an_accepted_answer_the_most_thanked(question, other_member, mentor):
    plain = make_post(question, make_member("plain"), body="Plain.")
    liked = make_post(question, other_member, body="Liked.")
    hidden = make_post(question, make_member("rude"), body="Rude.")
    discussions.like_post(post=liked, by=plain.author)
    discussions.hide_post(post=hidden, reason="Rude", by=mentor)

    body = promote(topic=question, by=mentor).body
    assert body.index("Liked.") < body.index("Plain.")
    assert "Rude." not in body


def test_a_topic_becomes_an_article_once(question, mentor, operator, client):
    item = promote(topic=question, by=mentor)
    assert promote(topic=question, by=operator) == item
    client.force_login(operator)
    answer = client.post(f"/topics/{question.pk}/promote/")
    assert answer.url == f"/studio/items/{item.pk}/"


def test_nobody_begins_more_than_anybody_finishes(client, mentor, monkeypatch):
    monkeypatch.setattr(writing, "MOST_DRAFTS", 2)
    for _number in range(2):
        writing.begin(kind="article", title="One more", author=mentor)
    with pytest.raises(TooManyDrafts):
        writing.begin(kind="article", title="One more", author=mentor)

    client.force_login(mentor)
    answer = client.post("/studio/new/", {"kind": "article", "title": "A long title"})
    assert answer.status_code == 422
    assert "A long title" in answer.content.decode()
    assert Item.objects.count() == 2


def test_a_guide_chooses_whose_replies_are_taken(
    client, question, member, other_member, mentor
):
    taken = make_post(question, other_member, body="Take this.")
    make_post(question, make_member("third"), body="Leave that.")
    client.force_login(mentor)
    # A mentor reads a joined space only as one who joined it.
    join_space(space=question.space, member=mentor)
    page = client.get(f"/topics/{question.pk}/promote/").content.decode()
    assert "Leave that." in page

    client.post(f"/topics/{question.pk}/promote/", {"numbers": [taken.number]})
    item = Item.objects.get()
    assert "Take this." in item.body
    assert "Leave that." not in item.body
    assert [it.member for it in item.invitations.all()] == [other_member, member]


@pytest.mark.parametrize("kind", ["discussion", "share", "case", "announcement"])
def test_every_kind_of_talk_may_become_an_article(kind, member, other_member, mentor):
    topic = make_topic(member, kind=kind, body="It begins.")
    make_post(topic, other_member, body="It goes on.")

    body = promote(topic=topic, by=mentor).body
    assert "It begins." in body
    assert "It goes on." in body
