import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import (
    Community,
    Field,
    Notification,
    Role,
    Space,
    SpaceMember,
)
from accounts.services import experts
from accounts.services.roles import grant_role
from accounts.services.spaces import give_place_role, leave_space
from content.models import QuestionDuty, Topic
from content.services import discussions, duties
from tests.factories.accounts import make_member, make_space
from tests.factories.discussions import make_topic

HOUR = dt.timedelta(hours=1)


def make_mentor(name):
    mentor = make_member(name)
    grant_role(member=mentor, role=Role.MENTOR)
    mentor.refresh_from_db()
    return mentor


def make_expert(member, field, operator):
    expert = experts.save_expert(member=member, headline="Knows", fields=[field])
    experts.add_credential(
        expert=expert, what="A degree", issuer="A school", year=2001, document=None
    )
    experts.ask(expert)
    until = timezone.now() + dt.timedelta(days=9)
    experts.verify(expert=expert, until=until, by=operator)
    return member


def make_duty(author, *, title="Why?", due_in=HOUR, answered=None, **fields):
    space = Space.objects.filter(slug="talk").first() or make_space("talk")
    topic = make_topic(
        author, kind=Topic.Kind.QUESTION, title=title, **{"space": space, **fields}
    )
    due_at = timezone.now() + due_in
    return QuestionDuty.objects.create(
        topic=topic, remind_at=due_at - HOUR / 4, due_at=due_at, answered_at=answered
    )


def told(kind):
    found = Notification.objects.filter(kind=kind).order_by("member_id")
    return list(found.values_list("member_id", flat=True))


def ask(author, space, **fields):
    return discussions.start_topic(
        author=author, kind="question", title="Why?", body="So.", space=space, **fields
    )


@pytest.fixture
def field():
    return Field.objects.create(slug="history", name="History")


def test_a_question_is_due_after_the_hours_of_its_space_or_else_of_the_community(
    member,
):
    Community.objects.update_or_create(pk=1, defaults={"answer_hours": 30})
    quick = make_space("quick", answer_hours=4)
    for space, hours in ((quick, 4), (make_space("any"), 30)):
        topic = ask(member, space)
        duty = topic.duty
        assert duty.due_at - topic.created_at == hours * HOUR
        assert duty.remind_at - topic.created_at == hours * HOUR * 3 / 4


def test_a_discussion_is_not_due(member):
    discussions.start_topic(
        author=member, kind="discussion", title="Hm", body="Hm", space=make_space()
    )

    assert not QuestionDuty.objects.exists()


def test_after_its_commit_a_question_is_given_to_an_expert_of_its_field(
    member, other_member, operator, field, django_capture_on_commit_callbacks
):
    mentor = make_mentor("mentor")
    expert = make_expert(other_member, field, operator)
    with django_capture_on_commit_callbacks(execute=True):
        topic = ask(member, make_space(), field=field.pk)

    assert QuestionDuty.objects.get(topic=topic).mentor == expert
    assert told("question_assigned") == [expert.pk]
    assert duties.assign(topic.pk) == expert  # and so again
    assert mentor.duties.count() == 0


def test_the_mentor_with_the_least_to_answer_is_asked(member):
    busy, free, late = (make_mentor(name) for name in ("busy", "free", "late"))
    done = make_duty(member, title="Done", answered=timezone.now())
    QuestionDuty.objects.filter(pk=done.pk).update(mentor=free)
    waits = make_duty(member, title="Waits")
    duties.take(duty=waits, by=busy)

    assert duties.assign(make_duty(member, title="One").pk) == free
    assert duties.assign(make_duty(member, title="Two").pk) == late
    assert duties.assign(make_duty(busy, title="Own").pk) in (free, late)


def test_nobody_is_asked_of_what_they_cannot_read_or_while_suspended(member):
    make_mentor("outside")
    private = make_space("private", access=Space.Access.JOINED)
    assert duties.assign(make_duty(member, space=private).pk) is None

    away = make_mentor("away")
    away.suspended_at = timezone.now()
    away.save()
    assert duties.assign(make_duty(member).pk) != away


def test_who_declines_is_not_asked_again_and_the_next_one_is(
    member, django_capture_on_commit_callbacks
):
    first, second = make_mentor("first"), make_mentor("second")
    duty = make_duty(member)
    duties.assign(duty.pk)
    for mentor, after in ((first, second), (second, None)):
        with django_capture_on_commit_callbacks(execute=True):
            duties.decline(duty=duty, by=mentor)
        duty.refresh_from_db()
        assert duty.mentor == after

    duties.decline(duty=duty, by=first)  # not theirs: nothing happens
    duties.take(duty=duty, by=first)
    duty.refresh_from_db()
    assert duty.mentor == first


def test_the_first_answer_of_somebody_else_ends_the_waiting(member, other_member):
    topic = ask(member, make_space())
    discussions.reply(topic=topic, author=member, body="Nobody?")
    assert [it.topic for it in duties.waiting()] == [topic]

    first = discussions.reply(topic=topic, author=other_member, body="Here.")
    discussions.reply(topic=topic, author=other_member, body="And.")
    assert topic.duty.answered_at is None  # as it was read before
    topic.duty.refresh_from_db()
    assert topic.duty.answered_at == first.created_at
    assert not duties.waiting()


def test_reminders_go_before_it_is_due_and_operators_hear_of_it_after(member, operator):
    mentor = make_mentor("mentor")
    early, near, late = (
        make_duty(member, title=str(due), due_in=due) for due in (HOUR, HOUR / 5, -HOUR)
    )
    for duty in (early, near, late):
        duties.take(duty=duty, by=mentor)
    for _ in range(2):
        duties.remind()

    due = Notification.objects.get(kind="question_due")
    assert (due.member, due.target_id) == (mentor, near.pk)
    assert told("question_overdue") == sorted([mentor.pk, operator.pk])


