"""What people of the desk may not reach: each was a hole once."""

import datetime as dt

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import Activity, Role, Space, Verb
from accounts.services.roles import grant_role
from content.models import ChecklistPoint, EditorialStep, Item, Lesson, Section
from content.services import checklists, editorial, reuse
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course, make_item
from tests.factories.discussions import make_topic
from tests.factories.writing import bring_to, make_ready, make_reviewer

pytestmark = pytest.mark.django_db
ITEMS = "/admin/content/item/"


@pytest.fixture
def mentor(client):
    mentor = make_member("mentor")
    grant_role(member=mentor, role=Role.MENTOR)
    client.force_login(mentor)
    return mentor


def test_a_mentor_does_not_write_into_the_course_of_another(client, mentor):
    foreign = make_course("foreign", author=make_member("author"), lessons=1)
    section = foreign.sections.get()

    client.post(
        "/admin/content/lesson/add/",
        {
            "section": section.pk,
            "title": "Mine",
            "kind": "text",
            "position": 1,
            "minutes": 5,
            "body": "x",
        },
    )
    client.post(
        "/admin/content/section/add/",
        {
            "item": foreign.pk,
            "title": "Mine",
            "position": 1,
            "lessons-TOTAL_FORMS": 0,
            "lessons-INITIAL_FORMS": 0,
        },
    )

    assert Lesson.objects.count() == 1
    assert Section.objects.count() == 1


def test_a_mentor_changes_no_course_that_editors_look_at(client, mentor):
    course = make_course("own", author=mentor, lessons=1, state="in_review")
    section = {
        "item": course.pk,
        "title": "Slipped in",
        "position": 1,
        "lessons-TOTAL_FORMS": 0,
        "lessons-INITIAL_FORMS": 0,
    }

    client.post("/admin/content/section/add/", section)
    assert course.sections.count() == 1
    Item.objects.filter(pk=course.pk).update(state="draft")
    client.post("/admin/content/section/add/", section)
    assert course.sections.count() == 2


def test_a_mentor_puts_nothing_into_the_column_of_another(client, mentor):
    column = make_item("letters", kind="column", author=make_member("author"))
    article = make_item("mine", author=mentor)
    url = f"{ITEMS}{article.pk}/change/"

    def column_of(page):
        return page.context["adminform"].form.fields["column"].queryset

    assert column not in column_of(client.get(url))
    Item.objects.filter(pk=article.pk).update(column=column)
    assert column in column_of(client.get(url))  # an operator has put it there


@pytest.mark.parametrize("role", [Role.MENTOR, Role.VOLUNTEER])
def test_the_desk_shows_private_talk_to_nobody_outside_it(client, role):
    guide = make_member("guide")
    grant_role(member=guide, role=role)
    client.force_login(guide)
    private = make_space("private", access=Space.Access.JOINED)
    topic = make_topic(make_member("insider"), space=private, title="Among us")

    assert "Among us" not in client.get("/admin/content/topic/").content.decode()
    assert client.get(f"/admin/content/topic/{topic.pk}/change/").status_code == 302


def test_a_suspension_takes_the_desk_away(client, mentor):
    mentor.refresh_from_db()
    from django.utils import timezone

    mentor.suspended_at = timezone.now()
    mentor.save()

    assert client.get("/admin/content/item/").status_code == 403


def test_an_operator_cannot_become_somebody_by_their_e_mail(client):
    operator = make_member("operator")
    grant_role(member=operator, role=Role.OPERATOR)
    client.force_login(operator)
    other = make_member("other")

    page = client.get(f"/admin/accounts/user/{other.pk}/change/").content.decode()

    assert 'name="email"' not in page
    assert 'name="name"' in page


@pytest.mark.parametrize("number", ["9" * 30, "²", "0"])
def test_absurd_numbers_in_addresses_are_no_fault_of_ours(client, number):
    topic = make_topic(space=make_space("open", access=Space.Access.PUBLIC))

    answer = client.get(topic.get_absolute_url(), {"page": number})
    assert answer.status_code == 404
    client.force_login(topic.author)
    assert client.get(topic.get_absolute_url(), {"quote": number}).status_code == 200


# The editorial flow ---------------------------------------------------------------


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


@pytest.fixture
def reviewer():
    return make_reviewer()


def values_of(page):
    """What a browser would send back of a page's form, unchanged."""
    form = page.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    inlines = page.context["inline_admin_formsets"]
    for formset in (each.formset for each in inlines):
        for each in [formset.management_form, *formset.forms]:
            values |= {
                each.add_prefix(name): each[name].value() for name in each.fields
            }
    values["tags"] = ""
    return {name: value for name, value in values.items() if value is not None}


