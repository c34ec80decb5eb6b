"""Few are asked, seldom; what they answer is seen as sums alone."""

import datetime as dt

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import privacy
from accounts.models import Notification, Purpose, Verb
from accounts.services import consents, sanctions
from accounts.services.activity import record_activity
from analytics.datasets import satisfaction_answers
from community.lib.dates import site_day
from community.lib.intervals import poisson, wilson
from content.models import Asked, Survey
from content.services import survey_report, surveys
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_course
from tests.factories.discussions import make_post, make_topic
from tests.factories.sanctions import make_sanction

pytestmark = pytest.mark.django_db


def survey(kind="satisfaction", occasion="", **changes):
    found = Survey.objects.filter(kind=kind, occasion=occasion)
    if changes:
        found.update(**changes)
    return found.get()


def settled(name):
    return make_member(name, date_joined=timezone.now() - dt.timedelta(days=100))


def everybody_is_drawn():
    Survey.objects.all().update(share=0)
    survey(share=1, starts_on=site_day() - dt.timedelta(days=9))


def test_a_night_draws_by_lot_and_the_same_night_draws_nobody_else():
    everybody_is_drawn()
    members = [settled(f"m{n}") for n in range(30)]
    day = site_day() - dt.timedelta(days=1)

    assert surveys.draw(day) == 1
    assert surveys.draw(day) == 0

    asked = Asked.objects.get()
    assert asked.member in members
    assert asked.probability == pytest.approx(1 / 30)
    assert (asked.tenure_days, asked.is_paying) in {(99, False), (100, False)}
    assert Notification.objects.get().member == asked.member
    assert surveys.shown_to(asked.member, [asked.pk])


def test_who_is_drawn_follows_the_lot_not_the_order():
    everybody_is_drawn()
    for n in range(60):
        settled(f"m{n}")
    first = [site_day(), site_day() - dt.timedelta(days=1)]
    drawn = {day: surveys.draw(day) for day in first}
    assert drawn == dict.fromkeys(first, 2)
    assert Asked.objects.values("member").distinct().count() == 4


def test_the_new_the_suspended_and_who_said_no_are_left_in_peace(operator):
    day = site_day()
    new = make_member("new")
    no, bad, hurt, rested, fine = (
        settled(name) for name in ("no", "bad", "hurt", "rested", "fine")
    )
    surveys.refuse(member=no)
    make_sanction(bad, by=operator)
    bad.refresh_from_db()
    sanctions.lift_suspension(member=bad, by=operator)
    topic = make_topic(fine)
    make_post(topic, hurt, hidden_at=timezone.now())
    assert surveys.ask(survey=survey(), member=rested, probability=1.0)

    assert set(surveys.who_may_be_asked(day)) == {fine}
    assert new not in surveys.who_may_be_asked(day)


def test_nobody_is_asked_twice_in_a_month_whatever_the_code_tries(member):
    first = surveys.ask(survey=survey(), member=member, probability=0.5)
    assert surveys.ask(survey=survey("nps"), member=member, probability=0.5) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Asked.objects.create(
            survey=first.survey,
            member=member,
            probability=0.5,
            asked_on=first.asked_on + dt.timedelta(days=29),
            rests_until=first.asked_on + dt.timedelta(days=59),
            quarter="2099Q1",
            number=1,
            tenure_days=0,
            is_paying=False,
        )


def test_twice_a_quarter_is_enough(member):
    first = dt.date(2026, 7, 1)
    days = [first + dt.timedelta(days=30 * n) for n in range(4)]
    asked = [
        surveys.ask(survey=survey(), member=member, probability=1.0, day=day)
        for day in days
    ]
    assert [it is not None for it in asked] == [True, True, False, False]


def test_after_a_course_its_learner_is_asked_once(member):
    survey("csat", "course", share=1)
    course = make_course("clay")
    for _ in range(2):
        done = record_activity(member=member, verb=Verb.COURSE_DONE, target=course)
        surveys.ask_after(done)
    surveys.ask_after_recent()
    asked = Asked.objects.get()
    assert (asked.target_kind, asked.target_id) == ("item", course.pk)
    assert surveys.title_of(asked, member) == course.title


def test_after_an_answer_its_asker_is_asked_unless_it_was_their_own(
    member, other_member
):
    survey("csat", "answer", share=1)
    topic = make_topic(member, kind="question")
    post = make_post(topic, other_member)
    for author, asked in ((member, 0), (other_member, 1)):
        done = record_activity(
            member=author,
            verb=Verb.ANSWER_ACCEPTED,
            target=post,
            topic=topic.pk,
            asker=member.pk,
        )
        surveys.ask_after(done)
        assert Asked.objects.count() == asked
    assert Asked.objects.get().member == member


