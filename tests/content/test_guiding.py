"""Keeping order: kinds, pins, the best, slow mode, moving, splitting, merging."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import (
    Activity,
    AuditRecord,
    Notification,
    Role,
    Space,
    SpaceMember,
    Verb,
)
from accounts.services.roles import grant_role
from accounts.services.spaces import give_place_role, join_space, leave_space
from content.errors import NotHere, TooManyPinned, TooSoon
from content.models import Post, ReadMarker, Rearrangement, SearchDocument, Topic
from content.services import discussions, duties, guiding, putting_back, rearranging
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic


@pytest.fixture
def space(db):
    return make_space("circle", access=Space.Access.PUBLIC)


@pytest.fixture
def topic(space, member):
    return make_topic(member, space=space, replies=3)


@pytest.fixture
def mentor(db):
    mentor = make_member("mentor")
    grant_role(member=mentor, role=Role.MENTOR)
    mentor.refresh_from_db()
    return mentor


@pytest.fixture
def own_guide(space, operator):
    guide = make_member("guide")
    give_place_role(space=space, member=guide, role="volunteer", by=operator)
    return guide


@pytest.fixture
def guide(client, own_guide):
    client.force_login(own_guide)
    return client


def again(topic):
    return Topic.objects.get(pk=topic.pk)


# Guides of a space ----------------------------------------------------------------


def test_a_volunteer_keeps_order_in_their_space_and_nowhere_else(guide, topic, member):
    elsewhere = make_topic(
        member, space=make_space("other", access=Space.Access.PUBLIC)
    )
    assert guide.post(f"/topics/{topic.pk}/close/").status_code == 302
    assert guide.post(f"/topics/{elsewhere.pk}/close/").status_code == 403
    assert again(topic).closed_at
    assert not again(elsewhere).closed_at


def test_the_page_of_a_topic_offers_order_to_its_guides(guide, topic, client):
    address = f"/topics/{topic.pk}/order/"
    assert address in guide.get(topic.get_absolute_url()).content.decode()
    client.force_login(make_member("reader"))
    assert address not in client.get(topic.get_absolute_url()).content.decode()


def test_whoever_leaves_a_space_guides_it_no_more(guide, space, own_guide, topic):
    leave_space(space=space, member=own_guide)
    join_space(space=space, member=own_guide)

    assert guide.post(f"/topics/{topic.pk}/close/").status_code == 403


def test_volunteers_name_no_guides_and_mentors_do(
    client, guide, space, operator, other_member
):
    order = {"act": "role", "member": "other", "role": "mentor"}
    assert guide.post("/spaces/circle/people/", order).status_code == 403

    mentor = make_member("their-mentor")
    give_place_role(space=space, member=mentor, role="mentor", by=operator)
    client.force_login(mentor)
    assert client.post("/spaces/circle/people/", order).status_code == 302
    place = SpaceMember.objects.get(space=space, member=other_member)
    assert place.role == "mentor"
    assert AuditRecord.objects.filter(act="space role given", actor=mentor).exists()
    charter = client.get("/spaces/circle/charter/").content.decode()
    assert "Other" in charter


# Kinds ----------------------------------------------------------------------------


def test_a_share_has_a_link_that_is_shown(client, space, member):
    client.force_login(member)
    order = {"kind": "share", "title": "Read this", "body": "It is good."}
    refused = client.post("/spaces/circle/new/", order)
    assert refused.status_code == 422
    assert "It is good." in refused.content.decode()

    client.post("/spaces/circle/new/", {**order, "link": "https://example.org/x"})
    topic = Topic.objects.get()
    assert (topic.kind, topic.link) == ("share", "https://example.org/x")
    page = client.get(topic.get_absolute_url()).content.decode()
    assert 'href="https://example.org/x" rel="nofollow ugc noopener"' in page


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "x y"])
def test_a_link_leads_to_a_page(client, space, member, link):
    client.force_login(member)
    order = {"kind": "share", "title": "Read", "body": "It.", "link": link}
    assert client.post("/spaces/circle/new/", order).status_code == 422


def test_a_case_begins_with_its_outline(client, space, member):
    client.force_login(member)
    page = client.get("/spaces/circle/new/?kind=case").content.decode()
    assert "## Context" in page


def test_a_case_is_more_than_its_outline(client, space, member):
    client.force_login(member)
    outline = "## Context\r\n\r\n## Problem\r\n## Method\r\n## Result\r\n"
    order = {"kind": "case", "title": "Ours", "link": ""}
    order["body"] = f"{outline}## What we learned\r\n"
    answer = client.post("/spaces/circle/new/", order)

    assert answer.status_code == 422
    assert "Write something below the headings." in answer.content.decode()
    order["body"] += "To begin early."
    assert client.post("/spaces/circle/new/", order).status_code == 302


def test_only_guides_announce(client, guide, space, member):
    order = {"kind": "announcement", "title": "Hear", "body": "All.", "link": ""}
    assert guide.post("/spaces/circle/new/", order).status_code == 302
    client.force_login(member)
    assert client.post("/spaces/circle/new/", order).status_code == 422


def test_an_author_changes_the_kind_until_an_answer_is_accepted(
    client, space, member, other_member
):
    topic = make_topic(member, space=space, kind="question")
    opening = topic.posts.get()
    client.force_login(member)
    order = {"title": topic.title, "body": opening.body, "kind": "case", "link": ""}
    client.post(f"/posts/{opening.pk}/edit/", order)
    assert again(topic).kind == "case"

    answered = make_topic(member, space=space, kind="question")
    discussions.accept_answer(post=make_post(answered, other_member), by=member)
    client.post(f"/posts/{answered.posts.first().pk}/edit/", order)
    assert again(answered).kind == "question"
    with pytest.raises(NotHere):
        guiding.change_kind(topic=answered, kind="case")


def test_lists_are_narrowed_by_kind(client, space, member):
    make_topic(member, space=space, kind="case", title="A case")
    make_topic(member, space=space, kind="discussion", title="A chat")
    page = client.get("/spaces/circle/?show=cases").content.decode()
    assert "A case" in page
    assert "A chat" not in page


# Pinned, and the best -------------------------------------------------------------


def test_what_is_pinned_heads_the_list_and_stands_there_once(client, space, member):
    old = make_topic(member, space=space, title="The oldest")
    make_topic(member, space=space, title="The newest")
    guiding.pin(topic=old)

    page = client.get("/spaces/circle/").content.decode()
    assert page.index("The oldest") < page.index("The newest")
    assert page.count("The oldest") == 1


def test_pinned_topics_stand_on_the_first_page_only(client, space, member):
    pinned = make_topic(member, space=space, title="Kept on top")
    guiding.pin(topic=pinned)
    for _ in range(21):
        make_topic(member, space=space)
    first = client.get("/spaces/circle/").content.decode()
    assert "Kept on top" in first
    after = first.split("after=", 1)[1].split('"', 1)[0]
    assert (
        "Kept on top"
        not in client.get(f"/spaces/circle/?after={after}").content.decode()
    )


def test_a_space_has_room_for_three_at_its_top(space, member):
    topics = [make_topic(member, space=space) for _ in range(4)]
    for topic in topics[:3]:
        guiding.pin(topic=topic)
    with pytest.raises(TooManyPinned):
        guiding.pin(topic=topics[3])
    guiding.unpin(topic=topics[0])
    guiding.pin(topic=topics[3])


@pytest.mark.django_db(transaction=True)
def test_two_guides_pin_no_more_than_there_is_room_for():
    author = make_member("author")
    space = make_space("circle")
    topics = [make_topic(author, space=space) for _ in range(6)]

    def pin(topic):
        try:
            guiding.pin(topic=topic)
        except TooManyPinned:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(pin, topics)) == 3


def test_the_best_have_a_tab_and_their_author_is_told_once(
    client, topic, member, mentor
):
    for _ in range(2):
        guiding.feature(topic=topic, by=mentor)

    deeds = Activity.objects.filter(verb=Verb.TOPIC_FEATURED)
    assert [deed.member_id for deed in deeds] == [member.pk]
    news = Notification.objects.get(member=member)
    assert news.kind == Notification.Kind.TOPIC_FEATURED
    assert topic.title in client.get("/spaces/circle/?show=best").content.decode()
    guiding.unfeature(topic=topic, by=mentor)
    assert topic.title not in client.get("/spaces/circle/?show=best").content.decode()


# Closing and slow mode ------------------------------------------------------------


def test_a_closed_topic_says_why(guide, topic):
    guide.post(f"/topics/{topic.pk}/close/", {"reason": "It went in circles."})
    page = guide.get(topic.get_absolute_url()).content.decode()
    assert "It went in circles." in page
    guide.post(f"/topics/{topic.pk}/close/", {"undo": "1"})
    assert again(topic).closed_reason == ""


def test_slow_mode_keeps_the_text_of_who_is_too_fast(client, topic, other_member):
    guiding.set_slow_mode(topic=topic, seconds=300)
    client.force_login(other_member)
    address = f"/topics/{topic.pk}/reply/"
    assert client.post(address, {"body": "First."}).status_code == 302
    refused = client.post(address, {"body": "Second words."})

    assert refused.status_code == 422
    assert "Second words." in refused.content.decode()
    assert "Slow mode: you may post again in" in refused.content.decode()


def test_slow_mode_ends_and_is_not_for_guides(topic, own_guide, other_member):
    guiding.set_slow_mode(topic=topic, seconds=300)
    topic = again(topic)
    for text in ("One.", "Two."):
        discussions.reply(topic=topic, author=own_guide, body=text)
    discussions.reply(topic=topic, author=other_member, body="One.")
    with pytest.raises(TooSoon):
        discussions.reply(topic=topic, author=other_member, body="Two.")
    Post.objects.filter(author=other_member).update(
        created_at=timezone.now() - dt.timedelta(seconds=301)
    )
    discussions.reply(topic=topic, author=other_member, body="Two.")


# Moving ---------------------------------------------------------------------------


def test_a_moved_topic_keeps_its_address_and_follows_its_new_space(
    client, topic, member, operator
):
    closed = make_space("closed", access=Space.Access.JOINED)
    guiding.pin(topic=topic)
    guiding.move(topic=topic, space=closed, by=operator, reason="Wrong place")

    assert client.get(topic.get_absolute_url()).status_code == 404
    assert topic.title not in client.get("/spaces/circle/").content.decode()
    assert not again(topic).pinned_at
    join_space(space=closed, member=member)
    client.force_login(member)
    assert client.get(topic.get_absolute_url()).status_code == 200
    assert topic.title in client.get("/spaces/closed/").content.decode()
    assert Notification.objects.get(member=member).kind == "topic_moved"
    record = AuditRecord.objects.get(act="topic moved")
    assert record.reason == "Wrong place"


@pytest.mark.django_db(transaction=True)
def test_the_search_knows_where_a_moved_topic_stands():
    operator = make_member("boss", is_superuser=True)
    topic = make_topic(make_member("author"), space=make_space("circle"))
    other = make_space("other")
    guiding.move(topic=topic, space=other, by=operator)

    found = SearchDocument.objects.filter(kind="post", object_id=topic.posts.get().pk)
    assert set(found.values_list("space_id", flat=True)) == {other.pk}


def test_a_guide_moves_to_spaces_they_guide_only(guide, topic, operator, own_guide):
    other = make_space("other", access=Space.Access.PUBLIC)
    address = f"/topics/{topic.pk}/move/"
    assert guide.post(address, {"space": other.pk}).status_code == 422
    give_place_role(space=other, member=own_guide, role="mentor", by=operator)
    assert guide.post(address, {"space": other.pk}).status_code == 302
    assert again(topic).space == other


# Splitting ------------------------------------------------------------------------


def test_split_posts_get_a_topic_with_numbers_of_its_own(
    topic, member, other_member, mentor
):
    away = make_post(topic, other_member, body="Something else.")
    answer = make_post(topic, member, reply_to=away)
    discussions.like_post(post=away, by=member)
    stays = make_post(topic, member, reply_to=away)
    discussions.mark_read(
        member_id=mentor.pk, topic_id=topic.pk, last_number=away.number
    )
    new = rearranging.split(
        topic=topic, numbers=[away.number, answer.number], title="Else", by=mentor
    )

    posts = list(new.posts.order_by("number"))
    assert [(it.pk, it.number) for it in posts] == [(away.pk, 1), (answer.pk, 2)]
    assert (new.author, new.space, new.last_number) == (other_member, topic.space, 2)
    assert (posts[0].like_count, posts[1].reply_to) == (1, away)
    assert Post.objects.get(pk=stays.pk).reply_to is None
    assert ReadMarker.objects.get(topic=new, member=mentor).last_number == 1
    left = again(topic)
    # Three replies, the one that stayed, and the post that says where they went.
    assert (left.reply_count, left.last_number) == (5, 8)
    assert f"/topics/{new.pk}-topic/" in left.posts.get(number=8).body
    assert AuditRecord.objects.filter(act="topic split").count() == 1


def test_an_accepted_answer_that_is_split_off_is_no_longer_accepted(
    space, member, other_member, mentor
):
    topic = make_topic(member, space=space, kind="question")
    answer = make_post(topic, other_member)
    discussions.accept_answer(post=answer, by=member)
    rearranging.split(topic=topic, numbers=[answer.number], title="T", by=mentor)

    assert not again(topic).is_answered
    assert Activity.objects.filter(verb=Verb.ANSWER_UNACCEPTED).count() == 1


def test_the_opening_and_hidden_posts_stay(topic, member, mentor):
    discussions.hide_post(post=topic.posts.get(number=2), reason="", by=mentor)
    with pytest.raises(NotHere):
        rearranging.split(topic=again(topic), numbers=[1, 2], title="T", by=mentor)


def test_splitting_asks_first_and_shows_both_topics(guide, topic):
    address = f"/topics/{topic.pk}/split/"
    order = {"title": "Else", "numbers": ["2", "3"]}
    assert guide.post(address, order).status_code == 200
    assert Topic.objects.count() == 1
    answer = guide.post(address, {**order, "sure": "1"})
    new = Topic.objects.get(title="Else")
    assert answer.url == new.get_absolute_url()
    for it in (topic, new):
        assert guide.get(it.get_absolute_url()).status_code == 200


# Merging --------------------------------------------------------------------------


@pytest.fixture
def into(space, other_member):
    return make_topic(other_member, space=space, replies=1, title="The first of two")


def test_merged_posts_stand_behind_the_others_and_keep_their_thanks(
    client, topic, into, member, mentor
):
    opening = topic.posts.get(number=1)
    discussions.like_post(post=opening, by=mentor)
    merged = rearranging.merge(topic=topic, into=into, by=mentor)

    assert [it.number for it in merged.posts.order_by("number")] == [*range(1, 7)]
    moved = Post.objects.get(pk=opening.pk)
    assert (moved.topic, moved.number, moved.like_count) == (into, 3, 1)
    assert (again(into).last_number, again(into).reply_count) == (6, 5)
    answer = client.get(topic.get_absolute_url())
    assert answer.url == f"{into.get_absolute_url()}#post-3"
    assert client.get(into.get_absolute_url()).status_code == 200
    assert topic.title not in client.get("/spaces/circle/").content.decode()
    assert Notification.objects.get(member=member).kind == "topic_moved"
    assert AuditRecord.objects.filter(act="topic merged").count() == 1


def test_addresses_lead_on_through_two_merges(
    client, topic, into, member, mentor, operator
):
    third = make_topic(member, space=topic.space, title="The third")
    rearranging.merge(topic=topic, into=into, by=mentor)
    rearranging.merge(topic=into, into=third, by=mentor)

    assert client.get(topic.get_absolute_url()).url == third.url_of(4)
    client.force_login(operator)
    assert client.get(topic.get_absolute_url()).url == third.url_of(4)
    assert client.get(f"/topics/{topic.pk}/order/").status_code == 404


def test_the_old_address_tells_nothing_of_where_one_may_not_read(
    client, topic, mentor, operator, other_member
):
    closed = make_space("closed", access=Space.Access.JOINED)
    into = make_topic(other_member, space=closed, title="Secret words")
    rearranging.merge(topic=topic, into=into, by=operator)

    assert client.get(topic.get_absolute_url()).status_code == 404


def test_what_cannot_be_merged(topic, into, member, space, mentor):
    poll = make_topic(member, space=space, kind="poll")
    hidden = make_topic(member, space=space)
    discussions.hide_topic(topic=hidden, reason="")
    for one, other in ((topic, topic), (poll, into), (hidden, into), (into, hidden)):
        with pytest.raises(NotHere):
            rearranging.merge(topic=one, into=other, by=mentor)


def test_a_merged_topic_is_not_shown_again(topic, into, mentor):
    rearranging.merge(topic=topic, into=into, by=mentor)
    discussions.unhide_topic(topic=topic)

    assert again(topic).hidden_at


def test_merging_asks_first_and_takes_an_address(guide, topic, into):
    address = f"/topics/{topic.pk}/merge/"
    order = {"into": f"https://example.org{into.get_absolute_url()}"}
    assert guide.post(address, {"into": "nowhere"}).status_code == 422
    asked = guide.post(address, order)
    assert "The first of two" in asked.content.decode()
    assert not again(topic).merged_into
    guide.post(address, {**order, "sure": "1"})
    assert again(topic).merged_into == into


@pytest.mark.parametrize(
    ("kind", "to_itself", "said"),
    [
        ("discussion", True, "That is this topic itself."),
        ("announcement", False, "Polls and announcements are more than their posts"),
    ],
)
def test_a_refused_merge_says_why(guide, space, member, into, kind, to_itself, said):
    topic = make_topic(member, space=space, kind=kind)
    order = {"into": topic.pk if to_itself else into.pk, "sure": "1"}
    answer = guide.post(f"/topics/{topic.pk}/merge/", order)
    assert answer.status_code == 422
    assert said in answer.content.decode()


# Taking it back -------------------------------------------------------------------


def the_last():
    return Rearrangement.objects.get()


def numbers_of(topic):
    return list(topic.posts.order_by("number").values_list("pk", "number"))


def test_a_merge_is_taken_back_with_what_was_accepted_and_followed(
    client, space, into, member, other_member, mentor
):
    question = make_topic(member, space=space, kind="question", title="How so?")
    answer = make_post(question, other_member)
    discussions.accept_answer(post=answer, by=member)
    duties.begin(topic=question, space=space, field=None)
    duty = question.duty.due_at
    before = numbers_of(question), numbers_of(into)
    follows = set(into.follows.values_list("member"))
    rearranging.merge(topic=question, into=into, by=mentor)
    discussions.mark_read(member_id=mentor.pk, topic_id=into.pk, last_number=4)
    putting_back.put_back(done=the_last(), by=mentor)

    question, into = again(question), again(into)
    assert (numbers_of(question), numbers_of(into)) == before
    assert (question.hidden_at, question.merged_into) == (None, None)
    assert (question.accepted, question.duty.due_at) == ([answer.number], duty)
    assert (question.reply_count, into.reply_count, into.last_number) == (1, 1, 2)
    assert ReadMarker.objects.get(topic=into, member=mentor).last_number == 2
    assert set(into.follows.values_list("member")) == follows
    assert client.get(question.get_absolute_url()).status_code == 200
    assert AuditRecord.objects.filter(act="topic merge taken back").count() == 1


def test_what_was_written_since_a_merge_stays_where_it_was_written(
    topic, into, member, other_member, mentor
):
    rearranging.merge(topic=topic, into=into, by=mentor)
    moved = into.posts.get(number=3)
    later = make_post(again(into), other_member, reply_to=moved)
    putting_back.put_back(done=the_last(), by=mentor)

    later = Post.objects.get(pk=later.pk)
    assert (later.topic, later.number, later.reply_to) == (into, 7, None)
    assert again(into).last_number == 7
    assert [it for _pk, it in numbers_of(topic)] == [1, 2, 3, 4]


def test_addresses_lead_on_after_the_second_merge_is_taken_back(
    client, topic, into, member, mentor
):
    third = make_topic(member, space=topic.space, title="The third")
    rearranging.merge(topic=topic, into=into, by=mentor)
    rearranging.merge(topic=into, into=third, by=mentor)
    first, second = Rearrangement.objects.order_by("pk")
    with pytest.raises(NotHere):
        putting_back.put_back(done=first, by=mentor)
    putting_back.put_back(done=second, by=mentor)

    assert client.get(topic.get_absolute_url()).url == into.url_of(3)
    putting_back.put_back(done=first, by=mentor)
    assert client.get(topic.get_absolute_url()).status_code == 200


def test_a_split_is_taken_back_and_its_address_leads_home(
    client, topic, member, other_member, mentor
):
    away = make_post(topic, other_member)
    stays = make_post(topic, member, reply_to=away)
    rearranging.split(topic=topic, numbers=[away.number], title="Else", by=mentor)
    new = Topic.objects.get(title="Else")
    later = make_post(new, member, body="Since then")
    putting_back.put_back(done=the_last(), by=mentor)

    topic = again(topic)
    assert Post.objects.get(pk=away.pk).number == 5
    assert Post.objects.get(pk=stays.pk).reply_to == away
    assert topic.posts.get(pk=later.pk).number == 8
    assert topic.posts.get(number=7).hidden_at  # the note
    assert topic.reply_count == 6
    assert client.get(new.get_absolute_url()).url == topic.url_of(5)
    assert client.get(topic.get_absolute_url()).status_code == 200


def test_an_accepted_answer_comes_home_accepted(space, member, other_member, mentor):
    topic = make_topic(member, space=space, kind="question")
    answer = make_post(topic, other_member)
    discussions.accept_answer(post=answer, by=member)
    rearranging.split(topic=topic, numbers=[answer.number], title="T", by=mentor)
    putting_back.put_back(done=the_last(), by=mentor)

    assert again(topic).accepted == [answer.number]


def test_after_a_day_a_merge_stays(guide, own_guide, topic, into):
    rearranging.merge(topic=topic, into=into, by=own_guide)
    done = the_last()
    order = f"/topics/{into.pk}/order/"
    undo = f"/rearrangements/{done.pk}/undo/"
    assert undo in guide.get(order).content.decode()
    Rearrangement.objects.update(at=timezone.now() - dt.timedelta(days=1, minutes=1))
    assert undo not in guide.get(order).content.decode()
    answer = guide.post(undo, {"sure": "1"}, follow=True)
    assert "That was more than a day ago." in answer.content.decode()
    assert again(topic).merged_into == into


def test_who_did_it_takes_it_back_after_being_asked(guide, own_guide, topic, into):
    rearranging.merge(topic=topic, into=into, by=own_guide)
    undo = f"/rearrangements/{the_last().pk}/undo/"
    guide.post(undo)
    assert again(topic).merged_into
    answer = guide.post(undo, {"sure": "1"})
    assert answer.url == topic.get_absolute_url()
    assert not again(topic).merged_into
    assert guide.post(undo, {"sure": "1"}).status_code == 302


def test_another_guide_neither_sees_nor_takes_it_back(guide, topic, into, operator):
    rearranging.merge(topic=topic, into=into, by=operator)
    undo = f"/rearrangements/{the_last().pk}/undo/"
    page = guide.get(f"/topics/{into.pk}/order/").content.decode()
    assert undo not in page
    assert guide.post(undo, {"sure": "1"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_topics_merged_into_each_other_at_once_become_one():
    author, space = make_member("author"), make_space("circle")
    one, two = (make_topic(author, space=space, replies=2) for _ in range(2))

    def merge(pair):
        try:
            rearranging.merge(topic=pair[0], into=pair[1], by=author)
        except NotHere:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(merge, [(one, two), (two, one)])) == 1
    left = Topic.objects.get(hidden_at=None)
    assert (left.posts.count(), left.last_number) == (6, 6)
