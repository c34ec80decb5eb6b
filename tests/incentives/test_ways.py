import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Verb
from content.models import Item, QualityMark
from content.services import discussions, quality
from incentives.models import Award, PointRule
from incentives.services.awarding import award_for, award_recent
from incentives.services.points import balance, pending
from tests.factories.accounts import make_member, make_space
from tests.factories.courses import make_item
from tests.factories.discussions import make_post, make_topic
from tests.incentives.deeds import do, rule

pytestmark = pytest.mark.django_db

WAYS = "/points/ways/"


def page(client, member):
    client.force_login(member)
    return client.get(WAYS).content.decode()


def test_the_page_says_what_pays_within_which_bounds(client, member):
    rule(
        Verb.RATED,
        cap_day=20,
        wait_days=7,
        valid_months=6,
        further_percent=50,
        turn="each_nth",
        turn_number=3,
        per="count",
        most=30,
    )
    text = page(client, member)

    for words in (
        "+10 for each, at most 30",
        "For every 3 times.",
        "pays 50 % of the one before.",
        "At most 20 points a day.",
        "They can be spent 7 days later.",
        "They are valid for 6 months.",
        "Not in the last thirty days.",
    ):
        assert words in text


def test_the_page_says_what_one_did_of_it_lately(client, member, other_member):
    rule(Verb.RATED, cap_day=20)
    for who in (member, member, member, other_member):
        award_for(do(who, Verb.RATED, at=timezone.now()))
    text = page(client, member)

    assert "2 times in the last thirty days: 20 points." in text
    assert "One more was counted or came over the limit." in text


def test_rules_of_a_hidden_space_or_another_role_or_past_are_not_shown(client, member):
    rule(Verb.RATED, space=make_space("hidden", access="private"))
    rule(Verb.RATED, role="mentor")
    rule(Verb.RATED, since=None)
    rule(Verb.RATED, until=timezone.now() - dt.timedelta(days=1))

    assert "Deed" not in page(client, member)


def test_a_hidden_post_takes_its_points_along_until_it_is_shown_again(
    member, other_member, operator
):
    rule(Verb.REPLIED, since=timezone.now() - dt.timedelta(days=1))
    post = make_post(make_topic(member), other_member)
    do(other_member, Verb.REPLIED, post.pk, "post", at=timezone.now())
    award_recent()
    assert balance(other_member) == 10

    discussions.hide_post(post=post, reason="Spam.", by=operator)
    award_recent()
    assert balance(other_member) == 0

    discussions.unhide_post(post=post)
    award_recent()
    award_recent()
    assert balance(other_member) == 10


def test_a_hidden_topic_does_the_same_for_who_started_it(member):
    rule(Verb.TOPIC_STARTED, since=timezone.now() - dt.timedelta(days=1))
    topic = make_topic(member)
    do(member, Verb.TOPIC_STARTED, topic.pk, "topic", at=timezone.now())
    for _ in range(2):
        discussions.hide_topic(topic=topic, reason="Spam.")
    award_recent()
    assert balance(member) == 0
    discussions.unhide_topic(topic=topic)
    award_recent()
    assert balance(member) == 10


def test_measured_quality_waits_and_goes_back_when_it_proves_wrong():
    author = make_member("author")
    item = make_item(author=author)
    mark = QualityMark.objects.create(item=item, stars=4.0)
    do(author, Verb.QUALITY_REACHED, mark.pk, "quality_mark", at=timezone.now())
    award_recent()
    worth = PointRule.objects.get(verb=Verb.QUALITY_REACHED).points
    assert (balance(author), pending(author)) == (0, worth)

    Item.objects.filter(pk=item.pk).update(state=Item.State.ARCHIVED)
    assert quality.tell_lost() == 1
    assert quality.tell_lost() == 0
    award_recent()
    assert (balance(author), pending(author)) == (0, 0)
    assert Award.objects.get().fell_by == Verb.QUALITY_LOST


def test_quality_that_holds_is_left_alone():
    item = make_item(author=make_member("author"))
    QualityMark.objects.create(item=item, stars=4.0)
    rated = {"ratings": 9, "quality": 4.9, "quality_sd": 0.1}
    Item.objects.filter(pk=item.pk).update(**rated)
    sunk = QualityMark.objects.create(item=item, stars=4.5)

    assert quality.tell_lost() == 0
    Item.objects.filter(pk=item.pk).update(quality=4.3)
    assert quality.tell_lost() == 1
    QualityMark.objects.filter(pk=sunk.pk).update(
        at=timezone.now() - dt.timedelta(days=31)
    )
    Item.objects.filter(pk=item.pk).update(quality=2)
    assert quality.tell_lost() == 1  # only the mark that is still young
