"""Following and muting, and who is told of what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notification, Space, SpaceMember, User
from accounts.services.spaces import join_space, leave_space
from content.models import Stance, TopicFollow
from content.services import discussions, following, unread
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic

Kind = Notification.Kind


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC)


@pytest.fixture
def topic(space, member):
    return make_topic(member, space=space)


def follow(topic, member, stance=Stance.FOLLOWING):
    following.set_topic_stance(topic=topic, member=member, stance=stance)


def told(member):
    news = Notification.objects.filter(member=member).order_by("pk")
    return list(news.values_list("kind", flat=True))


def replied(topic, author, body="Because."):
    post = discussions.reply(topic=topic, author=author, body=body)
    following.tell_of_reply(post.pk)
    return post


def test_whoever_writes_in_a_topic_follows_it(topic, other_member):
    discussions.reply(topic=topic, author=other_member, body="Hello.")

    follows = TopicFollow.objects.get(topic=topic, member=other_member)
    assert follows.stance == Stance.FOLLOWING


def test_writing_does_not_undo_a_mute(topic, other_member):
    follow(topic, other_member, Stance.MUTED)
    discussions.reply(topic=topic, author=other_member, body="Hello.")

    follows = TopicFollow.objects.get(topic=topic, member=other_member)
    assert follows.stance == Stance.MUTED


def test_a_reply_tells_followers_but_not_who_wrote_it(topic, member, other_member):
    follow(topic, member)
    replied(topic, other_member)

    assert told(member) == [Kind.REPLIED]
    assert told(other_member) == []


def test_more_replies_are_no_more_news_until_they_read(topic, member, other_member):
    follow(topic, member)
    first = replied(topic, other_member)
    replied(topic, other_member, "And another thing.")
    assert told(member) == [Kind.REPLIED]

    discussions.mark_read(
        member_id=member.pk, topic_id=topic.pk, last_number=first.number + 1
    )
    replied(topic, other_member, "Later.")
    assert told(member) == [Kind.REPLIED, Kind.REPLIED]


def test_telling_again_tells_nobody_twice(topic, member, other_member):
    follow(topic, member)
    post = replied(topic, other_member)
    following.tell_of_reply(post.pk)

    assert told(member) == [Kind.REPLIED]


def test_whoever_mutes_a_topic_or_its_space_is_not_told(
    space, topic, member, other_member
):
    follow(topic, member, Stance.MUTED)
    hermit = make_member("hermit")
    follow(topic, hermit)
    following.set_space_stance(space=space, member=hermit, stance=Stance.MUTED)
    replied(topic, other_member)

    assert told(member) == told(hermit) == []


def test_whoever_has_read_it_already_is_not_told(topic, member, other_member):
    follow(topic, member)
    post = discussions.reply(topic=topic, author=other_member, body="Here.")
    discussions.mark_read(member_id=member.pk, topic_id=topic.pk, last_number=2)
    following.tell_of_reply(post.pk)

    assert told(member) == []


@pytest.mark.parametrize("access", [Space.Access.JOINED, Space.Access.LEVEL])
def test_whoever_may_no_longer_open_it_is_not_told(access, member, other_member):
    space = make_space("closed", access=access)
    topic = make_topic(other_member, space=space)
    User.objects.filter(pk=member.pk).update(level=9)
    join_space(space=space, member=member)
    follow(topic, member)
    replied(topic, other_member)
    assert told(member) == [Kind.REPLIED]

    leave_space(space=space, member=member)
    User.objects.filter(pk=member.pk).update(level=0)
    discussions.mark_read(member_id=member.pk, topic_id=topic.pk, last_number=2)
    replied(topic, other_member, "Only inside.")
    assert told(member) == [Kind.REPLIED]


def test_a_new_topic_tells_who_follows_the_space(space, member, other_member):
    following.set_space_stance(space=space, member=member, stance=Stance.FOLLOWING)
    topic = make_topic(other_member, space=space)
    following.tell_of_topic(topic.pk, everyone=False)

    assert told(member) == [Kind.TOPIC_STARTED]


def test_an_announcement_may_tell_everybody_once(space, member, other_member):
    quiet = make_member("quiet")
    for it in (member, other_member, quiet):
        join_space(space=space, member=it)
    following.set_space_stance(space=space, member=member, stance=Stance.FOLLOWING)
    following.set_space_stance(space=space, member=quiet, stance=Stance.MUTED)
    topic = make_topic(other_member, space=space, kind="announcement")
    following.tell_of_topic(topic.pk, everyone=True)

    assert told(member) == [Kind.ANNOUNCED]
    assert told(other_member) == told(quiet) == []


def test_many_followers_cost_a_handful_of_statements(
    topic, member, other_member, monkeypatch
):
    def statements(followers):
        people = User.objects.bulk_create(
            User(username=f"crowd-{topic.pk}-{n}", email=None)
            for n in range(followers[0], followers[1])
        )
        TopicFollow.objects.bulk_create(
            TopicFollow(topic=topic, member=it, stance="following") for it in people
        )
        post = make_post(topic, other_member)
        with CaptureQueriesContext(connection) as queries:
            following.tell_of_reply(post.pk)
        return len(queries)

    few, many = statements((0, 3)), statements((3, 120))
    assert Notification.objects.count() == 120
    assert many <= few + 1  # the statement is prepared once

    monkeypatch.setattr(following, "AT_ONCE", 50)
    TopicFollow.objects.filter(topic=topic).update(stance="following")
    Notification.objects.all().delete()
    post = make_post(topic, other_member)
    following.tell_of_reply(post.pk)
    assert Notification.objects.filter(target_id=post.pk).count() == 120


# What is new ----------------------------------------------------------------------


def joined(space, member, days=5):
    join_space(space=space, member=member)
    SpaceMember.objects.filter(space=space, member=member).update(
        joined_at=timezone.now() - timezone.timedelta(days=days)
    )


def test_topics_not_read_to_their_end_count_as_new(space, member, other_member):
    joined(space, member)
    first = make_topic(other_member, space=space)
    make_topic(other_member, space=space)
    assert unread.counts(member, [space.pk]) == {space.pk: "2"}

    discussions.mark_read(member_id=member.pk, topic_id=first.pk, last_number=1)
    assert unread.counts(member, [space.pk]) == {space.pk: "1"}

    following.catch_up(space=space, member=member)
    assert unread.counts(member, [space.pk]) == {}

    make_post(first, other_member)
    assert unread.counts(member, [space.pk]) == {space.pk: "1"}


def test_only_spaces_of_ones_own_have_news(space, member, other_member):
    make_topic(other_member, space=space)
    assert unread.counts(member, [space.pk]) == {}


def test_very_much_that_is_new_is_not_counted_to_the_end(space, member, other_member):
    joined(space, member)
    for _ in range(22):
        make_topic(other_member, space=space)

    assert unread.counts(member, [space.pk]) == {space.pk: "20+"}


def test_a_muted_topic_is_not_new(space, member, other_member):
    joined(space, member)
    follow(make_topic(other_member, space=space), member, Stance.MUTED)

    assert unread.counts(member, [space.pk]) == {}


def test_what_is_new_in_all_spaces_is_one_statement_and_leads_to_it(
    client, space, member, other_member
):
    joined(space, member)
    topic = make_topic(other_member, space=space, title="Fresh words")
    hidden = make_space("shut", access=Space.Access.JOINED)
    make_topic(other_member, space=hidden, title="Secret words")
    client.force_login(member)

    page = client.get("/whats-new/").content.decode()
    assert topic.get_absolute_url() in page
    assert "Secret words" not in page
    listed = client.get("/spaces/circle/?show=new").content.decode()
    assert "Fresh words" in listed

    client.post("/spaces/circle/caught-up/", {"back": "news"})
    assert "Fresh words" not in client.get("/whats-new/").content.decode()
    assert "Fresh words" not in client.get("/spaces/circle/?show=new").content.decode()


def test_follow_and_mute_are_buttons_of_the_page(client, topic, other_member):
    client.force_login(other_member)
    for stance in ("following", "muted", ""):
        client.post(f"/topics/{topic.pk}/follow/", {"stance": stance})
        kept = TopicFollow.objects.filter(member=other_member).values_list(
            "stance", flat=True
        )
        assert list(kept) == ([stance] if stance else [])
        page = client.get(topic.get_absolute_url()).content.decode()
        assert page.count('name="stance" value="" aria-pressed="true"') == bool(stance)
