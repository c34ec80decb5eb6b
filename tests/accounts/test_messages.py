import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import privacy
from accounts.errors import NotTaken, TooManyMessages, WaitForAnswer
from accounts.models import (
    AuditRecord,
    Conversation,
    Message,
    MessageReport,
    Notification,
    User,
)
from accounts.services import blocks, follows, messages, retention
from accounts.services.notifications import tell
from tests.factories.accounts import make_member

SECRET = "the cat is in the garden"


@pytest.fixture
def lin(db):
    return make_member("lin", date_joined=timezone.now() - dt.timedelta(days=99))


@pytest.fixture
def mei(db):
    return make_member("mei")


def write(sender, to, body="Hello", **more):
    return messages.send(sender=sender, to=to, body=body, **more)


def unread(member):
    member.refresh_from_db()
    return member.unread_messages


# Writing ---------------------------------------------------------------------------


def test_two_members_have_one_conversation_whoever_began(lin, mei):
    write(lin, mei)
    write(mei, lin, "*Hi*")

    conversation = Conversation.objects.get()
    assert [it.number for it in conversation.messages.order_by("number")] == [1, 2]
    assert conversation.messages.get(number=2).body_html == "<p><em>Hi</em></p>\n"


def test_the_same_form_sent_twice_writes_once(lin, mei):
    form = uuid4()
    assert write(lin, mei, form_key=form) == write(lin, mei, form_key=form)
    assert Message.objects.count() == 1


def test_the_header_counts_conversations_with_news(lin, mei, other_member):
    write(lin, mei)
    write(lin, mei, "And?")
    write(other_member, mei)
    assert (unread(mei), unread(lin)) == (2, 0)

    conversation = messages.between(lin, mei)
    messages.mark_read(member=mei, conversation=conversation, number=2)
    messages.mark_read(member=mei, conversation=conversation, number=2)
    assert unread(mei) == 1


def test_answering_is_reading(lin, mei):
    write(lin, mei)
    write(mei, lin)

    assert (unread(mei), unread(lin)) == (0, 1)


def test_news_is_told_once_until_it_is_read(lin, mei):
    write(lin, mei)
    write(lin, mei, "And?")
    news = Notification.objects.filter(member=mei)
    assert news.count() == 1

    messages.mark_read(member=mei, conversation=messages.between(lin, mei), number=2)
    assert news.get().read_at
    write(lin, mei, "So?")
    assert news.filter(read_at=None).count() == 1


def test_news_says_who_and_not_what(lin, mei, other_member):
    conversation = write(lin, mei, SECRET).conversation

    told = messages.shown_to(mei, [conversation.pk])
    assert told == {
        conversation.pk: ("Message from Lin", f"/me/messages/{conversation.pk}/")
    }
    assert messages.shown_to(other_member, [conversation.pk]) == {}


@pytest.mark.parametrize(
    ("choice", "follows_me", "taken"),
    [
        ("everyone", False, True),
        ("followed", False, False),
        ("followed", True, True),
        ("nobody", True, False),
    ],
)
def test_members_choose_who_may_write_to_them(lin, mei, choice, follows_me, taken):
    User.objects.filter(pk=mei.pk).update(messages_from=choice)
    if follows_me:
        follows.follow(follower=mei, followed=lin)
    if taken:
        assert write(lin, mei)
        return
    with pytest.raises(NotTaken):
        write(lin, mei)


def test_whom_one_has_answered_may_go_on(lin, mei):
    write(lin, mei)
    write(mei, lin)
    User.objects.filter(pk=mei.pk).update(messages_from="followed")

    assert write(lin, mei, "Thanks")


def test_who_has_not_answered_is_left_alone(lin, mei):
    for n in range(messages.UNANSWERED):
        write(lin, mei, f"{n}")
    with pytest.raises(WaitForAnswer):
        write(lin, mei, "And now?")

    write(mei, lin)
    assert write(lin, mei, "At last")


def test_who_has_just_come_begins_few_conversations_a_day(lin, mei):
    for sender, most in (
        (mei, messages.BEGUN_A_DAY_BY_NEW),
        (lin, messages.BEGUN_A_DAY_BY_NEW + 1),
    ):
        for n in range(most):
            write(sender, make_member(f"{sender.username}-{n}"))
    with pytest.raises(TooManyMessages):
        write(mei, lin)


def test_nobody_writes_faster_than_a_person(lin, mei):
    write(mei, lin)
    for n in range(messages.PER_MINUTE):
        write(lin, mei, f"{n}")
    with pytest.raises(TooManyMessages):
        write(lin, mei, "more")


