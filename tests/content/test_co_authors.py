"""Who is named beside an author is asked first, and free to leave."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts import privacy
from accounts.services import mails
from content import access
from content.errors import NotAskedAgain, TooManyInvitations
from content.models import CoAuthorInvitation, EditorialStep
from content.services import co_authors, editorial, writing
from tests.factories.accounts import make_member
from tests.factories.courses import make_item
from tests.factories.writing import (
    make_co_author,
    make_draft,
    make_mentor,
    make_ready,
    make_reviewer,
    save,
)

pytestmark = pytest.mark.django_db
Act = EditorialStep.Act


@pytest.fixture
def mentor():
    return make_mentor()


@pytest.fixture
def draft(mentor):
    return make_ready(mentor)


def ask(item, member):
    co_authors.ask(item=item, member=member, by=item.author)
    return item.invitations.get(member=member)


def told(member):
    mails.deliver_waiting()
    return [it.subject for it in mail.outbox if it.to == [member.email]]


def text_of(response):
    return response.content.decode()


def test_who_is_asked_has_no_rights_and_gets_no_mails(client, draft, mentor, member):
    live = make_item("live", author=mentor)
    ask(draft, member)
    ask(live, member)
    editorial.comment(item=draft, by=mentor, text="Read me.")
    assert len(told(member)) == 1  # the question itself

    client.force_login(member)
    for path in (f"/studio/items/{draft.pk}/", draft.get_absolute_url()):
        assert client.get(path).status_code == 404
    assert client.post(f"/studio/items/{draft.pk}/write/").status_code == 404
    assert (
        member.get_absolute_url()
        not in text_of(client.get("/library/live/"))
        .split("</article>")[0]
        .split("<article")[1]
    )
    assert not member.co_written.exists()


def test_who_is_asked_sees_it_and_accepts(client, draft, member):
    invitation = ask(draft, member)
    client.force_login(member)
    assert "/studio/" in text_of(client.get("/")).split("asks you to write")[1]
    assert draft.title in text_of(client.get("/studio/"))

    path = f"/studio/invitations/{invitation.pk}/answer/"
    for _twice in range(2):
        client.post(path, {"answer": "accept"})
    assert [it.member for it in draft.co_authors.all()] == [member]
    assert client.get(f"/studio/items/{draft.pk}/write/").status_code == 200
    assert "asks you to write" not in text_of(client.get("/"))


def test_who_declined_is_let_be_for_months(client, draft, mentor, member):
    invitation = ask(draft, member)
    client.force_login(member)
    client.post(f"/studio/invitations/{invitation.pk}/answer/", {"answer": "decline"})
    assert not draft.co_authors.exists()

    client.force_login(mentor)
    path = f"/studio/items/{draft.pk}/authors/"
    answer = client.post(path, {"name": member.username})
    assert answer.status_code == 422
    assert "have declined" in text_of(answer)
    assert len(told(member)) == 1
    with time_machine.travel(timezone.now() + dt.timedelta(days=91), tick=False):
        ask(draft, member)
        assert len(told(member)) == 2
        assert co_authors.waiting_for(member).exists()


def test_one_mail_however_often_one_is_asked(draft, mentor, member):
    for _twice in range(2):
        ask(draft, member)
    co_authors.take_back(invitation=draft.invitations.get())
    assert not co_authors.waiting_for(member).exists()
    ask(draft, member)
    assert co_authors.waiting_for(member).exists()
    writing.discard(item=draft)
    ask(make_draft(mentor), member)
    assert len(told(member)) == 1


def test_nobody_asks_a_crowd_in_a_day(client, draft, mentor):
    crowd = [make_member(f"m{n}") for n in range(co_authors.MOST_A_DAY + 1)]
    for one in crowd[:-1]:
        ask(draft, one)
    with pytest.raises(TooManyInvitations):
        ask(draft, crowd[-1])
    writing.discard(item=draft)  # which gives no new ones
    client.force_login(mentor)
    path = f"/studio/items/{make_draft(mentor).pk}/authors/"
    assert client.post(path, {"name": crowd[-1].username}).status_code == 422
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, hours=1)):
        ask(make_draft(mentor), crowd[-1])


def test_what_was_taken_back_cannot_be_accepted(client, draft, member):
    invitation = ask(draft, member)
    co_authors.take_back(invitation=invitation)
    client.force_login(member)
    path = f"/studio/invitations/{invitation.pk}/answer/"
    page = client.post(path, {"answer": "accept"}, follow=True)
    assert "taken back meanwhile" in text_of(page)
    assert not draft.co_authors.exists()


def test_co_authors_leave_by_themselves_and_are_let_be(client, draft, member):
    co_author = make_co_author(draft, member)
    client.force_login(member)
    page = text_of(client.get(f"/studio/items/{draft.pk}/"))
    assert "Leave the authors" in page
    path = f"/studio/authors/{co_author.pk}/"
    asked = text_of(client.post(path, {"do": "remove"}))
    assert "Are you sure?" in asked
    assert draft.co_authors.exists()

    client.post(path, {"do": "remove", "sure": "1"})
    assert not draft.co_authors.exists()
    with pytest.raises(NotAskedAgain):
        ask(draft, member)


def test_whom_the_author_took_out_may_be_asked_again(draft, member):
    co_authors.remove(co_author=make_co_author(draft, member))
    co_authors.accept(invitation=ask(draft, member))
    assert draft.co_authors.get().member == member


def test_the_author_sees_who_was_asked_and_takes_it_back(client, draft, mentor, member):
    invitation = ask(draft, member)
    client.force_login(mentor)
    assert "Take back" in text_of(client.get(f"/studio/items/{draft.pk}/"))
    client.post(f"/studio/invitations/{invitation.pk}/take-back/")
    assert "Take back" not in text_of(client.get(f"/studio/items/{draft.pk}/"))


def test_invitations_are_taken_along_and_forgotten(draft, mentor, member, other_member):
    ask(draft, member)
    ask(draft, other_member)
    assert draft.title in str(privacy.export_all(member))
    privacy.erase_all(member)
    assert [it.member for it in draft.invitations.all()] == [other_member]
    privacy.erase_all(mentor)
    assert CoAuthorInvitation.objects.get().by is None


def test_who_has_written_it_does_not_decide_on_it_after_leaving(
    draft, mentor, operator
):
    reviewer, other = make_reviewer(), make_reviewer("other")
    co_author = make_co_author(draft, reviewer)
    editorial.submit(item=draft, by=mentor)
    co_authors.leave(co_author=co_author)
    ask(make_item("another", author=mentor), other)

    draft.refresh_from_db()
    assert Act.TAKEN not in access.acts_open_to(reviewer, draft)
    assert Act.TAKEN in access.acts_open_to(other, draft)


@pytest.mark.django_db(transaction=True)
def test_asking_while_the_same_work_is_saved_waits_and_both_are_done(mentor, draft):
    friend = make_member("friend")

    def ask_elsewhere():
        try:
            return ask(draft, friend)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            save(draft, mentor, body="Saved meanwhile.")
            asked = pool.submit(ask_elsewhere)
            with pytest.raises(TimeoutError):
                asked.result(timeout=0.5)
        assert asked.result(timeout=10).member == friend
    draft.refresh_from_db()
    assert draft.body == "Saved meanwhile."
