import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.errors import Muted
from accounts.models import Activity, Role, Space, Title, Verb
from accounts.privacy import erase_all, export_all
from accounts.services.roles import grant_role
from content.errors import (
    ChallengeBegun,
    ChallengeClosed,
    ChallengeFull,
    CheckedInAlready,
    DayClosed,
    ZoneMovedLately,
)
from content.models import (
    Case,
    Challenge,
    ChallengeMember,
    CheckIn,
    Post,
    Topic,
    WatchedWord,
)
from content.services import challenges, check_ins, discussions, moderation
from incentives.models import PointRule
from incentives.services import awarding
from tests.factories.accounts import make_member, make_space
from tests.factories.challenges import DAY, check_in, make_challenge

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = dt.datetime.now(SHANGHAI).date()
NOON = dt.datetime.combine(FIRST, dt.time(12), SHANGHAI)


def at(day, hour=12):
    return time_machine.travel(NOON.replace(hour=hour) + (day - 1) * DAY, tick=False)


def on(number):
    return FIRST + (number - 1) * DAY


@pytest.fixture
def mentor(db):
    member = make_member("mentor")
    grant_role(member=member, role=Role.MENTOR)
    member.refresh_from_db()
    return member


@pytest.fixture
def reader(db):
    return make_member("reader", time_zone="Asia/Shanghai")


@pytest.fixture
def challenge(mentor):
    with at(1, 0):
        return make_challenge(host=mentor, first_day=FIRST)


@pytest.fixture
def mine(challenge, reader):
    with at(1, 0):
        return challenges.join(challenge=challenge, member=reader)


def told(member):
    return list(member.notifications.order_by("pk").values_list("kind", flat=True))


def verbs(member):
    return list(Activity.objects.filter(member=member).values_list("verb", flat=True))


def hold_everything_with(word):
    WatchedWord.objects.create(word=word, effect=WatchedWord.Effect.HOLD)


# Checking in --------------------------------------------------------------------------


def test_a_check_in_is_a_post_and_one_a_day(mine):
    key = uuid4()
    with at(1):
        first = check_in(mine, FIRST, form_key=key)
        again = check_in(mine, FIRST, form_key=key)
        with pytest.raises(CheckedInAlready):
            check_in(mine, FIRST, "I read more.", form_key=uuid4())

    assert first == again
    assert first.post.topic == mine.challenge.topic
    assert first.post.body == "I read."
    assert mine.challenge.topic.posts.count() == 2


def test_only_open_days_can_be_checked_in_for(mine):
    for day, hour, wanted in ((1, 12, 2), (2, 12, 1), (6, 12, 5), (1, 12, 0)):
        with at(day, hour), pytest.raises(DayClosed):
            check_in(mine, on(wanted))
    with at(2, 11):
        assert check_in(mine, on(1)).is_late
    with at(2, 11):
        assert not check_in(mine, on(2), "The second.").is_late


def test_the_day_is_that_of_the_zone_one_joined_with(mine, reader):
    reader.time_zone = "Pacific/Kiritimati"  # six hours ahead
    reader.save(update_fields=["time_zone"])
    with at(1, 20):
        with pytest.raises(DayClosed):
            check_in(mine, on(2))
        with pytest.raises(ZoneMovedLately):
            challenges.move_zone(participant=mine)
    with at(8, 20):
        challenges.move_zone(participant=mine)
    mine.refresh_from_db()
    assert mine.time_zone == "Pacific/Kiritimati"


def test_who_left_checks_in_no_more_until_they_come_again(mine, challenge, reader):
    with at(1):
        challenges.leave(participant=mine)
        with pytest.raises(DayClosed):
            check_in(mine, on(1))
        assert challenges.join(challenge=challenge, member=reader) == mine
        check_in(mine, on(1))
    assert verbs(reader).count(Verb.CHALLENGE_JOINED) == 1


