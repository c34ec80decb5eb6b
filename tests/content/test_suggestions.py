"""The board of suggestions, and what was done."""

from uuid import uuid4

import pytest

from accounts import privacy
from accounts.models import Activity, Notification
from content.errors import NotAllowedNow, TooManyPosts
from content.models import Change, FeedbackArea, Suggestion
from content.services import feedback, suggestions
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db


def make(author, state="open", title="Dark mode"):
    made = suggestions.suggest(author=author, title=title, text="For the night.")
    Suggestion.objects.filter(pk=made.pk).update(state=state)
    made.refresh_from_db()
    return made


def votes(suggestion):
    suggestion.refresh_from_db()
    assert suggestion.vote_count == suggestion.votes.count()
    return suggestion.vote_count


def test_nobody_but_its_author_sees_it_before_an_operator_has(
    client, member, other_member
):
    client.force_login(member)
    client.post("/suggestions/new/", {"title": "Dark mode", "text": "For the night."})
    made = Suggestion.objects.get()
    assert client.get(made.get_absolute_url()).status_code == 200
    client.force_login(other_member)
    assert client.get(made.get_absolute_url()).status_code == 404
    assert "Dark mode" not in client.get("/suggestions/").content.decode()
    suggestions.decide(suggestion=made, state="open", answer="", by=make_member("op"))
    assert "Dark mode" in client.get("/suggestions/").content.decode()


def test_a_form_is_taken_once_from_each_who_sends_it(member, other_member):
    said = {"title": "Dark mode", "text": "For the night.", "form_key": uuid4()}
    first = suggestions.suggest(author=member, **said)
    assert suggestions.suggest(author=member, **said) == first
    assert suggestions.suggest(author=other_member, **said) != first


def test_a_member_votes_once_and_may_take_it_back(client, member, other_member):
    made = make(member)
    client.force_login(other_member)
    for _ in range(2):
        client.post(f"/suggestions/{made.pk}/vote/")
    assert votes(made) == 2
    client.post(f"/suggestions/{made.pk}/vote/", {"withdraw": "1"})
    assert votes(made) == 1
    Suggestion.objects.update(state="done")
    with pytest.raises(NotAllowedNow):
        suggestions.vote(suggestion=made, by=other_member)


def test_merged_votes_are_united_and_the_old_address_leads_on(
    client, member, other_member, operator
):
    one, two = make(member), make(other_member, title="Black mode")
    suggestions.vote(suggestion=two, by=member)
    suggestions.merge(duplicate=two, into=one)
    assert votes(one) == 2
    with pytest.raises(NotAllowedNow):
        suggestions.merge(duplicate=two, into=one)
    with pytest.raises(NotAllowedNow):  # it would count for nothing
        suggestions.vote(suggestion=two, by=operator)
    client.force_login(member)
    assert client.get(two.get_absolute_url()).url == one.get_absolute_url()
    assert "Black mode" not in client.get("/suggestions/").content.decode()


def test_adopting_it_credits_its_author_once_and_tells_who_voted(
    member, other_member, operator
):
    made = make(member)
    suggestions.vote(suggestion=made, by=other_member)
    for state in ("planned", "doing"):
        suggestions.decide(suggestion=made, state=state, answer="Soon.", by=operator)
    adopted = Activity.objects.filter(verb="suggestion_adopted")
    assert adopted.get().member == member
    told = Notification.objects.filter(kind="suggestion_answered")
    assert {it.member_id for it in told} == {member.pk, other_member.pk}
    assert suggestions.shown_to(other_member, [made.pk])


def test_a_change_tells_all_who_asked_for_it_once(
    client, member, other_member, operator
):
    said = feedback.give(
        area=FeedbackArea.objects.first(), text="x", language="en", member=member
    )
    nameless = feedback.give(area=said.area, text="Me too.", language="en")
    made = make(other_member)
    change = Change.objects.create(title="It is dark", text="At last.")
    change.feedback.set([said, nameless])
    change.suggestions.set([made])
    client.force_login(member)
    assert "It is dark" not in client.get("/suggestions/done/").content.decode()

    told = [suggestions.publish_change(change=change, by=operator) for _ in range(2)]

    assert told == [2, 2]
    news = Notification.objects.filter(kind="change_made")
    assert sorted(news.values_list("member", flat=True)) == sorted(
        [member.pk, other_member.pk]
    )
    assert "It is dark" in client.get("/suggestions/done/").content.decode()
    assert "It is dark" in client.get(nameless.get_absolute_url()).content.decode()
    assert suggestions.changes_shown_to(member, [change.pk])


def test_what_was_told_in_confidence_names_nobody_on_the_board(
    client, member, operator
):
    said = feedback.give(
        area=FeedbackArea.objects.first(), text="x", language="en", member=member
    )
    made = [
        suggestions.publish_feedback(
            feedback=said, by=operator, title="Quiet", text="Less noise."
        )
        for _ in range(2)
    ]
    assert made[0] == made[1]
    client.force_login(make_member("reader"))
    page = client.get(made[0].get_absolute_url()).content.decode()
    assert "Less noise." in page
    assert member.name not in page


def test_pages_follow_one_another_without_a_gap(client, member, monkeypatch):
    monkeypatch.setattr(suggestions, "PER_PAGE", 2)
    monkeypatch.setattr(suggestions, "MOST_A_DAY", 9)
    made = [make(member, title=f"S{n}") for n in range(5)]
    suggestions.vote(suggestion=made[0], by=make_member("voter"))
    for sort, expected in (("votes", [0, 4, 3, 2, 1]), ("new", [4, 3, 2, 1, 0])):
        met, after = [], None
        while True:
            rows, more = suggestions.board(sort=sort, after=after)
            met += rows
            if not more:
                break
            votes_, pk = more.split("-")
            after = int(votes_), int(pk)
        assert met == [made[n] for n in expected]


def test_there_is_an_end_to_a_days_suggestions(member):
    for number in range(suggestions.MOST_A_DAY):
        make(member, title=str(number))
    with pytest.raises(TooManyPosts):
        make(member)


def test_who_is_forgotten_takes_their_votes_along(member, other_member):
    made = make(member)
    suggestions.vote(suggestion=made, by=other_member)
    privacy.erase_all(other_member)
    assert votes(made) == 1
    privacy.erase_all(member)
    made.refresh_from_db()
    assert made.author is None
