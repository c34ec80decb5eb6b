"""What is posted at once, and what waits until somebody has looked."""

import datetime as dt
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Notification, Role, Space
from accounts.services import rules
from accounts.services.policies import publish
from accounts.services.roles import grant_role
from content.errors import NeedsALook, RulesNotAgreed, TooManyPosts
from content.models import (
    Case,
    KnownDomain,
    ModerationPolicy,
    Post,
    PostReport,
    SearchDocument,
    TextTrace,
    Theme,
    Topic,
    WatchedWord,
)
from content.services import checks, held, posting, search_index
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic

LONG = "I have found a wonderful way to earn money at home, and so can you all."


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC)


@pytest.fixture
def topic(space):
    return make_topic(make_member("asker"), space=space)


@pytest.fixture
def settled(db):
    """Somebody who has been here for a while."""
    return make_member("settled", date_joined=timezone.now() - dt.timedelta(days=30))


def start(author, space, title="A title", body="A text", **more):
    return posting.post_topic(
        author=author,
        kind="discussion",
        title=title,
        body=body,
        space=space,
        **more,
    )


def codes(case):
    return [reason["code"] for reason in case.reasons]


# Words -------------------------------------------------------------------------------


def test_an_ordinary_post_is_posted_at_once(member, topic):
    post = posting.post_reply(topic=topic, author=member, body="Like this.")

    assert isinstance(post, Post)
    assert not Case.objects.exists()


def test_a_watched_word_holds_a_reply_and_says_where_it_stands(member, topic):
    WatchedWord.objects.create(word="微信")
    case = posting.post_reply(topic=topic, author=member, body="请加我微-信，谢谢")

    assert isinstance(case, Case)
    assert topic.posts.count() == 1
    pieces = held.marked(case.body, held.places_in(case, "body"))
    assert [piece.text for piece in pieces if piece.is_marked] == ["微-信"]


@pytest.mark.parametrize("text", ["今晚演出售票", "In class we pass the time"])
def test_a_word_inside_another_is_not_found(member, topic, text):
    WatchedWord.objects.create(word="出售")
    WatchedWord.objects.create(word="ass")

    assert isinstance(posting.post_reply(topic=topic, author=member, body=text), Post)


def test_a_word_that_is_only_flagged_is_posted_and_looked_at(member, topic):
    WatchedWord.objects.create(word="casino", effect=WatchedWord.Effect.FLAG)
    post = posting.post_reply(topic=topic, author=member, body="In the Casinos of old")

    assert isinstance(post, Post)
    assert PostReport.objects.get().words == "casino"
    assert Case.objects.get().post == post


def test_a_word_that_is_taken_off_the_list_holds_no_longer(member, topic):
    word = WatchedWord.objects.create(word="casino")
    assert isinstance(
        posting.post_reply(topic=topic, author=member, body="casino"), Case
    )
    word.delete()
    assert isinstance(
        posting.post_reply(topic=topic, author=member, body="casino!"), Post
    )


def test_those_who_keep_order_are_not_held(topic):
    WatchedWord.objects.create(word="casino")
    mentor = make_member("guide")
    grant_role(member=mentor, role=Role.MENTOR)
    mentor.refresh_from_db()

    assert isinstance(
        posting.post_reply(topic=topic, author=mentor, body="No casino here"), Post
    )


# Places ------------------------------------------------------------------------------


def test_a_space_may_look_at_the_first_posts_of_everybody(member, space):
    ModerationPolicy.objects.create(space=space, mode="first", first_posts=1)
    case = start(member, space)
    assert codes(case) == ["first"]

    make_topic(member, space=make_space("elsewhere"))
    assert isinstance(start(member, space, "Another"), Topic)


def test_what_a_space_says_counts_there_and_the_rest_elsewhere(member, space):
    ModerationPolicy.objects.create(mode="all")
    ModerationPolicy.objects.create(space=space)

    assert isinstance(start(member, space), Topic)
    assert codes(start(member, make_space("other"))) == ["all"]


def test_a_level_and_a_good_record_exempt(space, settled):
    policy = ModerationPolicy.objects.create(mode="all", exempt_level=3)
    assert codes(start(settled, space)) == ["all"]

    settled.level = 3
    assert isinstance(start(settled, space, "High"), Topic)

    settled.level = 0
    policy.trusted_posts = 2
    policy.save()
    make_topic(settled, space=space)
    assert isinstance(start(settled, space, "Trusted"), Topic)