def test_mentors_see_what_waits_take_it_and_decline_it(client, member, operator):
    mentor = make_mentor("mentor")
    late = make_duty(member, title="What is late?", due_in=-HOUR)
    make_duty(member, title="What is young?")
    make_duty(mentor, title="What do I ask?")
    client.force_login(mentor)

    def shown(show):
        return client.get(f"/studio/questions/?show={show}").text

    assert "What is late?" not in shown("mine")
    page = shown("overdue")
    assert "overdue for" in page
    assert "What is young?" not in page
    assert "What is young?" in shown("unassigned")
    assert "What do I ask?" not in shown("all")
    client.post(f"/studio/questions/{late.pk}/care/", {"act": "take"})
    assert "What is late?" in shown("mine")
    client.post(f"/studio/questions/{late.pk}/care/", {"act": "decline"})
    assert "What is late?" not in shown("mine")
    assert "/studio/questions/" in client.get("/studio/").text


def test_an_operator_hands_a_question_to_a_mentor(client, member, operator):
    mentor = make_mentor("mentor")
    duty = make_duty(member)
    client.force_login(operator)
    address = f"/admin/content/questionduty/{duty.pk}/change/"
    assert client.post(address, {"mentor": mentor.pk}).status_code == 302

    duty.refresh_from_db()
    assert duty.mentor == mentor
    assert told("question_assigned") == [mentor.pk]


def test_the_share_answered_in_time_counts_what_fell_due_and_says_its_doubt(
    client, member
):
    now = timezone.now()
    make_duty(member, due_in=HOUR, answered=now)  # not due yet: not counted
    for n in range(19):
        make_duty(member, title=f"{n}", due_in=-HOUR, answered=now - 2 * HOUR)
    found = duties.in_time()
    assert (found.hits, found.of, found.is_enough) == (19, 19, False)
    client.force_login(make_mentor("mentor"))
    assert "too few to tell a share" in client.get("/studio/questions/").text

    make_duty(member, due_in=-HOUR, answered=now)
    found = duties.in_time()
    assert found.is_enough
    # Wilson's interval of 19 in 20, as SciPy has it.
    assert found.percents == (95, 76, 99)
    assert "between 76% and 99%" in client.get("/studio/questions/").text


def test_a_question_is_handed_to_nobody_who_cannot_read_it(client, member, operator):
    inner = make_space("inner", access=Space.Access.JOINED)
    duty = make_duty(member, space=inner)
    client.force_login(operator)
    assert (
        f"/questionduty/{duty.pk}/change/"
        in client.get("/studio/questions/?show=all").content.decode()
    )
    address = f"/admin/content/questionduty/{duty.pk}/change/"
    answer = client.post(address, {"mentor": make_mentor("mentor").pk})

    assert "cannot read this question" in answer.content.decode()
    duty.refresh_from_db()
    assert duty.mentor is None


# The mentors of a space --------------------------------------------------------------


def make_mentor_of(space, name):
    mentor = make_member(name)
    role = SpaceMember.Role.MENTOR
    give_place_role(space=space, member=mentor, role=role, by=mentor)
    return mentor


def test_what_is_asked_in_a_space_goes_to_its_own_mentors_first(member):
    make_mentor("everywhere")
    space, other = make_space("talk"), make_space("other")
    own, second = make_mentor_of(space, "own"), make_mentor_of(space, "second")
    make_mentor_of(other, "stranger")
    volunteer = make_member("volunteer")
    role = SpaceMember.Role.VOLUNTEER
    give_place_role(space=space, member=volunteer, role=role, by=volunteer)

    asked = [duties.assign(make_duty(member).pk) for _each in range(3)]
    assert asked == [own, second, own]


def test_a_spaces_mentor_with_other_fields_comes_after_one_without(
    member, operator, field
):
    space = make_space("talk")
    other = Field.objects.create(slug="law", name="Law")
    lawyer = make_expert(make_mentor_of(space, "lawyer"), other, operator)
    general = make_mentor_of(space, "general")
    outside = make_expert(make_mentor("outside"), field, operator)
    duty = make_duty(member)
    QuestionDuty.objects.filter(pk=duty.pk).update(field=field)
    asked = []
    while (mentor := duties.assign(duty.pk)) is not None:
        asked.append(mentor)
        duties.decline(duty=duty, by=mentor)

    assert asked == [outside, general, lawyer]


def test_among_those_who_know_the_field_the_spaces_own_come_first(
    member, operator, field
):
    make_expert(make_mentor("everywhere"), field, operator)
    near = make_expert(make_mentor_of(make_space("talk"), "near"), field, operator)
    duty = make_duty(member)
    QuestionDuty.objects.filter(pk=duty.pk).update(field=field)

    assert duties.assign(duty.pk) == near


def test_a_spaces_mentor_cares_for_its_questions_and_no_others(client, member):
    space = make_space("talk")
    mentor = make_mentor_of(space, "own")
    here = make_duty(member, title="Asked here?")
    there = make_duty(member, title="Asked there?", space=make_space("there"))
    client.force_login(mentor)

    page = client.get("/studio/questions/?show=all").text
    assert "Asked here?" in page
    assert "Asked there?" not in page
    take = {"act": "take"}
    assert client.post(f"/studio/questions/{here.pk}/care/", take).status_code == 302
    assert client.post(f"/studio/questions/{there.pk}/care/", take).status_code == 403
    here.refresh_from_db()
    assert here.mentor == mentor
    leave_space(space=space, member=mentor)
    assert client.get("/studio/questions/").status_code == 403
