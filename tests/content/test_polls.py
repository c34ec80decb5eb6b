import datetime as dt
import json
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import privacy
from accounts.models import Activity, Notification, Space, Verb
from content.errors import AlreadyVoted, PollChanged, PollOver
from content.models import Ballot, Poll, Topic, WatchedWord
from content.services import discussions, polls, sharing, structured
from content.services.reading import read_topic
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_topic

CHOICES = ["Tea", "Coffee", "Water"]
HTMX = {"HX-Request": "true", "HX-Target": "poll"}


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC)


def make_poll(space=None, **terms):
    author = make_member("asker")
    topic = make_topic(
        author, kind="poll", title="What do you drink?", space=space or make_space()
    )
    return polls.add_poll(topic=topic, **{"choices": CHOICES, **terms})


def cast(poll, member, *chosen):
    polls.vote(poll=poll, member=member, chosen=list(chosen), version=poll.version)
    poll.refresh_from_db()


def crowd(poll, *ballots):
    return [
        cast(poll, make_member(f"voter{n}"), *ballot)
        for n, ballot in enumerate(ballots)
    ]


def told(poll, viewer=None):
    return polls.read_poll(viewer=viewer or AnonymousUser(), pk=poll.pk)


# Voting ----------------------------------------------------------------------------


def test_a_vote_counts_once_however_often_it_is_sent(member):
    poll = make_poll()
    cast(poll, member, 2)
    cast(poll, member, 2)

    assert told(poll, member).results.votes == (0, 1, 0)
    assert list(Activity.objects.values_list("verb", flat=True)) == [Verb.VOTED]


def test_a_vote_stays_unless_the_poll_says_that_it_may_change(member):
    poll = make_poll()
    cast(poll, member, 1)
    with pytest.raises(AlreadyVoted):
        cast(poll, member, 2)

    Poll.objects.update(is_changeable=True)
    cast(poll, member, 2)

    assert told(poll, member).results.votes == (0, 1, 0)
    assert poll.tally == {"2": 1}


def test_what_is_counted_is_what_was_cast(member):
    poll = make_poll(kind="multiple", most=2, is_changeable=True)
    crowd(poll, (1, 2), (2,), (2, 3))
    cast(poll, member, 1)
    cast(poll, member, 3)

    cast_now = [tuple(it.chosen) for it in poll.ballots.all()]
    counted = tuple(sum(n in it for it in cast_now) for n in (1, 2, 3))
    assert told(poll, member).results.votes == counted == (1, 3, 2)
    assert poll.voters == len(cast_now)


def test_nobody_votes_in_what_has_ended(member):
    poll = make_poll(closes_at=(timezone.now() - dt.timedelta(1)).isoformat())
    with pytest.raises(PollOver):
        cast(poll, member, 1)


def test_who_saw_another_poll_does_not_vote_in_this(member):
    poll = make_poll()
    seen = poll.version
    poll = polls.change_poll(poll=poll, closes_at=None, choices=["Milk", "Tea"])

    with pytest.raises(PollChanged):
        polls.vote(poll=poll, member=member, chosen=[1], version=seen)


def test_what_was_voted_in_changes_only_its_end(member):
    poll = make_poll()
    cast(poll, member, 1)
    with pytest.raises(PollChanged):
        polls.change_poll(poll=poll, closes_at=None, choices=["Milk", "Tea"])

    end = timezone.now() + dt.timedelta(days=1)
    assert polls.change_poll(poll=poll, closes_at=end.isoformat()).closes_at == end


def test_what_was_voted_on_stays_when_the_topic_is_called_otherwise(
    client, member, space
):
    poll = make_poll(space=space)
    cast(poll, member, 1)
    discussions.edit_post(
        post=poll.topic.posts.get(),
        body="As before",
        title="Whom do you hate?",
    )

    page = client.get(poll.topic.posts.get(number=1).get_absolute_url())
    assert "What do you drink?</h2>" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_vote_waits_for_the_end_and_is_then_too_late():
    poll, member = make_poll(), make_member()

    def try_to_vote():
        try:
            cast(poll, member, 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            polls.close_poll(poll=poll)
            late = pool.submit(try_to_vote)
            with pytest.raises(TimeoutError):
                late.result(timeout=0.3)
        with pytest.raises(PollOver):
            late.result(timeout=5)


def test_the_end_is_told_once_to_who_voted_and_who_asked(member):
    poll = make_poll(closes_at=(timezone.now() + dt.timedelta(1)).isoformat())
    cast(poll, member, 1)
    Poll.objects.update(closes_at=timezone.now())

    assert (polls.close_due(), polls.close_due()) == (1, 0)
    news = Notification.objects.filter(kind=Notification.Kind.POLL_CLOSED)
    assert {it.member for it in news} == {member, poll.topic.author}


# What may be known -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("shows", "before", "after_voting"),
    [("always", True, True), ("voted", False, True), ("closed", False, False)],
)
def test_results_are_known_when_the_poll_says(member, shows, before, after_voting):
    poll = make_poll(shows=shows)
    crowd(poll, (1,), (2,), (2,))
    assert (told(poll, member).results is not None) == before

    cast(poll, member, 1)
    assert (told(poll, member).results is not None) == after_voting

    polls.close_poll(poll=poll)
    assert told(poll).results.votes == (2, 2, 0)