def test_the_muted_do_not_check_in(mine, reader):
    reader.muted_until = NOON + 9 * DAY
    reader.save(update_fields=["muted_until"])
    with at(1), pytest.raises(Muted):
        check_in(mine, on(1))


def test_what_is_held_counts_and_when_refused_the_day_is_open_again(
    mine, mentor, reader
):
    hold_everything_with("casino")
    with at(1):
        held = check_in(mine, on(1), "I read in the casino.")
        assert held.is_waiting
        mine.refresh_from_db()
        assert challenges.progress_of(mine).done == 1
        assert not check_ins.readable(mentor).exists()

        moderation.reject(case=held.case, by=mentor, reason="No casinos.")

        assert challenges.progress_of(mine).done == 0
        again = check_in(mine, on(1), "I read at home.")
    assert again == held
    assert again.post
    assert not again.case


def test_what_is_let_through_finishes_a_challenge(mine, mentor, reader):
    hold_everything_with("casino")
    for number in (1, 2):
        with at(number):
            check_in(mine, on(number), f"Page {number}.")
    with at(3):
        last = check_in(mine, on(3), "At the casino.")
        check_ins.finish_due()
        mine.refresh_from_db()
        assert mine.done_at is None

        moderation.accept(case=last.case, by=mentor)
        assert check_ins.finish_due() == 1
        assert check_ins.finish_due() == 0
        assert list(check_ins.readable(mentor).values_list("day", flat=True)) == [
            on(3),
            on(2),
            on(1),
        ]


def test_finishing_is_once_and_pays_once_and_gives_the_title(mine, reader, mentor):
    rule = PointRule.objects.get(verb=Verb.CHALLENGE_DONE)
    title = Title.objects.create(name="Reader", meaning="Has read for days.")
    Challenge.objects.update(title_given=title)
    for number in range(1, 6):
        with at(number):
            check_in(mine, on(number), f"Page {number}.")

    assert told(reader) == ["title_given", "challenge_done"] or told(reader) == [
        "challenge_done",
        "title_given",
    ]
    assert reader.titles.get().title == title
    done = Activity.objects.get(verb=Verb.CHALLENGE_DONE)
    done.at = rule.since + DAY
    assert [it.points for it in awarding.award_for(done)] == [rule.points]
    assert awarding.award_for(done) == []


def test_a_hidden_post_counts_no_more(mine, mentor):
    with at(1):
        made = check_in(mine, on(1))
        discussions.hide_post(post=made.post, reason="", by=mentor)
        assert challenges.progress_of(mine).done == 0
        assert not check_ins.readable(mentor).exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_are_one_check_in():
    host, reader = make_member("host"), make_member("racer", time_zone="UTC")
    challenge = make_challenge(host=host, first_day=dt.datetime.now(dt.UTC).date())
    mine = challenges.join(challenge=challenge, member=reader)
    day = dt.datetime.now(dt.UTC).date()

    def send(number):
        try:
            return check_in(mine, day, f"Words {number}.").pk
        except CheckedInAlready:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(send, range(2)))

    assert made.count(None) == 1
    assert challenge.topic.posts.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_once():
    challenge = make_challenge(host=make_member("host"), places=1)
    people = [make_member(name) for name in ("one", "two")]

    def come(member):
        try:
            return challenges.join(challenge=challenge, member=member).pk
        except ChallengeFull:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(come, people))

    assert made.count(None) == 1
    assert challenges.people_of(challenge).count() == 1


# Being told ---------------------------------------------------------------------------


def test_participants_hear_of_answers_to_them_and_not_of_every_check_in(
    mine, challenge, mentor, reader
):
    other = make_member("other")
    with at(1):
        theirs = challenges.join(challenge=challenge, member=other)
        made = check_in(mine, on(1))
        check_in(theirs, on(1), "Me too.")
        assert told(reader) == []
        check_ins.answer(check_in=made, author=mentor, body="Well read.")
        check_ins.praise(check_in=made, by=mentor)
        check_ins.praise(check_in=made, by=mentor)

    assert told(reader) == ["check_in_answered", "check_in_praised"]
    assert check_ins.shown_to(reader, [made.pk]) == {
        made.pk: ("Twenty pages", f"/check-ins/{made.pk}/")
    }
    assert [it.body for it in check_ins.answers_to(made)] == ["Well read."]
    assert not check_ins.unanswered(
        check_ins.readable(mentor).filter(participant=mine)
    ).exists()