def step(client, act, items, **told):
    chosen = {"action": act, "_selected_action": [item.pk for item in items]}
    return client.post(ITEMS, {**chosen, "asked": "1", **told}, follow=True)


def said(page):
    return [str(message) for message in page.context["messages"]]


def test_the_admin_does_not_go_round_the_editors(desk, operator):
    item = make_ready(make_member("author"))
    url = f"{ITEMS}{item.pk}/change/"
    page = desk.get(url)
    for name in ("state", "published_at", "published_at_0", "reviewer", "checked_on"):
        assert f'name="{name}"' not in page.content.decode()

    tomorrow = timezone.now() + dt.timedelta(days=1)
    forged = {"state": "live", "published_at_0": f"{tomorrow:%Y-%m-%d}"}
    forged["published_at_1"] = "09:00:00"
    answer = desk.post(url, {**values_of(page), "title": "Renamed", **forged})

    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.title, item.state, item.published_at) == ("Renamed", "draft", None)


def test_the_kind_is_chosen_once(desk):
    course = make_course("course", author=make_member("author"), lessons=1)
    url = f"{ITEMS}{course.pk}/change/"
    page = desk.get(url)
    assert 'name="kind"' not in page.content.decode()
    assert 'name="kind"' in desk.get(f"{ITEMS}add/").content.decode()

    sent = {**values_of(page), "kind": "article", "title": "Renamed"}
    assert desk.post(url, sent).status_code == 302
    course.refresh_from_db()
    assert (course.kind, course.title) == ("course", "Renamed")


def test_what_is_accepted_in_the_admin_goes_out_and_can_be_moved(desk, reviewer):
    ChecklistPoint.objects.all().delete()
    item = bring_to(make_ready(make_member("author")), "in_review", reviewer)
    at = timezone.localtime() + dt.timedelta(days=2)
    step(desk, "accept", [item], at=f"{at:%Y-%m-%dT%H:%M}")
    item.refresh_from_db()
    assert item.is_scheduled

    assert "Scheduled" in desk.get(ITEMS, {"stage": "scheduled"}).content.decode()
    assert item.title not in desk.get(ITEMS, {"stage": "live"}).content.decode()

    later = at + dt.timedelta(days=1)
    step(desk, "reschedule", [item], at=f"{later:%Y-%m-%dT%H:%M}")
    moved = item.editorial_steps.get(act="rescheduled").text
    assert f"{at:%Y-%m-%d}" in moved.partition(" → ")[0]
    assert f"{later:%Y-%m-%d}" in moved.partition(" → ")[2]
    with time_machine.travel(later + dt.timedelta(hours=1)):
        assert editorial.publish_due() == 1
    told = Activity.objects.filter(verb=Verb.PUBLISHED, object_id=item.pk)
    assert told.count() == 1


def test_what_was_once_scheduled_without_a_publication_can_be_moved(reviewer):
    """The admin had done so."""
    tomorrow = timezone.now() + dt.timedelta(days=1)
    item = make_item(published_at=tomorrow)
    later = tomorrow + dt.timedelta(days=1)
    editorial.reschedule(item=item, by=reviewer, at=later)
    assert item.publications.get().due_at == later


def test_several_are_sent_back_for_one_reason_asked_once(desk, reviewer, operator):
    author = make_member("author")
    checklists.make_default_reasons()
    items = [
        bring_to(make_ready(author, title=f"On {it}"), "in_review", reviewer)
        for it in ("soil", "rain")
    ]
    draft = make_ready(author, title="On wind")

    asked = desk.post(ITEMS, {"action": "send_back", "_selected_action": [items[0].pk]})
    assert "On soil" in asked.content.decode()
    assert checklists.REASONS[0][0] in asked.content.decode()
    refused = step(desk, "send_back", items, text="")
    assert refused.status_code == 422
    page = step(desk, "send_back", [*items, draft], text="Name the sources.")

    assert said(page) == [
        "On wind: It does not follow from “Draft”.",
        "Done for 2.",
    ]
    steps = EditorialStep.objects.filter(act="returned", member=operator)
    assert {it.text for it in steps} == {"Name the sources."}
    assert {it.item_id for it in steps} == {item.pk for item in items}
    logged = LogEntry.objects.filter(object_id__in=[str(it.pk) for it in items])
    assert logged.count() == 2


def test_what_waits_is_reviewed_before_it_is_accepted(desk, reviewer):
    item = bring_to(make_ready(make_member("author")), "submitted", reviewer)
    assert "begin to review it first" in said(step(desk, "accept", [item]))[0]


def test_open_points_of_the_checklist_stop_the_admin_too(desk, reviewer):
    item = bring_to(make_ready(make_member("author")), "in_review", reviewer)
    ChecklistPoint.objects.create(text="It is true.")
    page = step(desk, "accept", [item])

    assert "It is true." in said(page)[0]
    item.refresh_from_db()
    assert item.state == Item.State.IN_REVIEW