# Links and floods --------------------------------------------------------------------


def test_many_links_of_a_new_member_wait(member, settled, topic):
    body = "See https://a.example/x and https://b.example/y and www.c.example"

    case = posting.post_reply(topic=topic, author=member, body=body)
    assert codes(case) == ["links"]
    assert isinstance(posting.post_reply(topic=topic, author=settled, body=body), Post)


def test_links_to_known_places_do_not_count(member, topic):
    KnownDomain.objects.create(domain="example.org")
    body = "https://a.example.org https://example.org/b https://c.example.org"

    assert isinstance(posting.post_reply(topic=topic, author=member, body=body), Post)


def test_a_link_to_a_refused_domain_waits_whoever_sets_it(settled, topic):
    KnownDomain.objects.create(domain="bad.example", is_allowed=False)
    case = posting.post_reply(
        topic=topic, author=settled, body="See https://very.bad.example/offer"
    )
    assert codes(case) == ["domain"]


def test_nearly_the_same_by_another_new_member_waits(member, other_member, topic):
    posting.post_reply(topic=topic, author=member, body=f"{LONG} Call 123!")
    case = posting.post_reply(topic=topic, author=other_member, body=f"{LONG} 456")

    assert codes(case) == ["duplicate"]


def test_what_was_written_two_days_ago_is_no_duplicate(member, other_member, topic):
    posting.post_reply(topic=topic, author=member, body=LONG)
    TextTrace.objects.update(at=timezone.now() - dt.timedelta(days=2))
    checks.forget_traces()

    assert not TextTrace.objects.exists()
    assert isinstance(
        posting.post_reply(topic=topic, author=other_member, body=LONG), Post
    )


# Forms, pace, rules ------------------------------------------------------------------


def test_a_form_sent_twice_is_held_once_and_posted_once(member, space):
    key = uuid4()
    first = start(member, space, body=LONG, form_key=key)
    assert start(member, space, body=LONG, form_key=key) == first

    WatchedWord.objects.create(word="casino")
    other = uuid4()
    case = start(member, space, body="casino", form_key=other)
    assert start(member, space, body="casino", form_key=other) == case
    assert Topic.objects.count() == 1


def test_nobody_fills_the_queue_alone(member, space):
    ModerationPolicy.objects.create(mode="all")
    for number in range(posting.MOST_WAITING):
        start(member, space, f"Number {number}")

    with pytest.raises(TooManyPosts):
        start(member, space, "One more")


def test_new_rules_are_agreed_to_with_the_first_post(client, member, topic):
    publish(kind="rules", texts={"en": "## Be kind", "zh-hans": "## 与人为善"})
    with pytest.raises(RulesNotAgreed):
        posting.post_reply(topic=topic, author=member, body="Hi")

    client.force_login(member)
    url = f"/topics/{topic.pk}/reply/"
    page = client.post(url, {"body": "A long reply"})
    assert page.status_code == 422
    assert "A long reply" in page.content.decode()
    assert 'name="agrees"' in page.content.decode()

    client.post(url, {"body": "A long reply", "agrees": "on"})
    assert topic.posts.count() == 2
    assert not rules.must_agree(member)


# Changing ----------------------------------------------------------------------------


def test_a_change_with_a_watched_word_waits_and_the_old_text_stands(settled, topic):
    post = make_post(topic, settled, body="Before")
    WatchedWord.objects.create(word="casino")

    case = posting.change_post(post=post, author=post.author, body="A casino")
    post.refresh_from_db()
    assert (case.what, post.body) == ("edit", "Before")

    posting.change_post(post=post, author=post.author, body="After")
    post.refresh_from_db()
    case.refresh_from_db()
    assert (case.outcome, post.body) == ("withdrawn", "After")


def test_a_word_that_stands_already_does_not_hold_a_change(settled, topic):
    post = make_post(topic, settled, body="A casino")
    WatchedWord.objects.create(word="casino")

    posting.change_post(post=post, author=post.author, body="The casino")
    post.refresh_from_db()
    assert post.body == "The casino"


# What its author sees ----------------------------------------------------------------