@pytest.mark.django_db(transaction=True)
def test_two_who_write_to_each_other_at_once_wait_and_both_arrive():
    lin, mei = make_member("lin"), make_member("mei")

    def answer():
        try:
            write(mei, lin, "Me too")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            write(lin, mei)
            other = pool.submit(answer)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.3)
        other.result(timeout=5)

    assert [it.number for it in Message.objects.order_by("number")] == [1, 2]
    assert (unread(lin), unread(mei)) == (1, 0)


# Blocks ----------------------------------------------------------------------------


def test_the_blocked_cannot_write_and_nothing_tells_them_why(client, lin, mei):
    blocks.block(blocker=mei, blocked=lin)
    blocks.block(blocker=mei, blocked=lin)
    client.force_login(lin)
    page = client.post("/people/mei/write/", {"body": SECRET})

    User.objects.filter(pk=mei.pk).update(messages_from="nobody")
    blocks.unblock(blocker=mei, blocked=lin)
    other = client.post("/people/mei/write/", {"body": SECRET})

    said = "They do not take messages from you at the moment."
    for response in (page, other):
        assert response.status_code == 422
        assert said in response.content.decode()
        assert SECRET in response.content.decode()  # what was typed is kept
    assert not Message.objects.exists()


def test_who_blocks_hears_no_news_of_the_blocked(lin, mei, other_member):
    blocks.block(blocker=mei, blocked=lin)
    tell(
        [mei.pk, other_member.pk],
        kind=Notification.Kind.MENTIONED,
        key="mention:1",
        actor=lin,
    )

    assert [it.member for it in Notification.objects.all()] == [other_member]


def test_a_block_is_taken_back_from_the_list(client, lin, mei):
    client.force_login(mei)
    client.post("/people/lin/block/", {"block": "yes"})
    assert "Lin" in client.get("/me/blocks/").content.decode()

    client.post("/people/lin/block/", {"block": "no"})
    assert "Lin" not in client.get("/me/blocks/").content.decode()
    assert write(lin, mei)


# Pages -----------------------------------------------------------------------------


def test_a_member_is_written_to_from_their_page(client, lin, mei):
    client.force_login(lin)
    assert "/people/mei/write/" in client.get("/people/mei/").content.decode()
    page = client.post("/people/mei/write/", {"body": SECRET}, follow=True)
    assert SECRET in page.content.decode()

    client.force_login(mei)
    assert "1 conversation with news" in client.get("/me/messages/").content.decode()
    conversation = Conversation.objects.get()
    page = client.get(conversation.get_absolute_url()).content.decode()
    assert SECRET in page
    assert "New since your last visit" in page
    assert "with news" not in page
    client.post(conversation.get_absolute_url(), {"body": "Which cat?"})
    assert conversation.messages.count() == 2


def test_who_takes_no_messages_has_no_button(client, lin, mei):
    User.objects.filter(pk=mei.pk).update(messages_from="nobody")
    client.force_login(lin)

    assert "/people/mei/write/" not in client.get("/people/mei/").content.decode()


def test_an_open_page_asks_for_what_is_new(client, lin, mei):
    conversation = write(lin, mei).conversation
    news = f"{conversation.get_absolute_url()}news/?after="
    client.force_login(mei)
    assert client.get(f"{news}1").status_code == 204

    write(lin, mei, SECRET)
    page = client.get(f"{news}1").content.decode()
    assert SECRET in page
    assert f"{news}2" in page
    assert unread(mei) == 0


def test_earlier_messages_are_a_page_of_their_own(client, lin, mei):
    conversation = write(mei, lin, "The very first").conversation
    Message.objects.bulk_create(
        Message(conversation=conversation, number=n, author=lin, body_html=f"{n}")
        for n in range(2, 62)
    )
    Conversation.objects.update(last_number=61)
    client.force_login(mei)
    url = conversation.get_absolute_url()
    assert "The very first" not in client.get(url).content.decode()

    page = client.get(f"{url}?before=12").content.decode()
    assert "The very first" in page
    assert "every 15s" not in page


def test_the_inbox_goes_on_where_its_page_ended(lin, mei, monkeypatch):
    monkeypatch.setattr(messages, "INBOX_PAGE", 2)
    people = [make_member(f"p{n}") for n in range(3)]
    for person in people:
        write(person, mei)

    first, more = messages.inbox(mei)
    assert more
    last, more = messages.inbox(mei, after=first[-1].pk)
    assert [it.other for it in [*first, *last]] == people[::-1]
    assert not more


def test_the_inbox_costs_the_same_however_many_write(client, mei, lin):
    from django.test.utils import CaptureQueriesContext

    def statements():
        client.get("/me/messages/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/me/messages/")
        return len(queries)

    client.force_login(mei)
    write(lin, mei)
    one = statements()
    for n in range(3):
        write(make_member(f"p{n}"), mei)
    assert statements() == one


