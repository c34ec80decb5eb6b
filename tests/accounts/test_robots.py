"""Robots in chat groups, against stand-ins that check signatures as the services do."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Robot, RobotMessage, Space
from accounts.robots import SERVICES
from accounts.services import keys, retention, robots
from accounts.services.robots import NotTheirs, check_address
from content.models import Publication
from content.services import editorial
from content.services.discussions import hide_topic, start_topic
from tests.accounts.chats import SECRET, Chat
from tests.factories.accounts import make_space
from tests.factories.courses import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture(params=SERVICES)
def chat(request, settings):
    with Chat(request.param) as chat:
        settings.ROBOT_HOSTS = [chat.host]
        yield chat


@pytest.fixture
def slack(settings):
    with Chat("slack") as chat:
        settings.ROBOT_HOSTS = [chat.host]
        yield chat


@pytest.fixture
def space():
    return make_space("talk", access=Space.Access.PUBLIC)


def make_robot(chat, *spaces, **fields):
    robot = Robot(kind=chat.kind, name=chat.kind, language="en", **fields)
    robots.set_secrets(robot, address=chat.address, secret=SECRET)
    robot.save()
    robot.tells_topics_of.set(spaces)
    return robot


def start(author, space, title="Why <!channel> so?", **fields):
    return start_topic(
        author=author,
        kind=fields.pop("kind", "discussion"),
        title=title,
        body="A secret text.",
        space=space,
    )


def send_later():
    """As if the robot had waited."""
    Robot.objects.update(waits_until=None)
    RobotMessage.objects.exclude(due_at=None).update(due_at=timezone.now())
    return robots.send_due()


def test_a_new_topic_is_told_once_with_its_title_and_link(chat, member, space):
    make_robot(chat, space)
    topic = start(member, space)

    assert robots.send_due() == 1
    assert robots.send_due() == 0
    (told,) = chat.titles()
    assert "channel" in told
    assert f"http://testserver{topic.get_absolute_url()}" in told
    assert "A secret text." not in told


def test_a_busy_service_is_asked_again_later(chat, member, space):
    robot = make_robot(chat, space)
    start(member, space)
    chat.manners = "busy"

    assert robots.send_due() == 0
    robot.refresh_from_db()
    assert robot.waits_until > timezone.now() + dt.timedelta(seconds=20)
    chat.manners = "well"
    assert robots.send_due() == 0
    assert send_later() == 1
    assert len(chat.got) == 1


def test_a_robot_that_is_not_known_any_more_is_switched_off(chat, member, space):
    robot = make_robot(chat, space)
    chat.manners = "gone"
    for number in range(robots.OFF_AFTER):
        start(member, space, f"Topic {number}")
        send_later()
    robot.refresh_from_db()

    assert not robot.is_on
    assert robot.problem
    start(member, space, "And one more")
    assert RobotMessage.objects.count() == robots.OFF_AFTER


def test_where_nobody_knows_whether_it_arrived_it_is_not_told_twice(
    slack, member, space
):
    make_robot(slack, space)
    start(member, space)
    slack.manners = "mute"

    robots.send_due()
    slack.manners = "well"
    assert send_later() == 0
    assert len(slack.got) == 1


def test_a_service_that_is_not_there_gets_it_later(slack, member, space, settings):
    robot = make_robot(slack, space)
    robots.set_secrets(robot, address="http://127.0.0.1:9/hook")
    settings.ROBOT_HOSTS = [*settings.ROBOT_HOSTS, "http://127.0.0.1:9"]
    robot.save()
    start(member, space)
    assert robots.send_due() == 0

    robots.set_secrets(robot, address=slack.address)
    robot.save()
    assert send_later() == 1


@pytest.mark.parametrize(
    ("access", "audience", "is_told"),
    [
        ("public", "public", True),
        ("members", "public", False),
        ("members", "members", True),
        ("joined", "members", False),
        ("plan", "members", False),
    ],
)
def test_only_what_the_group_may_see_is_told(
    slack, member, space, access, audience, is_told
):
    Space.objects.update(access=access)
    make_robot(slack, space, audience=audience)
    start(member, space)

    assert robots.send_due() == is_told
    assert len(slack.got) == is_told


def test_what_was_hidden_meanwhile_is_not_told(slack, member, space):
    make_robot(slack, space)
    hide_topic(topic=start(member, space), reason="Rude")

    assert robots.send_due() == 0
    assert slack.got == []


def test_a_robot_tells_what_it_was_set_to(slack, member, space):
    make_robot(slack, tells_announcements=True)
    start(member, space, "Chatter")
    start(member, space, "We move", kind="announcement")

    assert robots.send_due() == 1
    assert "We move" in slack.titles()[0]


def test_what_is_published_is_told_to_who_wants_it(slack):
    make_robot(slack, tells_items=True)
    item = make_item("essay", title="An essay")
    Publication.objects.create(item=item, due_at=timezone.now())

    editorial.publish_due()
    editorial.publish_due()

    assert robots.send_due() == 1
    assert "An essay" in slack.titles()[0]


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.slack.com/services/x",
        "https://hooks.slack.com.example.org/x",
        "https://hooks.slack.com:8443/x",
        "https://hooks.slack.com/知",
        "https://me@hooks.slack.com/x",
        "https://169.254.169.254/latest",
        "http://localhost:6379/",
        "file:///etc/passwd",
    ],
)
def test_robots_post_to_their_service_and_nowhere_else(address):
    check_address("slack", "https://hooks.slack.com/services/x")

    with pytest.raises(NotTheirs):
        check_address("slack", address)


def test_the_address_is_sealed_and_moves_to_a_new_key(slack, settings):
    robot = make_robot(slack)
    assert b"127.0.0.1" not in bytes(robot.sealed_address)
    settings.FIELD_KEYS = ["another key, newer than the first"]

    assert keys.rotate() == 2
    robot.refresh_from_db()
    assert robots.send_test(robot) == ""


def test_a_robot_whose_key_is_lost_says_so_and_stops_no_other(
    slack, member, space, settings
):
    lost = make_robot(slack, space)
    Robot.objects.filter(pk=lost.pk).update(name="lost", sealed_address=b"\0" * 40)
    make_robot(slack, space)
    start(member, space)

    assert robots.send_due() == 1
    lost.refresh_from_db()
    assert (lost.failures, lost.problem) == (
        1,
        "Its address was sealed with another key.",
    )


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def fields(address, **more):
    return {
        "kind": "slack",
        "name": "Group",
        "address": address,
        "secret": "",
        "language": "en",
        "audience": "public",
        "is_on": "on",
        **more,
    }


def test_an_operator_sets_one_up_and_tries_it(slack, desk):
    wrong = desk.post("/admin/accounts/robot/add/", fields("https://example.org/x"))
    assert "hooks.slack.com" in wrong.content.decode()

    desk.post("/admin/accounts/robot/add/", fields(slack.address))
    robot = Robot.objects.get()
    page = desk.get(f"/admin/accounts/robot/{robot.pk}/change/").content.decode()
    assert slack.address not in page
    desk.post(f"/admin/accounts/robot/{robot.pk}/test/", {"asked": "1"})

    assert "This is a test." in slack.titles()[0]


def test_what_is_left_empty_stays(slack, desk):
    desk.post("/admin/accounts/robot/add/", fields(slack.address))
    robot = Robot.objects.get()
    desk.post(f"/admin/accounts/robot/{robot.pk}/change/", fields("", name="Other"))

    robot.refresh_from_db()
    assert robot.name == "Other"
    assert robots.send_test(robot) == ""


def test_what_was_told_half_a_year_ago_is_forgotten(slack, member, space):
    robot = make_robot(slack, space)
    start(member, space)
    retention.make_defaults()
    retention.enforce()
    assert robot.messages.count() == 1
    long_ago = timezone.now() - dt.timedelta(days=181)
    robot.messages.update(created_at=long_ago)

    assert retention.enforce()["robots"] == 1
    assert not robot.messages.exists()
