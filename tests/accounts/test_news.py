"""What news say and to whom: on the site, by mail, in the digest."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.utils import timezone

from accounts.models import Mail, NewsChoice, Notification, Space, User, Way
from accounts.models.news import next_at
from accounts.services import digests, mails, news, news_choices, news_mails
from accounts.services.follows import follow
from accounts.services.notifications import tell
from content.services.discussions import hide_post
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_item
from tests.factories.discussions import make_post, make_topic

pytestmark = pytest.mark.django_db
Kind = Notification.Kind


@pytest.fixture
def topic(other_member):
    return make_topic(other_member, title="Why <so>?")


@pytest.fixture(autouse=True)
def _at_any_hour(member):
    news_choices.choose(member=member, quiet_from=0, quiet_to=0)


def told(member, topic, author=None, kind=Kind.REPLIED):
    """A reply, and its news."""
    post = make_post(topic, author or topic.author)
    tell(
        [member.pk], kind=kind, key=f"{kind} {post.pk}", target=post, actor=post.author
    )
    return post


def due():
    Notification.objects.exclude(mail_at=None).update(mail_at=timezone.now())


def mail_all():
    due()
    news_mails.mail_due()
    mails.deliver_waiting()
    return outbox.outbox


def page(client, member, path="/notifications/"):
    client.force_login(member)
    return client.get(path).content.decode()


def test_replies_to_one_topic_are_one_line(client, member, topic):
    told(member, topic)
    told(member, topic, make_member("ann"))

    shown = page(client, member)

    assert shown.count('class="row row--unread"') == 1
    assert "Ann and one more replied in “Why &lt;so&gt;?”" in shown
    assert "Notifications: 2 not read" in shown


def test_what_may_not_be_seen_is_named_nowhere(client, member, topic, other_member):
    told(member, topic)
    Space.objects.filter(pk=topic.space_id).update(access=Space.Access.JOINED)

    assert "Why" not in page(client, member)
    assert mail_all() == []
    assert "not read" not in page(client, member)


def test_what_was_hidden_after_the_mail_was_written_is_not_in_it(
    member, topic, other_member
):
    post = told(member, topic)
    due()
    news_mails.mail_due()
    hide_post(post=post, reason="Rude", by=other_member)
    mails.deliver_waiting()

    assert Mail.objects.filter(template="news").count() == 1
    assert outbox.outbox == []


def test_opening_leads_to_the_first_unread_and_reads_all_of_it(client, member, topic):
    first = told(member, topic)
    told(member, topic)
    newest = Notification.objects.latest("pk")
    client.force_login(member)

    answer = client.get(f"/notifications/{newest.pk}/")

    assert answer.url == first.get_absolute_url()
    assert not Notification.objects.filter(read_at=None).exists()


def test_another_members_news_do_not_exist(client, member, other_member, topic):
    told(member, topic)
    number = Notification.objects.get().pk
    client.force_login(make_member("curious"))

    assert client.get(f"/notifications/{number}/").status_code == 404
    assert client.get(f"/notifications/?before={number}").status_code == 404


def test_who_reads_the_topic_has_read_the_news(client, member, topic):
    told(member, topic)
    shown = page(client, member, topic.get_absolute_url())

    assert "not read" not in shown
    assert Notification.objects.get().read_at


def test_all_can_be_marked_as_read(client, member, topic):
    told(member, topic)
    client.force_login(member)
    client.post("/notifications/read/")

    assert Notification.objects.get().read_at


def test_the_list_goes_on_where_a_page_ends(client, member):
    space = make_space()
    for number in range(news.PAGE + 5):
        told(member, make_topic(make_member(f"m{number}"), space=space))
    rows = Notification.objects.order_by("-pk")

    first = page(client, member)
    second = page(client, member, f"/notifications/?before={rows[news.PAGE - 1].pk}")

    assert first.count("row--unread") == news.PAGE
    assert second.count("row--unread") == 5


def test_more_news_cost_no_more_queries(
    client, member, topic, django_assert_max_num_queries
):
    for _ in range(10):
        told(member, topic)
    client.force_login(member)

    with django_assert_max_num_queries(8):
        client.get("/notifications/")


def test_what_happens_in_some_minutes_is_one_mail(member, topic):
    told(member, topic)
    told(member, topic, kind=Kind.MENTIONED)
    news_mails.mail_due()
    assert not Mail.objects.exists()

    (message,) = mail_all()

    assert message.subject == "2 news for you at Zhiqun 知群"
    assert "Other replied in “Why <so>?”" in message.body
    assert mail_all() == [message]


def test_an_unread_topic_is_not_mailed_again(client, member, topic):
    told(member, topic)
    assert len(mail_all()) == 1
    told(member, topic)
    assert len(mail_all()) == 1

    page(client, member, topic.get_absolute_url())
    told(member, topic)
    assert len(mail_all()) == 2


def test_news_that_cannot_be_mailed_wait_and_hold_up_nobody(member, topic):
    unlucky = make_member("unlucky")
    tell([unlucky.pk], kind="forgotten", key="a")  # a kind that is known no more
    told(member, topic)

    (sent,) = mail_all()

    assert sent.to == [member.email]
    assert unlucky.notifications.get().mail_at > timezone.now()


def test_mails_about_one_topic_stand_together(client, member, topic):
    told(member, topic)
    mail_all()
    page(client, member, topic.get_absolute_url())
    told(member, topic)

    first, second = (message.message() for message in mail_all())

    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]


def test_what_was_read_here_is_not_mailed(client, member, topic):
    told(member, topic)
    page(client, member, topic.get_absolute_url())

    assert mail_all() == []


@pytest.mark.parametrize("way", [Way.DIGEST, Way.OFF])
def test_what_nobody_wants_by_mail_is_not_mailed(member, topic, way):
    news_choices.choose(member=member, to_me=way)
    told(member, topic)

    assert mail_all() == []


def test_in_quiet_hours_news_wait(member, topic):
    zone = ZoneInfo("America/New_York")
    now = timezone.now()
    hour = now.astimezone(zone).hour
    User.objects.filter(pk=member.pk).update(time_zone=zone.key)
    news_choices.choose(member=member, quiet_from=hour, quiet_to=(hour + 2) % 24)
    told(member, topic)

    assert mail_all() == []
    waits = Notification.objects.get().mail_at
    assert waits.astimezone(zone).hour == (hour + 2) % 24
    assert waits.minute == 0


@pytest.mark.parametrize(
    ("day", "hour"), [("2026-03-07", 13), ("2026-03-08", 12), ("2026-10-31", 12)]
)
def test_eight_in_the_morning_is_eight_also_when_the_clocks_change(day, hour):
    zone = ZoneInfo("America/New_York")
    evening = dt.datetime.fromisoformat(day).replace(hour=4, tzinfo=dt.UTC)

    at = next_at(evening, zone, 8)

    assert (at.hour, at.astimezone(zone).hour) == (hour, 8)


def test_one_click_in_the_mail_program_stops_them(client, member, topic):
    told(member, topic)
    (message,) = mail_all()
    headers = message.message()
    link = headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")

    asked = client.get(link).content.decode()
    assert NewsChoice.objects.get(member=member).to_me == Way.NOW
    answer = client.post(link, {"List-Unsubscribe": "One-Click"})

    assert "Stop them" in asked
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (answer.status_code, answer.content) == (200, b"")
    assert NewsChoice.objects.get(member=member).to_me == Way.OFF
    told(member, make_topic(topic.author, space=topic.space))
    assert mail_all() == [message]


def test_a_made_up_link_stops_nothing(client, member):
    link = news_choices.stop_link(member, "all").removeprefix("http://testserver")

    assert client.post(link[:-3] + "xx/").status_code == 404
    assert NewsChoice.objects.get(member=member).to_me == Way.NOW


def test_choices_are_kept_and_wrong_ones_told(client, member):
    client.force_login(member)
    chosen = {
        "to_me": "digest",
        "followed": "off",
        "other": "now",
        "digest": "daily",
        "digest_day": "3",
        "digest_hour": "7",
        "quiet_from": "23",
        "quiet_to": "6",
    }
    assert (
        client.post("/me/notifications/", {**chosen, "to_me": "x"}).status_code == 422
    )
    assert client.post("/me/notifications/", chosen).status_code == 302

    kept = NewsChoice.objects.get(member=member)
    assert (kept.to_me, kept.digest, kept.quiet_from) == ("digest", "daily", 23)
    assert kept.digest_at.astimezone(ZoneInfo("Asia/Shanghai")).hour == 7


def digest_now(member):
    NewsChoice.objects.filter(member=member).update(digest_at=timezone.now())
    digests.send_due()
    mails.deliver_waiting()
    return outbox.outbox


@pytest.fixture
def reads_weekly(member):
    news_choices.choose(member=member, to_me=Way.DIGEST, digest="weekly")
    due_before = timezone.now() - dt.timedelta(days=7)
    NewsChoice.objects.filter(member=member).update(digested_at=due_before)


def test_the_digest_tells_what_was_not_read_and_what_is_followed(
    member, topic, other_member, reads_weekly
):
    User.objects.filter(pk=member.pk).update(language="zh-hans")
    told(member, topic)
    assert mail_all() == []
    follow(follower=member, followed=other_member)
    make_item("essay", author=other_member, published_at=timezone.now())

    (message,) = digest_now(member)

    assert "Other 在“Why <so>?”里回复了" in message.body
    assert "/library/essay/" in message.body
    assert digest_now(member) == [message]


def test_with_nothing_to_say_there_is_no_digest(member, reads_weekly):
    assert digest_now(member) == []
    choice = NewsChoice.objects.get(member=member)
    assert choice.digest_at > timezone.now()


def test_who_has_not_chosen_gets_a_day_first_and_no_digest(other_member):
    tell([other_member.pk], kind=Kind.REPLIED, key="x")
    digests.send_due()

    choice = NewsChoice.objects.get(member=other_member)
    assert choice.digest_at > timezone.now()
    assert not Mail.objects.exists()


def test_what_was_in_a_digest_is_not_in_the_next(member, topic, reads_weekly):
    told(member, topic)
    mail_all()
    assert len(digest_now(member)) == 1
    NewsChoice.objects.update(digested_at=timezone.now() - dt.timedelta(days=7))

    assert len(digest_now(member)) == 1


def test_a_digest_that_cannot_be_written_holds_up_nobody(member, topic, reads_weekly):
    unlucky = make_member("unlucky")
    tell([unlucky.pk], kind="forgotten", key="a")
    Notification.objects.filter(member=unlucky).update(mail_at=None)
    long_ago = timezone.now() - dt.timedelta(days=8)
    news_choices.choose(member=unlucky)
    NewsChoice.objects.filter(member=unlucky).update(
        digest_at=long_ago, digested_at=long_ago
    )
    told(member, topic)
    Notification.objects.filter(member=member).update(mail_at=None)
    NewsChoice.objects.filter(member=member).update(digest_at=timezone.now())

    digests.send_due()

    assert Mail.objects.get(template="digest").member == member
    assert NewsChoice.objects.get(member=unlucky).digest_at > timezone.now()
