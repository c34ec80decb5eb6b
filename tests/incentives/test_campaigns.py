import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone, translation

from accounts.models import (
    Activity,
    Community,
    JournalEntry,
    Notification,
    SpaceMember,
    Verb,
)
from accounts.services import community, ledger, news
from accounts.services.activity import ensure_partitions, record_activity
from accounts.services.orders import place_order
from incentives.errors import CountsNobody, GivesNothing, NotYet, SecondPersonNeeded
from incentives.models import (
    Award,
    Budget,
    Campaign,
    CampaignMember,
    CampaignRule,
    CouponUse,
    Exposure,
)
from incentives.services import budgets, campaigns
from incentives.services.awarding import award_for
from incentives.services.coupon_codes import list_numbers
from incentives.services.points import balance
from incentives.services.statements import statement
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_offer
from tests.factories.campaigns import (
    DAY,
    make_campaign,
    make_crowd,
    make_hold_out,
    make_rule,
)
from tests.factories.coupons import make_coupon

pytestmark = pytest.mark.django_db

State = Campaign.State


@pytest.fixture
def campaign():
    return make_campaign()


def launch(campaign, by):
    if campaigns.submit(campaign=campaign, by=by).needs_second:
        campaigns.approve(campaign=campaign, by=make_member("second"))
    campaigns.run()
    campaign.refresh_from_db()
    return campaign


def reached(campaign):
    return set(campaign.members.values_list("member", flat=True))


def test_a_campaign_reaches_each_member_once(campaign, operator, member):
    launch(campaign, operator)
    later = make_member("later")
    for _ in range(2):
        campaigns.run()

    assert reached(campaign) == {operator.pk, member.pk, later.pk}
    told = Notification.objects.filter(kind=Notification.Kind.CAMPAIGN)
    assert told.count() == 3


def test_to_be_reached_is_not_to_be_active(campaign, operator, member):
    launch(campaign, operator)

    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    "gone",
    [
        {"erased_at": timezone.now()},
        {"is_applicant": True},
        {"suspended_at": timezone.now()},
        {"removed_at": timezone.now()},
    ],
    ids=lambda gone: next(iter(gone)),
)
def test_it_reaches_nobody_who_is_no_member(campaign, operator, gone):
    someone = make_member("gone", **gone)

    launch(campaign, operator)

    assert someone.pk not in reached(campaign)


def test_newcomers_are_those_of_the_last_days(operator, member):
    old = make_member("old", date_joined=timezone.now() - 8 * DAY)
    campaign = launch(make_campaign(audience="newcomers", days=7), operator)

    assert member.pk in reached(campaign)
    assert old.pk not in reached(campaign)


def test_the_quiet_were_members_and_not_here(operator):
    before = timezone.now() - 40 * DAY
    quiet, loud = (make_member(it, date_joined=before) for it in ("quiet", "loud"))
    new = make_member("new")
    ensure_partitions(before.date(), timezone.now().date())
    record_activity(member=loud, verb=Verb.VISITED, at=timezone.now() - 5 * DAY)
    record_activity(member=quiet, verb=Verb.VISITED, at=timezone.now() - 35 * DAY)

    campaign = launch(make_campaign(audience="quiet", days=30), operator)

    assert quiet.pk in reached(campaign)
    assert not {loud.pk, new.pk} & reached(campaign)


def test_a_plan_is_who_holds_it(operator, member, other_member):
    buy(member, make_offer(what="membership"))

    campaign = launch(make_campaign(audience="plan", plan="membership"), operator)

    assert reached(campaign) == {member.pk}


def test_a_space_is_who_belongs_to_it_now(operator, member, other_member):
    space = make_space()
    SpaceMember.objects.create(space=space, member=member)
    SpaceMember.objects.create(
        space=space,
        member=other_member,
        joined_at=timezone.now() - DAY,
        left_at=timezone.now(),
    )

    campaign = launch(make_campaign(audience="space", space=space), operator)

    assert reached(campaign) == {member.pk}