def test_what_is_thrown_away_is_away_for_one(client, lin, mei):
    conversation = write(lin, mei, SECRET).conversation
    client.force_login(mei)
    clear = f"{conversation.get_absolute_url()}clear/"
    assert "Throw this conversation away?" in client.post(clear).content.decode()
    client.post(clear, {"sure": "1"})

    assert messages.inbox(mei) == ([], False)
    assert SECRET not in client.get(conversation.get_absolute_url()).content.decode()
    assert SECRET not in json.dumps(privacy.export_all(mei), default=str)
    assert len(messages.inbox(lin)[0]) == 1
    write(lin, mei, "Again")
    (seat,) = messages.inbox(mei)[0]
    assert [it.body for it in messages.messages_in(seat)[0]] == ["Again"]


def test_others_find_no_conversation(client, lin, mei, other_member, operator):
    conversation = write(lin, mei, SECRET).conversation
    for stranger in (other_member, operator):
        client.force_login(stranger)
        assert client.get(conversation.get_absolute_url()).status_code == 404


# Reports ---------------------------------------------------------------------------


@pytest.fixture
def reported(lin, mei):
    write(mei, lin, "Who are you?")
    for n in range(1, 10):
        write(lin, mei, f"number {n}.")
    conversation = messages.between(lin, mei)
    return conversation.messages.get(number=6)


def test_a_report_hands_over_a_few_messages_and_only_by_consent(client, reported, mei):
    client.force_login(mei)
    url = f"/me/messages/{reported.conversation_id}/report/6/"
    assert client.post(url, {"words": "Rude"}).status_code == 422
    client.post(url, {"words": "Rude", "agrees": "on"})
    client.post(url, {"words": "Rude", "agrees": "on"})

    report = MessageReport.objects.get()
    assert [it["number"] for it in report.excerpt] == [3, 4, 5, 6, 7, 8, 9]


def test_ones_own_message_is_not_reported(client, reported, lin):
    client.force_login(lin)
    url = f"/me/messages/{reported.conversation_id}/report/6/"

    assert client.get(url).status_code == 404


def test_operators_read_what_was_reported_and_that_is_noted(
    client, reported, mei, operator
):
    report = messages.report(message=reported, reporter=mei, words="Rude")
    client.force_login(operator)
    listed = client.get("/admin/accounts/messagereport/").content.decode()
    assert "number 5" not in listed

    url = f"/admin/accounts/messagereport/{report.pk}/"
    page = client.get(f"{url}change/").content.decode()
    assert "number 5." in page
    assert "number 9." not in page
    assert AuditRecord.objects.filter(act="read a reported message").count() == 1

    client.post(f"{url}settle/", {"note": "Talked to them."})
    report.refresh_from_db()
    assert report.closed_by == operator


def test_markup_in_a_report_is_text(client, lin, mei, operator):
    message = write(lin, mei, "<script>alert(1)</script>")
    report = messages.report(message=message, reporter=mei, words="Odd")
    client.force_login(operator)
    page = client.get(f"/admin/accounts/messagereport/{report.pk}/change/")

    assert "<script>alert(1)" not in page.content.decode()


# Data ------------------------------------------------------------------------------


def test_a_copy_has_both_sides_and_nothing_of_others(lin, mei, other_member):
    write(lin, mei, SECRET)
    for member, table in ((lin, "messages written"), (mei, "messages received")):
        (row,) = privacy.export_all(member)["accounts"][table]
        assert row["body"] == SECRET

    assert SECRET not in json.dumps(privacy.export_all(other_member), default=str)


def test_who_leaves_takes_their_words_along(client, lin, mei, reported):
    messages.report(message=reported, reporter=mei, words="Rude")
    blocks.block(blocker=lin, blocked=mei)
    privacy.erase_all(lin)

    assert not Message.objects.filter(author=lin).exclude(body="").exists()
    assert MessageReport.objects.get().excerpt == []
    client.force_login(mei)
    page = client.get(reported.conversation.get_absolute_url()).content.decode()
    assert "A former member" in page
    assert "number 5" not in page
    with pytest.raises(NotTaken):
        write(mei, lin)


def test_what_was_kept_long_enough_goes(lin, mei, reported, operator):
    retention.make_defaults()
    report = messages.report(message=reported, reporter=mei, words="Rude")
    long_ago = timezone.now() - dt.timedelta(days=1500)
    Message.objects.filter(number__lt=5).update(at=long_ago)
    assert retention.enforce()["messages"] == 4

    messages.settle_report(report=report, by=operator, note="Done")
    MessageReport.objects.update(closed_at=long_ago)
    assert retention.enforce()["reports"] == 1