def test_an_anonymous_ballot_is_nowhere_with_its_member(member):
    poll = make_poll(is_anonymous=True, shows="always")
    crowd(poll, (1,), (3,))
    cast(poll, member, 2)

    assert [it.chosen for it in Ballot.objects.all()] == [[], [], []]
    assert poll.tally == {"1": 1, "2": 1, "3": 1}
    assert "Coffee" not in json.dumps(privacy.export_all(member), default=str)
    assert {tuple(it.data) for it in Activity.objects.all()} == {()}
    with pytest.raises(AlreadyVoted):
        cast(poll, member, 2)


def test_an_anonymous_result_waits_for_enough_to_hide_among(member):
    poll = make_poll(is_anonymous=True, shows="always")
    crowd(poll, (1,), (1,))
    assert told(poll).results is None
    assert told(poll).waits_for_more

    cast(poll, member, 2)
    assert told(poll).results.votes == (2, 1, 0)


def test_a_hidden_result_is_in_no_output(client, operator, space):
    poll = make_poll(space=space, shows="closed")
    crowd(poll, *[(1,)] * 7, (2,))
    topic = poll.topic

    assert "7 votes" not in client.get(topic.get_absolute_url()).content.decode()
    facts = read_topic(topic.pk, AnonymousUser(), 1)
    assert "Coffee" not in f"{structured.topic_facts(facts)}{sharing.shown(facts)}"
    client.force_login(operator)
    for address in (
        topic.get_absolute_url(),
        f"/polls/{poll.pk}/",
        f"/admin/content/poll/{poll.pk}/change/",
    ):
        page = client.get(address).content.decode()
        assert "Coffee" in page
        assert not re.search(r"7 votes|Tea 7|value=.7. max", page)
    assert client.get(f"/polls/{poll.pk}/votes/").status_code == 403

    polls.close_poll(poll=poll)
    assert "7 votes" in client.get(topic.get_absolute_url()).content.decode()
    page = client.get(f"/admin/content/poll/{poll.pk}/change/").content.decode()
    assert "Tea 7" in page


def test_a_visitor_gets_nothing_of_who_came_before(client, member, space):
    poll = make_poll(space=space)
    cast(poll, member, 1)
    url = poll.topic.get_absolute_url()
    client.force_login(member)
    assert "Your vote" in client.get(url).content.decode()

    client.logout()
    page = client.get(url).content.decode()
    assert "Your vote" not in page
    assert "<progress" not in page
    assert "Sign in to vote" in page


def test_who_voted_for_what_is_told_of_an_open_poll_only(client, member, space):
    poll = make_poll(space=space)
    cast(poll, member, 3)
    client.force_login(member)
    assert "Water" in client.get(f"/polls/{poll.pk}/votes/").content.decode()

    Poll.objects.update(is_anonymous=True)
    assert client.get(f"/polls/{poll.pk}/votes/").status_code == 404


def test_who_leaves_is_named_no_more_and_their_vote_counts(client, member, space):
    poll = make_poll(space=space, shows="always")
    cast(poll, member, 3)
    privacy.erase_all(member)

    assert told(poll).results.votes == (0, 0, 1)
    page = client.get(f"/polls/{poll.pk}/votes/").content.decode()
    assert "A former member" in page


def test_the_words_of_who_asked_leave_with_them(member, space):
    poll = make_poll(space=space)
    cast(poll, member, 1)
    privacy.erase_all(poll.topic.author)
    poll.refresh_from_db()

    assert (poll.question, poll.choices) == ("", ["1", "2", "3"])
    assert poll.tally == {"1": 1}


def test_news_names_only_polls_that_may_still_be_seen(member):
    poll = make_poll(make_space("closed", access=Space.Access.JOINED))
    shown = make_topic(member, kind="poll", space=make_space("open-one"))
    seen = polls.add_poll(topic=shown, choices=CHOICES)

    assert polls.shown_to(member, [poll.pk, seen.pk]) == {
        seen.pk: (shown.title, f"{shown.get_absolute_url()}#poll")
    }


# Pages -----------------------------------------------------------------------------