@pytest.mark.parametrize(
    ("audience", "constraint"),
    [
        ("newcomers", "campaign_in_how_many_days"),
        ("quiet", "campaign_in_how_many_days"),
        ("space", "campaign_in_which_space"),
        ("plan", "campaign_for_which_plan"),
    ],
)
def test_an_audience_says_what_it_needs(audience, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        make_campaign(audience=audience)


def test_what_is_held_out_hears_nothing(campaign, operator):
    make_hold_out(campaign=campaign, percent=50)
    make_crowd(60)

    launch(campaign, operator)
    campaigns.run()

    arms = dict(Exposure.objects.values_list("member", "arm"))
    out = {number for number, arm in arms.items() if arm == "held_out"}
    assert out
    assert reached(campaign) == set(arms) - out
    told = set(Notification.objects.values_list("member", flat=True))
    assert told == reached(campaign)


def test_the_database_reaches_nobody_who_is_held_out(campaign, operator, member):
    make_hold_out(campaign=campaign, percent=50)
    campaigns.submit(campaign=campaign, by=operator)

    with pytest.raises(IntegrityError, match="held_out_never_receives"):
        CampaignMember.objects.create(campaign=campaign, member=member, points=0)


def test_a_rule_of_a_campaign_pays_only_whom_it_has_reached(
    operator, member, other_member
):
    campaign = make_campaign(audience="space", space=make_space())
    SpaceMember.objects.create(space=campaign.space, member=member)
    rule = make_rule()
    CampaignRule.objects.create(campaign=campaign, rule=rule)
    launch(campaign, operator)

    for who in (member, other_member):
        award_for(record_activity(member=who, verb=Verb.TOPIC_STARTED))

    assert (balance(member), balance(other_member)) == (3, 0)
    with pytest.raises(IntegrityError, match="held_out_never_receives"):
        Award.objects.create(
            rule=rule,
            member=other_member,
            activity_id=10**9,
            object_kind="",
            object_id=0,
            points=3,
            awarded_at=timezone.now(),
            counts_from=timezone.now(),
            family=rule.family,
        )


def test_its_rules_end_with_it(campaign, operator):
    rule = make_rule()
    CampaignRule.objects.create(campaign=campaign, rule=rule)
    launch(campaign, operator)

    campaigns.run(campaign.ends_at)

    rule.refresh_from_db()
    campaign.refresh_from_db()
    assert (campaign.state, rule.until) == (State.ENDED, campaign.ended_at)


def test_it_starts_and_ends_by_the_clock(operator):
    now = timezone.now()
    campaign = make_campaign(starts_at=now + DAY, ends_at=now + 3 * DAY)
    hold_out = make_hold_out(campaign=campaign)
    launch(campaign, operator)
    assert campaign.state == State.READY

    campaigns.run(now + DAY)
    campaign.refresh_from_db()
    hold_out.refresh_from_db()
    assert campaign.state == State.RUNNING
    assert hold_out.started_at == campaign.started_at == now + DAY

    campaigns.run(now + 3 * DAY)
    campaign.refresh_from_db()
    hold_out.refresh_from_db()
    assert campaign.state == State.ENDED
    assert hold_out.ended_at == now + 3 * DAY


def test_who_joins_after_the_end_is_not_reached(campaign, operator):
    launch(campaign, operator)
    campaigns.run(campaign.ends_at)
    late = make_member("late")

    campaigns.run(campaign.ends_at + DAY)

    assert late.pk not in reached(campaign)


def test_stopping_it_is_written_into_the_journal(campaign, operator):
    launch(campaign, operator)

    campaigns.stop(campaign=campaign, by=operator, hypothesis="It annoys people.")

    (entry,) = JournalEntry.objects.all()
    assert (entry.deed, entry.name) == ("stopped", "Come back")
    with pytest.raises(NotYet):
        campaigns.stop(campaign=campaign, by=operator, hypothesis="Again.")


def test_a_campaign_that_gives_nothing_is_not_handed_in(operator):
    with pytest.raises(GivesNothing):
        campaigns.submit(campaign=make_campaign(title=""), by=operator)


def test_nor_one_whose_trial_could_count_nobody(campaign, operator):
    make_hold_out(campaign=campaign, until=timezone.localdate())

    with pytest.raises(CountsNobody):
        campaigns.submit(campaign=campaign, by=operator)


@pytest.fixture
def budget():
    return Budget.objects.create(name="Spring", amount=100, every="none")


def test_points_come_out_of_the_budget(operator, member, budget):
    launch(make_campaign(points=30, budget=budget), operator)
    campaigns.run()

    assert {balance(it) for it in (member, operator)} == {30}
    assert budgets.left(budget) == 40
    assert ledger.check() == {}
    (line, *_) = statement(member, language="en")
    assert (line.points, line.reason) == (30, "Given to you")


def test_no_more_is_given_than_there_is_and_no_message_without(operator, budget):
    make_crowd(9)
    campaign = launch(make_campaign(points=30, budget=budget), operator)
    campaigns.run()

    assert campaign.members.count() == 3
    assert Notification.objects.count() == 3
    assert budgets.left(budget) == 10


def test_who_is_left_is_reached_when_there_is_more_and_not_drawn_before(
    operator, budget
):
    make_crowd(9)
    campaign = make_campaign(points=30, budget=budget)
    make_hold_out(campaign=campaign, percent=50)
    launch(campaign, operator)
    for _ in range(10):  # each draws as many as there is budget for
        campaigns.run()
    assert campaign.members.count() == 3
    assert Exposure.objects.filter(arm="treated").count() == 3

    Budget.objects.update(amount=1000)
    budget.refresh_from_db()
    budgets.fund(budget)
    campaigns.run()

    assert Exposure.objects.count() == 10
    assert campaign.members.count() == Exposure.objects.filter(arm="treated").count()


def test_what_it_may_give_decides_about_the_second_person(operator, budget):
    campaign = make_campaign(points=1, budget=budget)
    assert campaigns.submit(campaign=campaign, by=operator).state == State.READY
    monthly = Budget.objects.create(name="Monthly", amount=6000, every="month")
    ends_at = timezone.now() + 35 * DAY
    campaign = make_campaign(points=1, budget=monthly, ends_at=ends_at)

    assert campaigns.most_it_gives(campaign) in {12_000, 18_000}
    assert campaigns.submit(campaign=campaign, by=operator).state == State.WAITING


def test_points_without_a_budget_are_not_promised(operator):
    with pytest.raises(IntegrityError, match="campaign_points_have_a_budget"):
        make_campaign(points=5)


def test_its_page_tells_what_was_given_and_how_long_it_lasts(
    client, operator, member, budget
):
    campaign = launch(make_campaign(points=30, budget=budget), operator)
    client.force_login(operator)

    page = client.get(f"/admin/incentives/campaign/{campaign.pk}/change/")

    told = page.content.decode()
    assert "60 points given" in told
    assert "40 left in the budget" in told
    assert "<svg" in told


@pytest.fixture
def expensive(operator):
    """Nothing bounds what its rule may give."""
    campaign = make_campaign()
    CampaignRule.objects.create(campaign=campaign, rule=make_rule())
    return campaigns.submit(campaign=campaign, by=operator)


def test_above_a_sum_it_waits_for_somebody_else(expensive, operator, member):
    assert expensive.state == State.WAITING
    with pytest.raises(SecondPersonNeeded):
        campaigns.approve(campaign=expensive, by=operator)

    approved = campaigns.approve(campaign=expensive, by=member)

    assert (approved.state, approved.approved_by) == (State.READY, member)


def test_taken_back_it_has_to_be_approved_anew(expensive, member, operator):
    campaigns.approve(campaign=expensive, by=member)
    campaigns.take_back(campaign=expensive)

    again = campaigns.submit(campaign=expensive, by=operator)

    assert (again.state, again.approved_by) == (State.WAITING, None)


def test_a_community_may_do_without_a_second_person(operator):
    Community.objects.update_or_create(pk=1, defaults={"campaign_points": None})
    community.forget()
    campaign = make_campaign()
    CampaignRule.objects.create(campaign=campaign, rule=make_rule())

    assert campaigns.submit(campaign=campaign, by=operator).state == State.READY


@pytest.mark.parametrize("skipped", ["ready", "running", "ended"])
def test_the_database_lets_no_state_be_skipped(expensive, operator, skipped):
    terms = {"state": skipped, "started_at": timezone.now()}

    with pytest.raises(DatabaseError), transaction.atomic():
        Campaign.objects.filter(pk=expensive.pk).update(**terms)
    with pytest.raises(IntegrityError, match="campaign_goes_its_way"):
        make_campaign(state=skipped, submitted_by=operator)


def test_the_database_lets_nobody_approve_their_own(expensive, operator):
    with pytest.raises(IntegrityError, match="campaign_approved_by_another"):
        Campaign.objects.filter(pk=expensive.pk).update(
            state=State.READY, approved_by=operator
        )


def test_the_database_lets_no_sum_pass_without_a_second_person(expensive):
    with pytest.raises(IntegrityError, match="campaign_approved_above_a_sum"):
        Campaign.objects.filter(pk=expensive.pk).update(state=State.READY)


@pytest.mark.parametrize(
    "change",
    [{"points": 50}, {"title": "Other"}, {"needs_second": False}, {"days": 3}],
    ids=lambda change: next(iter(change)),
)
def test_what_was_handed_in_stands(expensive, change):
    with pytest.raises(IntegrityError, match="campaign_terms_stand"):
        Campaign.objects.filter(pk=expensive.pk).update(**change)


def test_the_news_leads_to_the_message_in_the_members_language(
    client, operator, member
):
    campaign = make_campaign(text="Come by!", title_zh="欢迎回来", text_zh="来看看吧!")
    launch(campaign, operator)
    (row,) = Notification.objects.filter(member=member)

    with translation.override("zh-hans"):
        (line,) = news.lines(member, [row])
    client.force_login(member)

    assert "欢迎回来" in line.sentence
    page = client.get(line.address)
    assert "Come by!" in page.content.decode()
    client.force_login(make_member("late"))
    assert client.get(line.address).status_code == 404


def test_a_message_is_no_place_for_markup(client, operator, member):
    campaign = launch(make_campaign(text="<b>bold</b>"), operator)
    client.force_login(member)

    page = client.get(campaign.get_absolute_url()).content.decode()

    assert "&lt;b&gt;bold" in page


def test_a_clock_that_runs_twice_at_once_reaches_once(campaign, operator, member):
    """The second finds what the first has written, also when it read before."""
    launch(campaign, operator)
    CampaignMember.objects.all().delete()
    now = timezone.now()

    done = [campaigns._reach(campaign, [member.pk], now) for _ in range(2)]

    assert done == [1, 0]


def test_the_end_lies_after_the_beginning():
    now = timezone.now()
    with pytest.raises(IntegrityError, match="incentive_campaign_ends_after"):
        make_campaign(starts_at=now, ends_at=now - dt.timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_reach_and_pay_each_member_once():
    operator = make_member("operator")
    make_crowd(30)
    budget = Budget.objects.create(name="Spring", amount=100, every="none")
    campaign = make_campaign(points=5, budget=budget)
    make_hold_out(campaign=campaign, percent=50)
    campaigns.submit(campaign=campaign, by=operator)
    campaigns.start(campaign)

    def reach(_number):
        try:
            return campaigns.reach(campaign)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(reach, range(4)))

    assert done == campaign.members.count() <= 20
    assert budgets.left(budget) == 100 - 5 * done
    assert Exposure.objects.filter(arm="treated").count() == done
    assert ledger.check() == {}


def test_a_coupon_comes_to_whom_the_campaign_reaches_and_to_nobody_else(operator):
    coupon = make_coupon(audience="listed", codes="none")
    campaign = make_campaign(coupon=coupon)
    trial = make_hold_out(campaign=campaign, percent=50)
    crowd = make_crowd(20)
    launch(campaign, operator)

    out = Exposure.objects.filter(hold_out=trial, arm=Exposure.Arm.HELD_OUT)
    left_out = set(out.values_list("member", flat=True))
    listed = set(coupon.listed.values_list("member", flat=True))
    assert left_out
    assert listed.isdisjoint(left_out)
    assert listed | left_out >= {it.pk for it in crowd}
    with pytest.raises(IntegrityError, match="held_out_never_receives"):
        CouponUse.objects.create(
            coupon=coupon, member_id=min(left_out), state="used", nth=1, amount=0
        )


def test_who_stands_on_the_list_but_was_not_reached_buys_at_the_plain_price(member):
    coupon = make_coupon(audience="listed", codes="none")
    list_numbers(coupon, [member.pk])
    make_campaign(coupon=coupon)

    assert place_order(member=member, offer=make_offer(price=9900)).amount == 9900
