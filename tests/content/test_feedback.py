"""What is said to the operators, and what becomes of it."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import privacy
from accounts.models import Activity, Notification
from content import tasks
from content.errors import NotAllowedNow
from content.models import (
    Change,
    Feedback,
    FeedbackArea,
    FeedbackReply,
    Suggestion,
)
from content.services import feedback, feedback_report, suggestions
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db


def area(slug="talk"):
    return FeedbackArea.objects.get(slug=slug)


def send(client, **fields):
    data = {"area": area().pk, "text": "The list is too long.", **fields}
    return client.post("/feedback/", data, follow=True)


def test_a_member_sees_what_became_of_it_and_is_told(client, member, operator):
    client.force_login(member)
    send(client, page="/spaces/")
    given = Feedback.objects.get()
    feedback.move(feedback=given, to="answered", by=operator, text="It is shorter now.")

    page = client.get("/feedback/mine/").content.decode()

    assert given.member == member
    assert given.page == "/spaces/"
    assert "It is shorter now." in page
    told = Notification.objects.get(member=member)
    assert (told.kind, told.target_id) == ("feedback_answered", given.pk)
    assert feedback.shown_to(member, [given.pk])
    assert not feedback.shown_to(make_member("somebody"), [given.pk])


@pytest.fixture
def owner():
    owner = make_member("owner", is_staff=True, is_superuser=True)
    FeedbackArea.objects.filter(slug="talk").update(owner=owner)
    return owner


def test_who_looks_after_it_hears_of_it_at_once(client, owner, member):
    given = feedback.give(area=area(), text="Mine.", language="en", member=member)

    told = Notification.objects.get(member=owner)
    assert (told.kind, told.target_id) == ("feedback_given", given.pk)
    _title, page = feedback.shown_to(owner, [given.pk])[given.pk]
    client.force_login(owner)
    assert "Mine." in client.get(page).content.decode()


def test_of_the_nameless_the_owner_hears_at_the_full_hour(owner):
    given = feedback.give(area=area(), text="Nobody's.", language="en")
    assert not owner.notifications.exists()
    for _ in range(2):
        tasks.tell_of_the_nameless()

    assert owner.notifications.get().target_id == given.pk


def test_who_is_handed_it_hears_of_it_and_who_has_no_part_does_not_see_it(
    owner, member, operator
):
    given = feedback.give(area=area("money"), text="x", language="en", member=member)
    feedback.move(feedback=given, to="taken", by=operator, owner=owner)

    assert owner.notifications.get().kind == "feedback_given"
    assert not operator.notifications.exists()
    assert not feedback.shown_to(operator, [given.pk])


def test_the_same_form_and_the_same_answer_twice_are_one(member, operator):
    key = uuid4()
    given = [
        feedback.give(
            area=area(), text="Twice", language="en", member=member, form_key=key
        )
        for _ in range(2)
    ]
    for _ in range(2):
        feedback.move(feedback=given[0], to="answered", by=operator, text="Once")
    feedback.move(feedback=given[0], to="answered", by=operator, text="And this")

    assert given[0] == given[1]
    assert Activity.objects.filter(verb="feedback_given").count() == 1
    assert [it.text for it in given[0].steps.order_by("pk")] == ["Once", "And this"]
    assert member.notifications.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_says_it_once():
    key, place = uuid4(), area()

    def give():
        try:
            return feedback.give(area=place, text="x", language="en", form_key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first = feedback.give(area=place, text="x", language="en", form_key=key)
            second = pool.submit(give)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert second.result(timeout=5) == first


def test_without_a_name_no_table_knows_the_member(client, member):
    client.force_login(member)
    before = Activity.objects.filter(verb="feedback_given").count()

    page = send(client, is_anonymous="on")

    given = Feedback.objects.get()
    assert given.member is None
    assert given.created_at.minute == given.created_at.second == 0
    assert Activity.objects.filter(verb="feedback_given").count() == before
    client.logout()
    assert (
        "The list is too long." in client.get(given.get_absolute_url()).content.decode()
    )
    assert page.redirect_chain[-1][0] == given.get_absolute_url()


def test_nobody_else_sees_what_has_a_name(client, member, other_member):
    given = feedback.give(area=area(), text="Mine.", language="en", member=member)
    assert client.get(given.get_absolute_url()).status_code == 404
    client.force_login(other_member)
    assert client.get(given.get_absolute_url()).status_code == 404


def test_the_form_remembers_the_page_but_no_secret_address(client):
    page = client.get(
        "/feedback/", headers={"referer": "http://testserver/spaces/?q=x"}
    )
    assert page.context["form"]["page"].value() == "/spaces/"
    assert page.context["form"]["area"].value() == area().pk
    for address in (
        "http://testserver/podcast/secret/",
        "https://elsewhere.org/spaces/",
    ):
        page = client.get("/feedback/", headers={"referer": address})
        assert page.context["form"]["page"].value() == ""


def test_a_visitor_may_a_machine_may_not_and_nobody_without_end(client):
    send(client)
    send(client, website="http://spam.example")
    assert Feedback.objects.count() == 1
    for number in range(10):
        last = send(client, text=f"Again {number}")
    assert last.status_code == 422
    assert Feedback.objects.count() == 10
    assert "Again 9" in last.content.decode()


def test_a_form_sent_twice_is_kept_once(client):
    key = "0d2b5d3e-6f3f-4a5e-9d0c-0123456789ab"
    send(client, form_key=key)
    send(client, form_key=key)
    assert Feedback.objects.count() == 1


def test_three_working_days_leave_out_the_weekend():
    friday = dt.datetime(2026, 11, 27, 4, tzinfo=dt.UTC)
    assert feedback.due_after(friday, 3) == dt.datetime(2026, 12, 2, 4, tzinfo=dt.UTC)


def test_what_is_done_is_not_declined_afterwards(operator):
    given = feedback.give(area=area(), text="x", language="en")
    feedback.move(feedback=given, to="done", by=operator)
    with pytest.raises(NotAllowedNow):
        feedback.move(feedback=given, to="declined", by=operator)


def test_the_first_answer_counts_and_whoever_answers_looks_after_it(operator):
    given = feedback.give(area=area(), text="x", language="en")
    first = feedback.move(feedback=given, to="answered", by=operator, text="Yes.")
    again = feedback.move(feedback=given, to="answered", by=operator, text="And no.")
    assert first.answered_at == again.answered_at <= timezone.now()
    assert again.owner == operator


def test_who_is_forgotten_leaves_no_words(member, operator):
    given = feedback.give(area=area(), text="My secret.", language="en", member=member)
    feedback.move(feedback=given, to="answered", by=operator, text="Your secret.")
    assert "My secret." in str(privacy.export_all(member))
    privacy.erase_all(member)
    given.refresh_from_db()
    assert (given.member, given.text) == (None, "…")
    assert given.steps.get().text == ""


def test_the_footer_leads_there(client):
    assert 'href="/feedback/"' in client.get("/policies/terms/").content.decode()


def test_what_an_operator_looks_after_is_let_go_with_their_account(operator):
    somebody = make_member("somebody")
    FeedbackArea.objects.filter(slug="talk").update(owner=somebody)
    privacy.erase_all(somebody)
    assert area().owner is None


def act(client, model, action, row, **fields):
    return client.post(
        f"/admin/content/{model}/",
        {"action": action, "_selected_action": [row.pk], "asked": "1", **fields},
    )


def test_the_desk_answers_in_the_language_of_who_asked(client, operator, member):
    given = feedback.give(area=area(), text="x", language="zh-hans", member=member)
    ready = FeedbackReply.objects.first()
    client.force_login(operator)
    act(client, "feedback", "take", given)
    act(client, "feedback", "answer", given, ready=[ready.pk], text="Bis dann.")
    taken, answered = given.steps.all()
    assert (taken.state, answered.state) == ("taken", "answered")
    assert answered.text == f"{ready.text_zh}\n\nBis dann."
    page = client.get(f"/admin/content/feedback/{given.pk}/change/")
    assert page.status_code == 200
    assert str(given) in client.get("/admin/content/feedback/?q=x").content.decode()


def test_the_desk_puts_it_on_the_board_decides_and_publishes(client, operator, member):
    given = feedback.give(area=area(), text="x", language="en", member=member)
    client.force_login(operator)
    act(client, "feedback", "publish", given, title="Shorter", text="A shorter list.")
    made = Suggestion.objects.get()
    act(client, "suggestion", "decide", made, state="planned", answer="Soon.")
    made.refresh_from_db()
    assert (made.state, made.answer, made.vote_count) == ("planned", "Soon.", 1)
    change = Change.objects.create(title="Shorter now", text="It is.")
    change.suggestions.add(made)
    act(client, "change", "publish", change)
    change.refresh_from_db()
    assert change.published_at
    assert Notification.objects.filter(member=member, kind="change_made").exists()


def test_the_first_page_of_the_desk_names_what_is_overdue(client, operator):
    given = feedback.give(area=area(), text="Where is it?", language="en")
    Feedback.objects.filter(pk=given.pk).update(due_at=timezone.now())
    client.force_login(operator)
    page = client.get("/admin/").content.decode()
    assert "Where is it?" in page
    assert "overdue" in page


def test_the_numbers_say_how_soon_it_was_answered(operator):
    for _ in range(5):
        given = feedback.give(area=area(), text="x", language="en")
        feedback.move(feedback=given, to="answered", by=operator, text="y")
    found = feedback_report.report()
    assert (found["speed"]["in_time"], found["speed"]["judged"]) == (5, 5)
    assert found["speed"]["share"] == 100
    (name, _weeks, total, low, high), *others = found["tables"][0]["rows"]
    assert (name, total, others) == (str(area()), 5, [])
    assert low < total < high


def test_one_is_answered_on_its_own_page(client, operator, member):
    given = feedback.give(
        area=area(), text="Where is it?", language="en", member=member
    )
    client.force_login(operator)
    page = f"/admin/content/feedback/{given.pk}/"
    assert f"{page}answer/" in client.get(f"{page}change/").content.decode()

    asked = client.get(f"{page}answer/").content.decode()
    empty = client.post(f"{page}answer/", {"form_key": "a", "text": ""})
    client.post(f"{page}answer/", {"form_key": "b", "text": "In the menu."})
    client.post(f"{page}done/", {"form_key": "c", "text": ""})

    assert "Where is it?" in asked
    assert empty.status_code == 422
    assert [step.state for step in given.steps.order_by("pk")] == ["answered", "done"]
    assert f"{page}answer/" not in client.get(f"{page}change/").content.decode()
    late = client.post(f"{page}answer/", {"form_key": "d", "text": "Again."})
    assert "It was decided already." in late.content.decode()


def test_one_is_put_on_the_board_decided_and_told_on_its_own_page(
    client, operator, member
):
    given = feedback.give(area=area(), text="Too long.", language="en", member=member)
    client.force_login(operator)
    desk = "/admin/content"
    words = {"form_key": "a", "title": "Shorter", "text": "A shorter list."}
    client.post(f"{desk}/feedback/{given.pk}/publish/", words)
    made = Suggestion.objects.get()
    client.post(
        f"{desk}/suggestion/{made.pk}/decide/",
        {"form_key": "b", "state": "planned", "answer": "Soon."},
    )
    change = Change.objects.create(title="Shorter now", text="It is.")
    change.suggestions.add(made)
    told = client.get(f"{desk}/change/{change.pk}/publish/").content.decode()
    client.post(f"{desk}/change/{change.pk}/publish/", {"form_key": "c"})

    made.refresh_from_db()
    change.refresh_from_db()
    assert (made.state, made.answer) == ("planned", "Soon.")
    assert "told to 1 members" in told
    assert change.published_at


def test_a_suggestion_is_put_together_with_another_on_its_own_page(
    client, operator, member, other_member
):
    one, other = (feedback_on_the_board(author) for author in (member, other_member))
    client.force_login(operator)
    page = f"/admin/content/suggestion/{one.pk}/"
    client.post(f"{page}merge/", {"form_key": "a", "into": other.pk})
    other.refresh_from_db()
    assert other.vote_count == 2
    assert f"{page}merge/" not in client.get(f"{page}change/").content.decode()


def feedback_on_the_board(author):
    return suggestions.suggest(author=author, title="Shorter", text="A shorter list.")