@pytest.mark.parametrize(
    ("act", "before", "after", "told"),
    [
        ("submit", "draft", "submitted", {}),
        ("take", "submitted", "in_review", {}),
        ("put_back", "in_review", "submitted", {}),
        ("mark_checked", "live", "live", {}),
        ("archive", "live", "archived", {"text": "Out of date."}),
        ("reopen", "archived", "draft", {}),
    ],
)
def test_every_step_can_be_taken_from_the_list(
    desk, reviewer, act, before, after, told
):
    item = bring_to(make_ready(make_member("author")), before, reviewer)
    assert said(step(desk, act, [item], **told)) == ["Done for 1."]
    item.refresh_from_db()
    assert item.state == after


def test_reviewers_do_not_decide_on_their_own_in_the_admin_either(client, reviewer):
    own = bring_to(make_ready(reviewer), "submitted", None)
    client.force_login(reviewer)
    assert "not yours" in said(step(client, "take", [own]))[0]
    own.refresh_from_db()
    assert own.state == Item.State.SUBMITTED


def test_mentors_are_offered_no_steps_of_the_editors(client, mentor, reviewer):
    own = bring_to(make_ready(mentor), "live", reviewer)
    step(client, "archive", [own], text="Mine.")
    own.refresh_from_db()
    assert own.state == Item.State.LIVE


@pytest.mark.parametrize(
    ("state", "may"),
    [("draft", True), ("submitted", False), ("live", False), ("archived", True)],
)
def test_what_is_live_or_on_its_way_is_not_simply_deleted(desk, reviewer, state, may):
    item = bring_to(make_ready(make_member("author")), state, reviewer)
    one = desk.post(f"{ITEMS}{item.pk}/delete/", {"post": "yes"}).status_code
    assert one == (302 if may else 403)
    assert Item.objects.exists() != may

    chosen = {"action": "delete_selected", "_selected_action": [item.pk]}
    desk.post(ITEMS, {**chosen, "post": "yes"})
    assert Item.objects.exists() != may


def test_from_the_admin_one_gets_to_the_studio(desk):
    item = make_item()
    page = desk.get(f"{ITEMS}{item.pk}/change/").content.decode()
    assert f"{ITEMS}{item.pk}/in-studio" in page
    answer = desk.get(f"{ITEMS}{item.pk}/in-studio/")
    assert answer.url == f"/studio/items/{item.pk}/"


def test_chapters_are_written_where_the_lesson_is(desk):
    lesson = make_course("course", lessons=1).sections.get().lessons.get()
    url = f"/admin/content/lesson/{lesson.pk}/change/"
    sent = {"section": lesson.section_id, "kind": "text", "position": 0, "minutes": 5}
    desk.post(url, {**sent, "title": "x", "body": "b", "chapters": "1:30 Water"})
    lesson.refresh_from_db()
    assert lesson.chapters == "1:30 Water"


def test_a_lesson_of_another_course_is_only_read_here(desk):
    author = make_member("author")
    original = make_course("original", author=author, lessons=1).sections.get()
    course = make_course("other", author=author)
    section = course.sections.create(title="One")
    lesson = original.lessons.get()
    reuse.take(section=section, lessons=[lesson])
    copy = section.lessons.get()

    url = f"/admin/content/lesson/{copy.pk}/change/"
    page = desk.get(url).content.decode()
    assert f"/admin/content/lesson/{lesson.pk}/change/" in page
    assert 'name="body"' not in page
    assert desk.post(url, {"title": "x", "body": "Forged."}).status_code == 403

    url = f"/admin/content/section/{section.pk}/change/"
    page = desk.get(url)
    assert f"/admin/content/lesson/{lesson.pk}/change/" in page.content.decode()
    desk.post(url, {**values_of(page), "lessons-0-id": copy.pk})
    copy.refresh_from_db()
    assert copy.body == lesson.body


def test_ratings_are_found_by_item_without_listing_every_item(desk):
    for number in range(3):
        make_item(f"i{number}", title=f"Unrated {number}")
    page = desk.get("/admin/content/rating/").content.decode()
    assert "Unrated" not in page
    assert "item__id__exact" in page


@pytest.mark.parametrize("of", ["enrolment", "certificate", "cohort", "attempt"])
def test_filters_do_not_list_the_library(client, operator, of):
    for number in range(3):
        make_course(f"c{number}", title=f"Something long {number}", lessons=1)
    client.force_login(operator)

    page = client.get(f"/admin/content/{of}/").content.decode()

    assert "/admin/autocomplete/" in page
    assert "Something long" not in page