def asked(**more):
    return {
        "kind": "poll",
        "title": "What do you drink?",
        "body": "Tell us.",
        "poll-choices": "Tea\nCoffee\n\n Water ",
        "poll-kind": "multiple",
        "poll-most": "2",
        "poll-shows": "voted",
        "form_key": uuid4(),
        **more,
    }


def test_a_member_asks_in_a_space(client, member, space):
    client.force_login(member)
    client.post("/spaces/circle/new/", asked())

    poll = Topic.objects.get().poll
    assert (poll.choices, poll.kind, poll.most) == (CHOICES, "multiple", 2)


def test_an_end_is_meant_in_the_members_own_zone(client, member, space):
    member.time_zone = "Asia/Shanghai"
    member.save()
    client.force_login(member)
    client.post("/spaces/circle/new/", asked(**{"poll-closes_at": "2099-01-01T08:00"}))

    assert Poll.objects.get().closes_at == dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"poll-choices": "Tea"}, "between 2 and 20"),
        ({"poll-choices": "Tea\nTea"}, "the same"),
        ({"poll-choices": f"{'x' * 121}\nTea"}, "At most 120"),
        ({"poll-closes_at": "2001-01-01T08:00"}, "in the past"),
        ({"poll-is_anonymous": "on", "poll-is_changeable": "on"}, "cannot be changed"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client, member, space, wrong, says):
    client.force_login(member)
    response = client.post("/spaces/circle/new/", asked(**wrong))

    page = response.content.decode()
    assert response.status_code == 422
    assert says in page
    assert "Tell us." in page
    assert not Topic.objects.exists()


def test_a_discussion_asks_for_no_choices(client, member, space):
    client.force_login(member)
    client.post(
        "/spaces/circle/new/", {"kind": "discussion", "title": "A", "body": "B"}
    )

    assert not Poll.objects.exists()
    assert Topic.objects.get().kind == "discussion"


def vote_of(poll, **ballot):
    return {"version": poll.version, **ballot}


def test_a_member_votes_and_sees_the_result(client, member, space):
    poll = make_poll(space=space)
    client.force_login(member)
    page = client.post(
        f"/polls/{poll.pk}/vote/", vote_of(poll, choice="2"), follow=True
    ).content.decode()

    assert "Your vote is counted." in page
    assert "<progress" in page
    assert f'action="/polls/{poll.pk}/vote/"' not in page


def test_by_htmx_only_the_poll_comes_back(client, member, space):
    poll = make_poll(space=space)
    client.force_login(member)
    page = client.post(
        f"/polls/{poll.pk}/vote/", vote_of(poll, choice="2"), headers=HTMX
    ).content.decode()

    assert page.lstrip().startswith('<section class="poll')
    assert "Your vote is counted." in page


def test_a_ranked_ballot_is_put_in_order(client, member, space):
    poll = make_poll(space=space, kind="ranked")
    client.force_login(member)
    page = client.post(
        f"/polls/{poll.pk}/vote/",
        vote_of(poll, **{"rank-1": "2", "rank-3": "1", "rank-2": ""}),
        follow=True,
    ).content.decode()

    assert Ballot.objects.get().chosen == [3, 1]
    assert "Round 1" in page


@pytest.mark.parametrize(
    ("terms", "ballot", "says"),
    [
        ({}, {}, "Choose something first."),
        ({}, {"choice": "9"}, "not one of the available choices"),
        ({"kind": "multiple", "most": 2}, {"choice": ["1", "2", "3"]}, "at most 2"),
        ({"kind": "ranked"}, {"rank-1": "1", "rank-2": "1"}, "one choice only"),
        ({"kind": "ranked"}, {}, "Choose something first."),
    ],
)
def test_a_ballot_that_cannot_count_says_why(
    client, member, space, terms, ballot, says
):
    poll = make_poll(space=space, **terms)
    client.force_login(member)
    response = client.post(f"/polls/{poll.pk}/vote/", vote_of(poll, **ballot))

    assert response.status_code == 422
    assert says in response.content.decode()
    assert not Ballot.objects.exists()


def test_places_given_twice_stand_there_as_they_were_given(client, member, space):
    poll = make_poll(space=space, kind="ranked")
    client.force_login(member)
    ballot = {"rank-1": "1", "rank-2": "1", "rank-3": "3"}
    page = client.post(f"/polls/{poll.pk}/vote/", vote_of(poll, **ballot))

    fields = page.content.decode().split("<select ")[1:]
    chosen = [field.split(" selected")[0].split("value=")[-1] for field in fields]
    assert chosen == ['"1"', '"1"', '"3"']