def test_the_reminder_comes_at_the_hour_chosen_once_a_day(mine, reader):
    with at(1, 12):
        challenges.choose(participant=mine, remind_hour=19, is_ranked=True)
        assert check_ins.remind() == 0
    with at(1, 19):
        assert (check_ins.remind(), check_ins.remind()) == (1, 0)
    with at(2, 23):  # nothing ran at the hour
        assert check_ins.remind() == 1
    with at(3, 18):
        check_in(mine, on(3))
    with at(3, 20):
        assert check_ins.remind() == 0
    with at(4, 19):
        challenges.choose(participant=mine, remind_hour=None, is_ranked=True)
        assert check_ins.remind() == 0
    with at(6, 20):  # it is over
        challenges.choose(participant=mine, remind_hour=1, is_ranked=True)
        assert check_ins.remind() == 0
    assert told(reader) == ["challenge_today"] * 2


def test_the_reminder_goes_by_the_members_own_clock(challenge):
    traveller = make_member("traveller", time_zone="America/Los_Angeles")
    with at(1, 0):
        challenges.join(challenge=challenge, member=traveller, remind_hour=9)
    nine = dt.datetime.combine(FIRST, dt.time(9), ZoneInfo("America/Los_Angeles"))
    with time_machine.travel(nine - dt.timedelta(minutes=10)):
        assert check_ins.remind() == 0
    with time_machine.travel(nine + dt.timedelta(minutes=10)):
        assert check_ins.remind() == 1


def test_who_joins_after_the_hour_is_reminded_from_tomorrow_on(challenge, reader):
    with at(1, 20):
        challenges.join(challenge=challenge, member=reader, remind_hour=19)
        assert check_ins.remind() == 0
    with at(2, 20):
        assert check_ins.remind() == 1


# Making -------------------------------------------------------------------------------


def test_rules_stay_once_somebody_has_checked_in(challenge, mine):
    challenges.change_challenge(challenge=challenge, rest_days=1)
    with at(1):
        check_in(mine, on(1))
    with pytest.raises(ChallengeBegun):
        challenges.change_challenge(challenge=challenge, rest_days=0)
    changed = challenges.change_challenge(challenge=challenge, title="Thirty pages")
    assert changed.title == "Thirty pages"


def test_cancelling_tells_everybody_and_ends_it(challenge, mine, reader, mentor):
    challenges.cancel_challenge(challenge=challenge, by=mentor)
    challenges.cancel_challenge(challenge=challenge, by=mentor)
    assert told(reader) == ["challenge_cancelled"]
    with at(1), pytest.raises(DayClosed):
        check_in(mine, on(1))
    with at(1), pytest.raises(ChallengeClosed):
        challenges.join(challenge=challenge, member=make_member("late"))


# Groups -------------------------------------------------------------------------------


def test_the_group_sees_how_many_checked_in_and_the_ranking_only_who_wants_to(
    challenge, mine, reader
):
    shy = make_member("shy")
    with at(1):
        theirs = challenges.join(challenge=challenge, member=shy, is_ranked=False)
        check_in(mine, on(1))
        check_in(theirs, on(1), "Quietly.")
    with at(2):
        check_in(mine, on(2), "Again.")
        challenges.join(challenge=challenge, member=make_member("late"))
        group = challenges.group_of(challenge)
    assert [(it.number, it.done, it.people) for it in group.days] == [
        (2, 1, 3),
        (1, 2, 2),
    ]
    assert [(it.member, it.done) for it in group.ranking] == [(reader, 2)]