def test_who_asked_rates_an_accepted_answer_from_the_home_page(
    client, member, other_member, django_capture_on_commit_callbacks
):
    """From the mark to the answer, as a new community is set up but for its luck."""
    Survey.objects.filter(occasion="answer").update(share=1)
    assert Survey.objects.filter(occasion="answer").count() == 1
    space = make_space("talk")
    topic = make_topic(member, kind="question", title="Why sand?", space=space)
    post = make_post(topic, other_member)
    client.force_login(member)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/posts/{post.pk}/accept/")

    asked = Asked.objects.get()
    assert asked.member == member
    assert "with “Why sand?”" in client.get("/").text
    assert asked.get_absolute_url() in client.get("/").text
    assert "Why sand?" in client.get(asked.get_absolute_url()).text
    assert Notification.objects.filter(member=member, kind="survey_asked").exists()


def test_answers_are_kept_and_can_be_changed(client, member, other_member):
    asked = surveys.ask(survey=survey(), member=member, probability=0.5)
    client.force_login(member)
    assert asked.get_absolute_url() in client.get("/").content.decode()
    names = ("overall", "content", "interaction", "incentives", "atmosphere")
    assert client.post(asked.get_absolute_url(), {"overall": 4}).status_code == 422
    for value in (2, 4):
        client.post(asked.get_absolute_url(), dict.fromkeys(names, value))
    asked.refresh_from_db()
    assert asked.seen_at
    assert asked.answered_at
    assert set(asked.answers.values_list("value", flat=True)) == {4}
    assert asked.get_absolute_url() not in client.get("/").content.decode()
    client.force_login(other_member)
    assert client.get(asked.get_absolute_url()).status_code == 404


def test_not_now_and_never_are_answers_too(client, member):
    asked = surveys.ask(survey=survey(), member=member, probability=0.5)
    client.force_login(member)
    client.post(asked.get_absolute_url(), {"later": "1"})
    assert surveys.open_for(member) is None
    client.post("/surveys/refuse/")
    assert surveys.has_refused(member)
    client.post("/surveys/refuse/", {"again": "1"})
    assert not surveys.has_refused(member)


def test_models_get_the_silent_too_but_only_who_agreed():
    agreed, silent, against = (settled(name) for name in ("a", "s", "x"))
    for it in (agreed, silent):
        consents.give(member=it, purpose=Purpose.PROFILING)
    for it in (agreed, silent, against):
        asked = surveys.ask(survey=survey(), member=it, probability=0.25)
        if it != silent:
            surveys.answer(asked=asked, values={"overall": 5}, comment="")
    found = satisfaction_answers()
    assert found.member_ids.tolist() == [agreed.pk, silent.pk]
    assert found.answered.tolist() == [True, False]
    assert found.answers[0, 0] == 5
    assert np.isnan(found.answers[1]).all()
    assert found.probability.tolist() == [0.25, 0.25]


def test_little_is_not_told_and_much_with_its_interval():
    nps = survey("nps")
    values = [10] * 10 + [8] * 5 + [0] * 5
    for n, value in enumerate(values):
        asked = surveys.ask(survey=nps, member=settled(f"n{n}"), probability=1.0)
        if n == 18:
            told = next(
                it for it in survey_report.report()["surveys"] if it["survey"] == nps
            )
            assert told["questions"][0]["told"] is None
        surveys.answer(asked=asked, values={"recommend": value}, comment="")
    told = next(it for it in survey_report.report()["surveys"] if it["survey"] == nps)
    value = told["questions"][0]["told"]
    # p = .5, d = .25: .25 ± 1.96 × sqrt((.75 - .0625) / 20)
    assert (value["value"], value["low"], value["high"]) == (25, -11, 61)
    assert (told["asked"], told["answered"]) == (20, 20)


def test_published_intervals():
    """Newcombe 1998, table I, method 3; exact limits of a Poisson mean of 10."""
    low, high = wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high = poisson(10)
    assert (round(low, 1), round(high, 1)) == (4.8, 18.4)


def test_who_is_forgotten_takes_their_answers_along(member):
    asked = surveys.ask(survey=survey(), member=member, probability=1.0)
    surveys.answer(asked=asked, values={"overall": 3}, comment="Mine.")
    assert "Mine." in str(privacy.export_all(member))
    privacy.erase_all(member)
    assert not Asked.objects.exists()


def test_the_desk_opens_the_reports_and_acts(client, operator, member):
    client.force_login(operator)
    for name in (
        *("feedbackreport", "surveyreport", "feedback", "suggestion", "change"),
        *("feedbackarea", "feedbacksubject", "feedbackreply", "survey"),
    ):
        assert client.get(f"/admin/content/{name}/").status_code == 200, name
    assert client.get("/admin/content/change/add/").status_code == 200
    assert client.get("/admin/").status_code == 200