def test_its_author_sees_it_writes_it_otherwise_and_it_is_posted(
    client, member, other_member, topic
):
    WatchedWord.objects.create(word="casino")
    client.force_login(member)
    answer = client.post(f"/topics/{topic.pk}/reply/", {"body": "To the casino"})
    case = Case.objects.get()
    assert answer.url == f"/held/{case.pk}/"
    page = client.get(answer.url).content.decode()
    assert "<mark>casino</mark>" in page
    assert "To the casino" in client.get("/held/").content.decode()
    assert 'href="/held/"' in client.get(topic.get_absolute_url()).content.decode()

    client.force_login(other_member)
    assert client.get(answer.url).status_code == 404
    page = client.get(topic.get_absolute_url()).content.decode()
    assert 'href="/held/"' not in page

    client.force_login(member)
    answer = client.post(f"/held/{case.pk}/", {"body": "To the theatre"})
    assert answer.url == topic.url_of(2)
    assert topic.posts.get(number=2).body == "To the theatre"


def test_taking_it_back_asks_first_and_removes_the_text(client, member, topic):
    WatchedWord.objects.create(word="casino")
    case = posting.post_reply(topic=topic, author=member, body="To the casino")
    client.force_login(member)
    url = f"/held/{case.pk}/withdraw/"

    assert client.post(url).status_code == 200
    client.post(url, {"sure": "1"})
    case.refresh_from_db()
    assert (case.outcome, case.arguments) == ("withdrawn", {})
    assert client.post(url, {"sure": "1"}).status_code == 403


# A storm -----------------------------------------------------------------------------


def test_a_storm_of_new_accounts_ends_in_the_queue(
    client,
    settled,
    topic,
    space,
    django_capture_on_commit_callbacks,
    django_assert_max_num_queries,
):
    client.force_login(settled)
    pages = (topic.get_absolute_url(), "/spaces/circle/")
    before = [client.get(page).content for page in pages]
    news = Notification.objects.count()

    stormers = [make_member(f"storm{n}") for n in range(12)]
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            for stormer in stormers:
                start(stormer, space, f"Offer {number}", f"By {stormer} {number}")

    assert Case.objects.filter(closed_at=None).count() == 60
    standing = Topic.objects.filter(hidden_at=None)
    assert list(standing) == [topic]
    search_index.sweep()
    assert not SearchDocument.objects.filter(title__startswith="Offer").exists()
    assert Notification.objects.count() == news
    for page, was in zip(pages, before, strict=True):
        with django_assert_max_num_queries(6):
            shown = client.get(page).content
        assert b"Offer" not in shown
        assert len(shown) == pytest.approx(len(was), abs=200)
    assert isinstance(
        posting.post_reply(topic=topic, author=settled, body="As ever"), Post
    )


# What cannot wait -------------------------------------------------------------------


@pytest.fixture
def poll(member, space):
    asked = start(
        member, space, "Which?", poll={"choices": ["Tea", "Milk"], "closes_at": None}
    )
    return asked.poll


CHANGED = {"poll-kind": "single", "poll-shows": "voted"}


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("Casino", "“casino” is a word that we look at."),
        ("https://very.bad.example/x", "It links to very.bad.example."),
        ("www.a.io www.b.io www.c.io", "It has 3 links"),
    ],
)
def test_new_choices_of_a_poll_are_looked_at_like_a_post(
    client, member, poll, choice, said
):
    WatchedWord.objects.create(word="casino")
    KnownDomain.objects.create(domain="bad.example", is_allowed=False)
    client.force_login(member)
    sent = CHANGED | {"poll-choices": f"Tea\n{choice}"}

    page = client.post(f"/polls/{poll.pk}/change/", sent)
    assert page.status_code == 422
    errors = page.context["form"].errors
    assert said in "".join(it for each in errors.values() for it in each)
    assert choice in page.content.decode()
    poll.refresh_from_db()
    assert poll.choices == ["Tea", "Milk"]

    sent["poll-choices"] = "Tea\nWater"
    assert client.post(f"/polls/{poll.pk}/change/", sent).status_code == 302
    poll.refresh_from_db()
    assert poll.choices == ["Tea", "Water"]


def test_the_end_of_a_poll_moves_also_where_everything_is_looked_at(
    client, member, poll, space
):
    ModerationPolicy.objects.create(space=space, mode="all")
    client.force_login(member)
    same = CHANGED | {"poll-choices": "Tea\nMilk"}
    assert client.post(f"/polls/{poll.pk}/change/", same).status_code == 302
    new = CHANGED | {"poll-choices": "Tea\nWater"}
    assert client.post(f"/polls/{poll.pk}/change/", new).status_code == 422