def test_teams_go_together_and_are_no_larger_than_they_may_be(challenge, reader):
    Challenge.objects.update(team_size=2)
    with at(1):
        first = challenges.join(challenge=challenge, member=reader, new_team="Moles")
        friend = make_member("friend")
        challenges.join(challenge=challenge, member=friend, team=first.team)
        third = make_member("third")
        with pytest.raises(ChallengeFull):
            challenges.join(challenge=challenge, member=third, new_team="Moles")
        check_in(first, on(1))
        challenge.refresh_from_db()
        (team,) = challenges.group_of(challenge).teams
        assert not challenges.open_teams(challenge).exists()
    assert (team.team.name, team.people, team.done, team.most) == ("Moles", 2, 1, 2)


# Pages --------------------------------------------------------------------------------


def page(client, row):
    return client.get(row.get_absolute_url()).content.decode()


def test_a_member_finds_joins_and_checks_in(client, challenge, reader):
    with at(1):
        client.force_login(reader)
        assert "Twenty pages" in client.get("/challenges/").content.decode()
        assert "Read twenty pages." not in page(client, challenge)
        path = challenge.get_absolute_url()
        assert client.get(f"{path}join/").status_code == 200
        says = {"remind_hour": "19", "is_ranked": "on"}
        assert client.post(f"{path}join/", says).status_code == 302
        assert "Read twenty pages." in page(client, challenge)
        home = client.get("/").content.decode()
        assert path in home

        says = {"day": FIRST.isoformat(), "body": "Page *one*.", "form_key": uuid4()}
        assert client.post(f"{path}check-in/", says).url == path

        text = page(client, challenge)
        assert "Page <em>one</em>." in text
        assert "See you tomorrow" in text
        assert path not in client.get("/").content.decode()
        mine = client.get("/challenges/?show=mine").content.decode()
        assert "Twenty pages" in mine
    mine = ChallengeMember.objects.get()
    assert (mine.remind_hour, mine.is_ranked) == (19, True)


def test_a_refused_check_in_keeps_its_words_and_its_picture(client, mine, reader):
    with at(1):
        client.force_login(reader)
        path = f"{mine.challenge.get_absolute_url()}check-in/"
        picture = SimpleUploadedFile("a.txt", b"My proof.")
        says = {"day": on(0).isoformat(), "body": "Long words.", "file": picture}
        answer = client.post(path, {**says, "form_key": uuid4()})
        assert answer.status_code == 422
        assert "Long words." in answer.content.decode()

        check_in(mine, on(1))
        picture.seek(0)
        says |= {"day": FIRST.isoformat(), "form_key": uuid4()}
        answer = client.post(path, says)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "Long words." in text
        assert "/media/posts/" in text
        assert "You have checked in for this day already" in text


def test_a_held_check_in_leads_to_where_its_author_sees_it(client, mine, reader):
    hold_everything_with("casino")
    with at(1):
        client.force_login(reader)
        path = f"{mine.challenge.get_absolute_url()}check-in/"
        says = {"day": FIRST.isoformat(), "body": "Casino.", "form_key": uuid4()}
        answer = client.post(path, says)
        assert answer.url == Case.objects.get().get_absolute_url()
        assert page(client, mine.challenge)


def test_tasks_of_days_to_come_are_not_shown(client, mine, challenge, mentor, reader):
    client.force_login(mentor)
    path = f"/studio/challenges/{challenge.pk}/tasks/"
    assert client.get(path).status_code == 200
    client.post(path, {"1": "Begin with a poem.", "2": "Then an essay."})
    with at(1):
        client.force_login(reader)
        text = page(client, challenge)
        assert "Begin with a poem." in text
        assert "Then an essay." not in text
    with at(2):
        client.force_login(reader)
        assert "Then an essay." in page(client, challenge)


