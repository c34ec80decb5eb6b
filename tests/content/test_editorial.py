"""The way of an item: who may take which step, what follows, and only once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Activity, AuditRecord, Field, Role, Verb
from accounts.services import entitlements
from content import access, tasks
from content.errors import NotAllowedNow, NotReady
from content.models import (
    ChecklistPoint,
    EditorialStep,
    Item,
    Publication,
    ReturnReason,
)
from content.services import checklists, co_authors, desk, editorial, writing
from tests.factories.accounts import make_member
from tests.factories.courses import make_item, make_lesson
from tests.factories.writing import (
    bring_to,
    make_co_author,
    make_draft,
    make_mentor,
    make_planner,
    make_ready,
    make_reviewer,
    tick_all,
)

pytestmark = pytest.mark.django_db
Act, State = EditorialStep.Act, Item.State


@pytest.fixture(autouse=True)
def points():
    ChecklistPoint.objects.all().delete()
    ChecklistPoint.objects.create(text="True.", text_zh="属实。")
    ChecklistPoint.objects.create(text="Agreed.", kind="case")


@pytest.fixture
def reviewer():
    return make_reviewer()


@pytest.fixture
def mentor():
    return make_mentor()


STEPS = {
    Act.SUBMITTED: lambda item, by: editorial.submit(item=item, by=by),
    Act.WITHDRAWN: lambda item, by: editorial.withdraw(item=item, by=by),
    Act.TAKEN: lambda item, by: editorial.take(item=item, by=by),
    Act.PUT_BACK: lambda item, by: editorial.put_back(item=item, by=by),
    Act.COMMENTED: lambda item, by: editorial.comment(item=item, by=by, text="Hm."),
    Act.RETURNED: lambda item, by: editorial.send_back(item=item, by=by, text="No."),
    Act.ACCEPTED: lambda item, by: editorial.accept(item=item, by=by),
    Act.CHECKED: lambda item, by: editorial.check(item=item, by=by),
    Act.ARCHIVED: lambda item, by: editorial.archive(item=item, by=by, text="Old."),
    Act.REOPENED: lambda item, by: editorial.reopen(item=item, by=by),
}
TO = {
    (State.DRAFT, Act.SUBMITTED): State.SUBMITTED,
    (State.SUBMITTED, Act.WITHDRAWN): State.DRAFT,
    (State.SUBMITTED, Act.TAKEN): State.IN_REVIEW,
    (State.SUBMITTED, Act.RETURNED): State.DRAFT,
    (State.IN_REVIEW, Act.WITHDRAWN): State.DRAFT,
    (State.IN_REVIEW, Act.PUT_BACK): State.SUBMITTED,
    (State.IN_REVIEW, Act.RETURNED): State.DRAFT,
    (State.IN_REVIEW, Act.ACCEPTED): State.LIVE,
    (State.LIVE, Act.WITHDRAWN): State.DRAFT,
    (State.LIVE, Act.CHECKED): State.LIVE,
    (State.LIVE, Act.ARCHIVED): State.ARCHIVED,
    (State.ARCHIVED, Act.REOPENED): State.DRAFT,
    **{(state, Act.COMMENTED): state for state in State},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", STEPS)
def test_only_the_table_leads_on(member, reviewer, state, act):
    item = bring_to(make_ready(member), state, reviewer)
    if act == Act.ACCEPTED:
        tick_all(item, reviewer)
    assert item.state == state

    if (state, act) in TO:
        assert STEPS[act](item, reviewer).state == TO[state, act]
    else:
        with pytest.raises(NotAllowedNow):
            STEPS[act](item, reviewer)
    item.refresh_from_db()
    assert item.state == TO.get((state, act), state)


def open_to(user, item):
    return set(access.acts_open_to(user, item)) - {Act.COMMENTED}


def test_who_may_do_what_when(member, mentor, reviewer, operator):
    planner, stranger = make_planner(), make_member("stranger")
    item = make_ready(member)
    assert open_to(member, item) == open_to(operator, item) == {Act.SUBMITTED}
    assert open_to(reviewer, item) == open_to(stranger, item) == set()

    item = bring_to(item, State.IN_REVIEW, reviewer)
    assert open_to(member, item) == {Act.WITHDRAWN}
    assert open_to(reviewer, item) == {Act.RETURNED, Act.ACCEPTED, Act.PUT_BACK}
    another = open_to(make_reviewer("another"), item)
    assert another == {Act.RETURNED, Act.ACCEPTED}
    assert open_to(planner, item) == open_to(mentor, item) == set()

    tick_all(item, reviewer)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    item = editorial.accept(item=item, by=reviewer, at=tomorrow)
    assert open_to(planner, item) == {Act.RESCHEDULED}
    assert open_to(member, item) == {Act.WITHDRAWN}
    assert open_to(reviewer, item) == {Act.RESCHEDULED, Act.ARCHIVED}
    with time_machine.travel(tomorrow + dt.timedelta(days=1)):
        assert open_to(member, item) == {Act.CHECKED, Act.WITHDRAWN}
        assert open_to(reviewer, item) == {Act.CHECKED, Act.ARCHIVED}


def test_nobody_decides_on_their_own_work(reviewer):
    item = bring_to(make_ready(reviewer), State.IN_REVIEW, make_reviewer("second"))
    assert Act.ACCEPTED not in open_to(reviewer, item)


def test_nor_on_what_they_handed_in_and_then_left(member, reviewer):
    item = make_ready(member)
    make_co_author(item, reviewer)
    item = editorial.submit(item=item, by=reviewer)
    co_authors.remove(co_author=item.co_authors.get())
    assert Act.ACCEPTED not in open_to(reviewer, item)
    assert Act.TAKEN not in open_to(reviewer, item)


def test_while_it_is_reviewed_the_editors_write(member, mentor, reviewer, operator):
    item = make_ready(member)
    assert access.may_write(member, item)
    assert not access.may_write(reviewer, item)

    item = bring_to(item, State.IN_REVIEW, reviewer)
    assert not access.may_write(member, item)
    assert access.may_write(reviewer, item)

    tick_all(item, reviewer)
    item = editorial.accept(item=item, by=reviewer)
    assert not access.may_write(member, item)
    assert access.may_write(operator, item)
    own = bring_to(make_ready(mentor), State.LIVE, reviewer)
    assert access.may_write(mentor, own)
    assert not access.may_write(mentor, item)


def test_a_draft_that_is_not_ready_says_what_is_missing(member, mentor):
    with pytest.raises(NotReady) as article:
        editorial.submit(item=make_draft(member), by=member)
    assert len(article.value.points) == 2

    case = make_draft(member, kind=Item.Kind.CASE, summary="s", context="A farm.")
    with pytest.raises(NotReady) as parts:
        editorial.submit(item=case, by=member)
    assert len(parts.value.points) == 4

    course = make_draft(mentor, kind=Item.Kind.COURSE, summary="s")
    with pytest.raises(NotReady) as lessons:
        editorial.submit(item=course, by=mentor)
    assert len(lessons.value.points) == 1
    make_lesson(writing.add_section(course=course, title="One"))
    assert editorial.submit(item=course, by=mentor).state == State.SUBMITTED


def test_news_needs_its_source(member):
    news = make_draft(member, kind=Item.Kind.NEWS, summary="s", body="b")
    with pytest.raises(NotReady):
        editorial.submit(item=news, by=member)
    news = make_draft(
        member,
        kind=Item.Kind.NEWS,
        summary="s",
        body="b",
        source="Gazette",
        happened_on="2026-11-01",
    )
    assert editorial.submit(item=news, by=member).state == State.SUBMITTED


def test_the_checklist_of_its_kind_must_be_true(member, reviewer):
    item = bring_to(make_ready(member), State.IN_REVIEW, reviewer)
    with pytest.raises(NotReady) as open_points:
        editorial.accept(item=item, by=reviewer)
    assert open_points.value.points == ["True."]

    tick_all(item, reviewer)
    item = editorial.send_back(item=item, by=reviewer, text="One more thing.")
    item = editorial.submit(item=item, by=member)
    assert [it.is_true for it in checklists.points_of(item)] == [False]


def test_what_is_handed_in_is_told_to_the_reviewers(
    member, reviewer, operator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        item = editorial.submit(item=make_ready(member), by=member)

    (message,) = mail.outbox
    assert message.to == [reviewer.email]
    assert item.title in message.subject
    assert f"/studio/items/{item.pk}/" in message.body


def test_without_reviewers_the_operators_are_told(
    member, django_capture_on_commit_callbacks
):
    make_member("head", roles=[Role.OPERATOR])
    with django_capture_on_commit_callbacks(execute=True):
        editorial.submit(item=make_ready(member), by=member)

    (message,) = mail.outbox
    assert message.to == ["head@example.org"]


def test_accepting_tells_the_authors_with_the_reason(
    member, other_member, reviewer, django_capture_on_commit_callbacks
):
    item = bring_to(make_ready(member), State.IN_REVIEW, reviewer)
    make_co_author(item, other_member)
    tick_all(item, reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        editorial.accept(item=item, by=reviewer, text="Well told.")

    to = sorted(message.to[0] for message in mail.outbox)
    assert to == sorted(2 * [member.email, other_member.email])
    assert any("Well told." in message.body for message in mail.outbox)
    record = AuditRecord.objects.get(act="accepted")
    assert (record.actor, record.object_id) == (reviewer, str(item.pk))


def test_sending_back_tells_why(member, reviewer, django_capture_on_commit_callbacks):
    item = bring_to(make_ready(member), State.IN_REVIEW, reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        editorial.send_back(item=item, by=reviewer, text="Name the source.")
    (message,) = mail.outbox
    assert "Name the source." in message.body
    assert f"/studio/items/{item.pk}/" in message.body


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_is_told():
    first, second = make_reviewer("first"), make_reviewer("second")
    item = bring_to(make_ready(make_member("author")), State.SUBMITTED, first)

    def take_too():
        try:
            editorial.take(item=item, by=second)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            editorial.take(item=item, by=first)
            waiting = pool.submit(take_too)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        with pytest.raises(NotAllowedNow):
            waiting.result(timeout=5)
    item.refresh_from_db()
    assert item.reviewer == first


# Going out at a time --------------------------------------------------------------


@pytest.fixture
def scheduled(member, reviewer):
    item = bring_to(make_ready(member), State.IN_REVIEW, reviewer)
    tick_all(item, reviewer)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    return editorial.accept(item=item, by=reviewer, at=tomorrow)


def published(item):
    return Activity.objects.filter(verb=Verb.PUBLISHED, object_id=item.pk).count()


def test_what_is_scheduled_opens_at_its_time_and_is_told_once(scheduled, other_member):
    assert scheduled.is_scheduled
    tasks.publish_due()
    assert not Item.objects.readable_by(other_member).exists()
    assert published(scheduled) == 0

    with time_machine.travel(scheduled.published_at + dt.timedelta(minutes=1)):
        assert Item.objects.readable_by(other_member).exists()
        assert [editorial.publish_due(), editorial.publish_due()] == [1, 0]
    assert published(scheduled) == 1


def test_another_time_is_the_only_time(scheduled, reviewer):
    later = scheduled.published_at + dt.timedelta(days=1)
    editorial.reschedule(item=scheduled, by=reviewer, at=later)

    with time_machine.travel(scheduled.published_at + dt.timedelta(minutes=1)):
        assert editorial.publish_due() == 0
    with time_machine.travel(later + dt.timedelta(minutes=1)):
        assert editorial.publish_due() == 1
        with pytest.raises(NotAllowedNow):
            editorial.reschedule(item=scheduled, by=reviewer, at=later)


def test_what_is_archived_before_its_time_never_goes_out(scheduled, reviewer):
    editorial.archive(item=scheduled, by=reviewer, text="Not any more.")
    with time_machine.travel(scheduled.published_at + dt.timedelta(days=1)):
        assert editorial.publish_due() == 0
    assert not Publication.objects.exists()


def test_authors_take_back_what_nobody_paid_for(
    member, other_member, reviewer, scheduled
):
    editorial.withdraw(item=scheduled, by=member)
    with time_machine.travel(timezone.now() + dt.timedelta(days=9)):
        assert editorial.publish_due() == 0
        assert not Item.objects.readable_by(other_member).exists()
    assert access.may_write(member, Item.objects.get())

    sold = bring_to(make_ready(member, title="Sold"), State.LIVE, reviewer)
    Item.objects.filter(pk=sold.pk).update(access=Item.Access.MEMBERSHIP)
    with pytest.raises(NotAllowedNow):
        editorial.withdraw(item=sold, by=member)


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_tell_it_once():
    member, reviewer = make_member("author"), make_reviewer()
    item = bring_to(make_ready(member), State.IN_REVIEW, reviewer)
    tick_all(item, reviewer)
    soon = timezone.now() + dt.timedelta(hours=1)
    editorial.accept(item=item, by=reviewer, at=soon)
    Publication.objects.update(due_at=timezone.now())

    def publish_too():
        try:
            return editorial.publish_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert editorial.publish_due() == 1
        assert pool.submit(publish_too).result(timeout=5) == 0
    assert editorial.publish_due() == 0


# What grows old -------------------------------------------------------------------


def test_a_check_settles_what_members_doubted(member, other_member, reviewer):
    item = make_item(author=member)
    for text in ("The price.", "The price and the date."):
        flag = editorial.flag_outdated(item=item, member=other_member, text=text)
    assert item.outdated_flags.get() == flag
    assert flag.text == "The price and the date."

    item = editorial.check(item=item, by=reviewer)
    assert item.checked_on == timezone.localdate()
    assert item.review_by > timezone.localdate()
    assert not item.outdated_flags.filter(closed_at=None).exists()
    editorial.flag_outdated(item=item, member=other_member, text="Again.")
    assert item.outdated_flags.count() == 2


def test_authors_are_asked_once_when_a_check_is_due(
    member, other_member, reviewer, django_capture_on_commit_callbacks
):
    today = timezone.localdate()
    due = make_item("due", author=member, review_by=today)
    make_co_author(due, other_member)
    make_item("later", author=member, review_by=today + dt.timedelta(days=1))
    make_item("long-ago", author=member, review_by=today - dt.timedelta(days=30))
    with django_capture_on_commit_callbacks(execute=True):
        for _twice in range(2):
            tasks.remind_of_checks()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        [member.email, other_member.email]
    )
    assert f"/studio/items/{due.pk}/" in mail.outbox[0].body


def test_news_are_to_be_checked_sooner(member, reviewer):
    news = make_item(kind=Item.Kind.NEWS, author=member)
    article = make_item("essay", author=member)
    sooner = editorial.check(item=news, by=reviewer).review_by
    assert sooner < editorial.check(item=article, by=reviewer).review_by


# The desk -------------------------------------------------------------------------


def test_reasons_are_chosen_and_read_in_the_authors_language(client, member, reviewer):
    member.language = "zh-hans"
    member.save()
    source = ReturnReason.objects.create(text="Name it.", text_zh="请注明来源。")
    item = bring_to(make_ready(member), State.IN_REVIEW, reviewer)
    client.force_login(reviewer)
    assert "Name it." in client.get(f"/studio/items/{item.pk}/").content.decode()

    url, act = f"/studio/items/{item.pk}/step/", {"act": "returned"}
    refused = client.post(url, {**act, "text": ""})
    assert refused.status_code == 422
    assert "Choose a reason" in refused.content.decode()
    client.post(url, {**act, "reasons": [source.pk], "text": "On page two."})

    step = item.editorial_steps.get(act=Act.RETURNED)
    assert step.text == "请注明来源。\n\nOn page two."


def test_the_queue_says_who_looks_at_what_and_is_taken_in_bulk(
    client, member, reviewer
):
    other = make_reviewer("other")
    titles = ("One", "Two", "Three")
    items = [
        bring_to(make_ready(member, title=title), State.SUBMITTED, None)
        for title in titles
    ]
    taken = editorial.take(item=items[2], by=other)
    own = bring_to(make_ready(reviewer, title="Own"), State.SUBMITTED, None)
    client.force_login(reviewer)
    shown = client.get("/studio/desk/").content.decode()
    assert shown.count("nobody looks at it yet") == 3
    assert "Other looks at it" in shown
    assert "Three" not in client.get("/studio/desk/?show=free").content.decode()

    chosen = [item.pk for item in (items[0], items[1], taken, own)]
    page = client.post("/studio/desk/take/", {"items": chosen}, follow=True)

    assert [str(it) for it in page.context["messages"]] == [
        "2 taken.",
        "2 were left: somebody was first, or you wrote them.",
    ]
    mine = client.get("/studio/desk/?show=mine").content.decode()
    assert all(title in mine for title in titles[:2])
    assert "Three" not in mine
    taken.refresh_from_db()
    assert taken.reviewer == other


def test_the_queue_has_pages(client, member, reviewer):
    for number in range(21):
        bring_to(make_ready(member, title=f"Nr {number}."), State.SUBMITTED, None)
    client.force_login(reviewer)
    assert "Nr 20." not in client.get("/studio/desk/").content.decode()
    assert "Nr 20." in client.get("/studio/desk/?page=2").content.decode()


def test_what_is_scheduled_is_moved_in_the_calendar(client, scheduled):
    client.force_login(make_planner())
    url = f"/studio/desk/calendar/{scheduled.pk}/"
    before = timezone.localtime(scheduled.published_at)
    refused = client.post(url, {"day": "2020-01-01"})
    assert refused.status_code == 422
    assert "This time is past." in refused.content.decode()
    assert client.post(url, {"day": "9999-12-31"}).status_code == 422
    assert client.post(url, {"day": "x"}).status_code == 422

    day = before.date() + dt.timedelta(days=40)
    answer = client.post(url, {"day": f"{day}"})

    assert answer.url == f"/studio/desk/calendar/?month={day:%Y-%m}#item-{scheduled.pk}"
    scheduled.refresh_from_db()
    after = timezone.localtime(scheduled.published_at)
    assert (after.date(), after.time()) == (day, before.time())
    assert scheduled.publications.get().due_at == scheduled.published_at


def test_what_is_out_is_not_moved(client, reviewer):
    item = make_item()
    client.force_login(reviewer)
    client.post(f"/studio/desk/calendar/{item.pk}/", {"day": "2030-01-01"})
    before = item.published_at
    item.refresh_from_db()
    assert item.published_at == before


def test_the_calendar_shows_gaps_and_the_balance_of_fields(client, reviewer):
    full = Field.objects.create(name="Full", slug="full")
    empty = Field.objects.create(name="Empty", slug="empty")
    now = timezone.now()
    make_item("now", field=full, published_at=now)
    make_item("old", field=full, published_at=now - dt.timedelta(days=100))
    make_item("draft", field=empty, published_at=None)
    make_item("without", published_at=now)

    month = desk.month_of(timezone.localdate().replace(day=1))
    shares = {it.field: (it.out, it.live) for it in desk.balance_of(month)}
    assert shares[full] == (1, 2)
    assert shares[empty] == (0, 0)
    assert shares[None] == (1, 1)
    assert sum(not week.is_empty for week in month.weeks) == 1

    client.force_login(reviewer)
    page = client.get("/studio/desk/calendar/").content.decode()
    assert page.count("Nothing goes out in the week of") == len(month.weeks) - 1


# Days on which the clocks change ---------------------------------------------------


@pytest.fixture
def in_berlin(client, reviewer):
    """The reviewer's clock; the house's own is in Shanghai."""
    reviewer.time_zone = "Europe/Berlin"
    reviewer.save()
    client.force_login(reviewer)
    return reviewer


def schedule(client, member, reviewer, at):
    item = bring_to(make_ready(member), State.IN_REVIEW, reviewer)
    tick_all(item, reviewer)
    path = f"/studio/items/{item.pk}/step/"
    answer = client.post(path, {"act": "accepted", "at": at})
    item.refresh_from_db()
    return item, answer


@pytest.mark.parametrize(
    ("now", "at", "in_utc"),
    [
        # Said in winter for summer, the day the clocks go forward, and back.
        ("2027-03-01", "2027-04-10T09:30", "2027-04-10T07:30"),
        ("2027-03-01", "2027-03-28T03:30", "2027-03-28T01:30"),
        ("2027-10-01", "2027-10-31T09:30", "2027-10-31T08:30"),
    ],
)
def test_the_time_that_was_said_is_kept_and_shown(
    client, member, in_berlin, now, at, in_utc
):
    with time_machine.travel(f"{now}T12:00:00Z", tick=False):
        item, _ = schedule(client, member, in_berlin, at)
        page = client.get(f"/studio/items/{item.pk}/").content.decode()

    assert f"{item.published_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M}" == in_utc
    assert f'value="{at}"' in page  # to be set anew
    assert "Europe/Berlin" in page


@pytest.mark.parametrize("at", ["2027-03-28T02:30", "2027-10-31T02:30"])
def test_a_time_that_is_not_or_is_twice_is_told_beside_the_field(
    client, member, in_berlin, at
):
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False):
        item, answer = schedule(client, member, in_berlin, at)

    assert answer.status_code == 422
    assert "Europe/Berlin" in str(answer.context["forms"][0].errors) + str(
        [form.errors for form in answer.context["forms"]]
    )
    assert item.state == State.IN_REVIEW


def test_authors_elsewhere_read_it_by_their_own_clock(client, member, in_berlin):
    member.time_zone = "America/New_York"
    member.save()
    with time_machine.travel("2027-03-20T12:00:00Z", tick=False):
        # Between the changes of both places they are five hours apart, not six.
        item, _ = schedule(client, member, in_berlin, "2027-03-25T09:30")
        client.force_login(member)
        page = client.get(f"/studio/items/{item.pk}/").content.decode()
    assert "4:30 a.m." in page or "04:30" in page


def test_what_somebody_holds_stays_also_when_it_is_sold_no_more(member, reviewer):
    sold = bring_to(make_ready(make_mentor()), State.LIVE, reviewer)
    Item.objects.filter(pk=sold.pk).update(access="sold")
    since = timezone.now()
    entitlements.grant(
        member=member, what=sold.key, source="staff", starts_at=since, ends_at=None
    )
    Item.objects.filter(pk=sold.pk).update(access="members")
    sold.refresh_from_db()

    with pytest.raises(NotAllowedNow):
        editorial.withdraw(item=sold, by=sold.author)