def test_a_word_that_is_only_flagged_in_a_choice_brings_the_topic_to_the_queue(
    member, poll
):
    WatchedWord.objects.create(word="casino", effect=WatchedWord.Effect.FLAG)
    posting.change_poll(poll=poll, by=member, closes_at=None, choices=["Casino", "No"])
    assert PostReport.objects.get().post.topic == poll.topic


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("title", "To the casino", "“casino” is a word that we look at."),
        ("why", "https://very.bad.example", "It links to very.bad.example."),
        ("why", "www.a.io www.b.io www.c.io", "It has 3 links"),
    ],
)
def test_a_theme_is_looked_at_like_a_post_and_its_words_are_kept(
    client, member, field, text, said
):
    WatchedWord.objects.create(word="casino")
    KnownDomain.objects.create(domain="bad.example", is_allowed=False)
    client.force_login(member)
    sent = {"title": "Sleep", "why": "We need it.", field: text}

    page = client.post("/themes/propose/", sent)
    assert page.status_code == 422
    errors = page.context["form"].errors
    assert said in "".join(it for each in errors.values() for it in each)
    assert text in page.content.decode()
    assert not Theme.objects.exists()

    client.post("/themes/propose/", {"title": "Sleep", "why": "We need it."})
    assert Theme.objects.get().title == "Sleep"


def test_a_theme_sent_twice_is_no_duplicate_of_itself_but_of_another(
    member, other_member
):
    key = uuid4()
    first = posting.propose_theme(by=member, title="Earn", why=LONG, form_key=key)
    again = posting.propose_theme(by=member, title="Earn", why=LONG, form_key=key)
    assert first == again
    with pytest.raises(NeedsALook):
        posting.propose_theme(by=other_member, title="Earn", why=LONG)


# A storm's first seconds -------------------------------------------------------------


def test_a_storm_is_noticed_by_its_first_few_accounts(
    space, django_capture_on_commit_callbacks
):
    stormers = [make_member(f"storm{n}") for n in range(6)]
    with django_capture_on_commit_callbacks(execute=True):
        sent = [start(it, space, f"Offer {it}", f"By {it}") for it in stormers]

    assert [isinstance(it, Case) for it in sent] == [False] * 2 + [True] * 4
    assert codes(sent[-1]) == ["rush"]
    assert not Topic.objects.filter(hidden_at=None).exists()
    assert Case.objects.filter(closed_at=None).count() == 6


def test_who_has_a_post_that_stands_is_not_taken_for_a_storm(
    space, topic, member, django_capture_on_commit_callbacks
):
    make_post(topic, member)
    Post.objects.update(created_at=timezone.now() - dt.timedelta(minutes=5))
    with django_capture_on_commit_callbacks(execute=True):
        before = start(member, space, "As ever", "I write today, too.")
        for number in range(5):
            start(
                make_member(f"storm{number}"), space, f"Offer {number}", f"Buy {number}"
            )
        after = start(member, space, "And again", "It goes on here.")

    shown = Topic.objects.filter(hidden_at=None)
    assert set(shown) == {topic, before, after}


def test_a_few_who_write_for_the_first_time_are_let_be(space):
    now = timezone.now()
    for number in range(4):
        newcomer = make_member(f"new{number}")
        title = f"I am number {number}"
        with time_machine.travel(now + dt.timedelta(seconds=6 * number), tick=False):
            assert isinstance(start(newcomer, space, title, f"Hello {number}"), Topic)
            again = start(newcomer, space, f"{title}!", f"Hi {number}")
            assert isinstance(again, Topic)


def test_a_storm_that_comes_slowly_is_noticed_by_its_fifth_account(space):
    now, sent = timezone.now(), []
    for number in range(6):
        stormer = make_member(f"storm{number}")
        with time_machine.travel(now + dt.timedelta(seconds=6 * number), tick=False):
            sent.append(start(stormer, space, f"Offer {number}", f"Buy {number}"))

    assert [isinstance(it, Case) for it in sent] == [False] * 4 + [True] * 2


def test_where_first_posts_are_looked_at_nothing_of_a_storm_is_ever_seen(space):
    ModerationPolicy.objects.create(space=space, mode="first")
    for number in range(6):
        start(make_member(f"storm{number}"), space, f"Offer {number}", "Buy it")
    assert not Topic.objects.exists()