def test_a_mentor_makes_publishes_and_leads(client, mentor, reader):
    client.force_login(mentor)
    space = make_space("runners")
    assert client.get("/studio/challenges/new/").status_code == 200
    says = {
        "title": "Run",
        "task": "Run a mile.",
        "space": space.pk,
        "first_day": FIRST.isoformat(),
        "last_day": on(5).isoformat(),
        "required_days": "9",
        "rest_days": "1",
        "late_hours": "12",
    }
    answer = client.post("/studio/challenges/new/", says)
    assert answer.status_code == 422
    assert "It does not have so many days." in answer.content.decode()
    client.post("/studio/challenges/new/", says | {"required_days": "4"})
    made = Challenge.objects.get()
    path = f"/studio/challenges/{made.pk}/"
    with at(1):
        client.force_login(mentor)
        client.post(f"{path}publish/")
        made.refresh_from_db()
        assert made.is_published
        mine = challenges.join(challenge=made, member=reader)
        check_in(mine, on(1), "A mile.")
        text = client.get(path).content.decode()
        assert "A mile." in text
        assert "1 of 4 days" in text
        table = b"".join(client.get(f"{path}people.csv")).decode()
        assert "reader" in table
        changed = says | {"required_days": "4", "rest_days": "0"}
        assert client.post(f"{path}change/", changed).status_code == 422
        assert client.post(f"{path}cancel/").status_code == 200
        client.post(f"{path}cancel/", {"sure": "1", "reason": "Rain."})
        assert "Rain." in page(client, made)


def test_the_mentors_word_and_praise_stand_with_the_check_in(client, mine, mentor):
    with at(1):
        made = check_in(mine, on(1))
        client.force_login(mentor)
        path = made.get_absolute_url()
        client.post(f"{path}answer/", {"body": "Go on!", "form_key": uuid4()})
        client.post(f"{path}praise/")
        text = page(client, made)
        assert "Go on!" in text
        assert "praised by" in text
        client.post(f"{path}praise/", {"undo": "1"})
        assert "praised by" not in page(client, made)
        assert client.post(f"{path}answer/", {"body": ""}).status_code == 422


def test_nothing_of_a_private_space_is_seen_outside(client, mentor, member):
    space = make_space("private", access=Space.Access.JOINED)
    with at(1):
        hidden = make_challenge("Secret", host=mentor, space=space, first_day=FIRST)
        mine = challenges.join(challenge=hidden, member=make_member("insider"))
        made = check_in(mine, on(1), "Secret words.")
        client.force_login(member)
        assert "Secret" not in client.get("/challenges/").content.decode()
        for row in (hidden, made):
            assert client.get(row.get_absolute_url()).status_code == 404
        assert challenges.shown_to(member, [hidden.pk]) == {}
        assert check_ins.shown_to(member, [made.pk]) == {}


def test_a_topic_that_was_moved_takes_its_check_ins_along(client, challenge, mine):
    space = make_space("private", access=Space.Access.JOINED)
    with at(1):
        check_in(mine, on(1), "Moved words.")
        Topic.objects.filter(pk=challenge.topic_id).update(space=space)
        client.force_login(make_member("outsider"))
        assert "Moved words." not in page(client, challenge)


# Privacy ------------------------------------------------------------------------------


def test_who_is_forgotten_takes_part_in_nothing(mine, reader, mentor):
    with at(1):
        made = check_in(mine, on(1))
        check_ins.praise(check_in=made, by=mentor)
        told_of = export_all(reader)["content"]
        assert told_of["challenges"][0]["challenge__title"] == "Twenty pages"
        assert told_of["check-ins"][0]["post_id"] == made.post_id
        erase_all(reader)
        erase_all(mentor)

        mine.refresh_from_db()
        made = CheckIn.objects.get()
        challenge = Challenge.objects.get()
        assert mine.left_at
        assert made.praised_by is None
        assert (challenge.state, challenge.title, challenge.task) == (
            "cancelled",
            "…",
            "…",
        )
        assert set(Post.objects.values_list("body", flat=True)) == {""}