def test_an_ended_poll_says_that_the_vote_came_too_late(client, member, space):
    poll = make_poll(space=space)
    polls.close_poll(poll=poll)
    client.force_login(member)
    response = client.post(f"/polls/{poll.pk}/vote/", vote_of(poll, choice="1"))

    assert "was not counted" in response.content.decode()


def test_nobody_votes_where_they_may_not_read(client, member):
    poll = make_poll(make_space("closed", access=Space.Access.JOINED))
    client.force_login(member)

    assert client.post(f"/polls/{poll.pk}/vote/", {}).status_code == 404


def test_who_asks_changes_it_until_somebody_has_voted(client, member, space):
    poll = make_poll(space=space)
    client.force_login(poll.topic.author)
    terms = {"poll-choices": "Milk\nTea", "poll-kind": "single", "poll-shows": "voted"}
    client.post(f"/polls/{poll.pk}/change/", terms)
    poll.refresh_from_db()
    assert poll.choices == ["Milk", "Tea"]

    cast(poll, member, 1)
    response = client.post(f"/polls/{poll.pk}/change/", terms)
    assert response.status_code == 422
    assert "only the end" in response.content.decode()


def test_ending_a_poll_asks_first(client, space):
    poll = make_poll(space=space)
    client.force_login(poll.topic.author)
    assert (
        "End this poll now?" in client.post(f"/polls/{poll.pk}/close/").content.decode()
    )
    poll.refresh_from_db()
    assert not poll.is_over

    client.post(f"/polls/{poll.pk}/close/", {"sure": "1"})
    poll.refresh_from_db()
    assert poll.is_over


def test_a_poll_in_a_topic_costs_one_statement(client, member, space):
    poll = make_poll(space=space)
    plain = make_topic(make_member("plain"), space=space)
    client.force_login(member)

    def statements(topic):
        client.get(topic.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            client.get(topic.get_absolute_url())
        return len(queries)

    assert statements(poll.topic) == statements(plain) + 1


# Lessons ---------------------------------------------------------------------------


def test_a_course_asks_in_a_lesson(client, member):
    mentor = make_member("mentor")
    course = make_course("soil", lessons=1, access="free", author=mentor)
    lesson = course.sections.first().lessons.first()
    client.force_login(mentor)
    client.post(
        f"/studio/lessons/{lesson.pk}/poll/",
        {
            "poll-question": "Was it too fast?",
            "poll-choices": "Yes\nNo",
            "poll-kind": "single",
            "poll-shows": "voted",
        },
    )
    poll = lesson.poll

    client.force_login(member)
    assert "Was it too fast?" in client.get(lesson.get_absolute_url()).content.decode()
    client.post(f"/polls/{poll.pk}/vote/", vote_of(poll, choice="1"))
    assert Ballot.objects.get().member == member

    client.force_login(mentor)
    assert (
        "stays"
        in client.post(
            f"/studio/lessons/{lesson.pk}/poll/remove/", {"sure": "1"}, follow=True
        ).content.decode()
    )


def test_the_words_of_a_lessons_poll_are_looked_at(client, db):
    WatchedWord.objects.create(word="casino")
    author = make_member("author")
    course = make_course("soil", lessons=1, access="free", author=author)
    lesson = course.sections.first().lessons.first()
    client.force_login(author)
    asked = {"poll-question": "Where?", "poll-kind": "single", "poll-shows": "voted"}
    bad, good = (asked | {"poll-choices": f"Home\n{it}"} for it in ("Casino", "Town"))
    page = f"/studio/lessons/{lesson.pk}/poll/"

    assert client.post(page, bad).status_code == 422
    assert client.post(page, good).status_code == 302
    refused = client.post(page, bad)
    assert refused.status_code == 422
    assert "a word that we look at" in str(refused.context["form"].errors)
    lesson.poll.refresh_from_db()
    assert lesson.poll.choices == ["Home", "Town"]


def test_a_lesson_that_is_asked_to_twice_has_one_poll(db):
    lesson = make_course("soil", lessons=1).sections.first().lessons.first()
    terms = {"question": "Clear?", "choices": CHOICES}

    made = [polls.add_poll(lesson=lesson, **terms) for _ in range(2)]

    assert made[0] == made[1]


def test_a_closed_lesson_asks_nobody_before_its_door(client, member):
    course = make_course("soil", lessons=1, access="membership")
    lesson = course.sections.first().lessons.first()
    poll = polls.add_poll(lesson=lesson, question="Secret?", choices=CHOICES)
    client.force_login(member)

    assert "Secret?" not in client.get(lesson.get_absolute_url()).content.decode()
    assert client.get(f"/polls/{poll.pk}/").status_code == 403
    assert client.post(f"/polls/{poll.pk}/vote/", {}).status_code == 403
