import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Activity, Verb
from content.errors import TooManyPosts, TopicClosed
from content.models import Post, Reaction, ReadMarker, Topic
from content.services import discussions
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_post, make_topic


def verbs():
    return list(Activity.objects.order_by("id").values_list("verb", flat=True))


@pytest.fixture
def question(member):
    return make_topic(member, kind=Topic.Kind.QUESTION)


@pytest.fixture
def answer(question, other_member):
    return make_post(question, other_member)


def test_a_topic_starts_with_its_text_as_post_number_one(member):
    topic = discussions.start_topic(
        author=member, kind="question", title="Why?", body="*So*.", space=make_space()
    )

    post = topic.posts.get()
    assert (post.number, post.body_html) == (1, "<p><em>So</em>.</p>\n")
    assert (topic.reply_count, topic.last_number) == (0, 1)
    assert verbs() == [Verb.TOPIC_STARTED]


def test_replies_are_numbered_counted_and_recorded(question, other_member):
    post = discussions.reply(topic=question, author=other_member, body="Because.")

    question.refresh_from_db()
    assert (post.number, question.last_number, question.reply_count) == (2, 2, 1)
    assert question.last_post_at == post.created_at
    activity = Activity.objects.get()
    assert activity.verb == Verb.REPLIED
    assert activity.data == {"topic": question.pk, "asker": question.author_id}


def test_the_same_form_sent_twice_posts_once(question, member):
    form = uuid4()
    first = discussions.reply(topic=question, author=member, body="Hi", form_key=form)
    again = discussions.reply(topic=question, author=member, body="Hi", form_key=form)

    assert again == first
    assert question.posts.count() == 2
    assert verbs() == [Verb.REPLIED]


def test_going_back_and_writing_something_else_is_a_new_post(question, member):
    form = uuid4()
    discussions.reply(topic=question, author=member, body="Hi", form_key=form)
    discussions.reply(topic=question, author=member, body="Ho", form_key=form)

    assert question.posts.count() == 3


def test_a_topic_form_sent_twice_starts_one_topic(member):
    order = {
        "author": member,
        "kind": "discussion",
        "title": "Hello",
        "body": "All",
        "space": make_space(),
        "form_key": uuid4(),
    }
    assert discussions.start_topic(**order) == discussions.start_topic(**order)
    assert Topic.objects.count() == 1


def test_a_closed_topic_takes_no_reply(question, member):
    discussions.close_topic(topic=question)

    with pytest.raises(TopicClosed):
        discussions.reply(topic=question, author=member, body="Too late")


def test_nobody_writes_more_in_a_minute_than_a_person_can(question, member):
    Post.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    for n in range(discussions.POSTS_PER_MINUTE):
        discussions.reply(topic=question, author=member, body=f"{n}")

    with pytest.raises(TooManyPosts):
        discussions.reply(topic=question, author=member, body="Once more")


def test_accepting_names_author_asker_and_who_accepted(question, answer, member):
    discussions.accept_answer(post=answer, by=member)
    discussions.accept_answer(post=answer, by=member)

    activity, chosen = Activity.objects.order_by("id")
    assert activity.verb == Verb.ANSWER_ACCEPTED
    assert chosen.verb == Verb.ANSWER_CHOSEN
    assert activity.member == answer.author
    assert (activity.object_kind, activity.object_id) == ("post", answer.pk)
    ids = {"topic": question.pk, "asker": member.pk, "by": member.pk}
    assert activity.data == ids


def test_hiding_the_accepted_answer_takes_its_mark(question, answer, member, operator):
    discussions.accept_answer(post=answer, by=member)
    discussions.hide_post(post=answer, reason="Advertising", by=operator)

    question.refresh_from_db()
    assert not question.is_answered
    assert question.reply_count == 0
    discussions.unhide_post(post=answer)
    question.refresh_from_db()
    assert question.reply_count == 1


def test_thanks_count_once_per_member(question, answer, member):
    for _ in range(2):
        discussions.like_post(post=answer, by=member)
    answer.refresh_from_db()
    assert answer.like_count == 1

    for _ in range(2):
        discussions.unlike_post(post=answer, by=member)
    answer.refresh_from_db()
    assert answer.like_count == 0


def test_an_edit_renders_anew_and_says_so(question, member):
    post = discussions.edit_post(
        post=question.posts.get(), body="**New**", title="What?"
    )

    question.refresh_from_db()
    assert post.body_html == "<p><strong>New</strong></p>\n"
    assert post.edited_at is not None
    assert question.title == "What?"


def every_visible_change(question, answer, member):
    yield lambda: discussions.reply(topic=question, author=member, body="More")
    yield lambda: discussions.edit_post(post=answer, body="Other words")
    yield lambda: discussions.accept_answer(post=answer, by=member)
    yield lambda: discussions.unaccept_answer(post=answer, by=member)
    yield lambda: discussions.like_post(post=answer, by=member)
    yield lambda: discussions.unlike_post(post=answer, by=member)
    agree = Reaction.Kind.AGREE
    yield lambda: discussions.react(post=answer, kind=agree, by=member)
    yield lambda: discussions.take_back_reaction(post=answer, kind=agree, by=member)
    yield lambda: discussions.close_topic(topic=question)
    yield lambda: discussions.reopen_topic(topic=question)
    yield lambda: discussions.hide_post(post=answer, reason="", by=member)
    yield lambda: discussions.unhide_post(post=answer)
    yield lambda: discussions.hide_topic(topic=question, reason="")
    yield lambda: discussions.unhide_topic(topic=question)
    yield lambda: discussions.show_author_anew(answer.author_id)


def test_every_visible_change_brings_a_new_revision(question, answer, member):
    for change in every_visible_change(question, answer, member):
        question.refresh_from_db()
        before = question.revision
        change()
        question.refresh_from_db()
        assert question.revision > before


def test_reading_never_goes_backwards(question, member):
    for number in (3, 7, 5):
        discussions.mark_read(
            member_id=member.pk, topic_id=question.pk, last_number=number
        )

    assert ReadMarker.objects.get().last_number == 7


def test_a_quotation_is_cut_and_marked_line_by_line(question, member):
    make_post(question, member, body="one\ntwo")

    assert discussions.quotation(topic_id=question.pk, number=2) == "> one\n> two\n\n"
    assert discussions.quotation(topic_id=question.pk, number=9) == ""


@pytest.mark.django_db(transaction=True)
def test_two_replies_at_once_take_turns_and_get_two_numbers():
    asker, other = make_member("asker"), make_member("other")
    topic = make_topic(asker)

    def answer():
        try:
            return discussions.reply(topic=topic, author=other, body="Second").number
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = discussions.reply(topic=topic, author=asker, body="First").number
            second = pool.submit(answer)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert (first, second.result(timeout=5)) == (2, 3)
