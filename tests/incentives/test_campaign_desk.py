import pytest
from django.utils import timezone

from accounts.models import JournalEntry
from incentives.models import Campaign, HoldOut
from incentives.services import campaigns
from tests.factories.accounts import make_member
from tests.factories.campaigns import DAY, make_campaign, make_hold_out, make_rule

pytestmark = pytest.mark.django_db

NO_ROWS = {
    f"{prefix}-{count}_FORMS": 0
    for prefix in ("campaign_rules", "hold_outs")
    for count in ("TOTAL", "INITIAL")
}
State = Campaign.State


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def terms(**fields):
    ends_at = timezone.localtime(timezone.now() + 20 * DAY)
    return {
        "name": "Come back",
        "goal": "More",
        "audience": "everyone",
        "points": 0,
        "title": "Hello",
        "starts_at_0": "2026-01-01",
        "starts_at_1": "00:00",
        "ends_at_0": f"{ends_at:%Y-%m-%d}",
        "ends_at_1": "00:00",
        **NO_ROWS,
        **fields,
    }


def page_of(campaign, act="change"):
    return f"/admin/incentives/campaign/{campaign.pk}/{act}/"


def test_a_campaign_begins_with_what_is_expected_of_it(desk):
    page = "/admin/incentives/campaign/add/"
    refused = desk.post(page, terms())
    assert "hypothesis" in refused.context["adminform"].form.errors

    until = timezone.localdate() + 10 * DAY
    trial = {
        "hold_outs-TOTAL_FORMS": 1,
        "hold_outs-0-percent": 10,
        "hold_outs-0-outcome": "active_days",
        "hold_outs-0-smallest_effect": 1,
        "hold_outs-0-until": f"{until}",
    }
    answer = desk.post(page, terms(hypothesis="They come by more.", **trial))

    assert answer.status_code == 302
    campaign = Campaign.objects.get()
    assert campaign.hold_outs.get().percent == 10
    assert JournalEntry.objects.get().hypothesis == "They come by more."


def test_it_is_handed_in_at_the_desk_and_then_stands(desk, operator):
    campaign = make_campaign()
    make_hold_out(campaign=campaign)

    desk.post(page_of(campaign, "submit"), {"form_key": "a"})

    campaign.refresh_from_db()
    assert (campaign.state, campaign.submitted_by) == (State.READY, operator)
    page = desk.get(page_of(campaign))
    assert page.status_code == 200
    assert 'name="points"' not in page.content.decode()
    assert campaign.get_absolute_url() not in page.content.decode()
    assert desk.post(page_of(campaign), terms(points=5)).status_code == 403


def test_what_gives_nothing_is_refused_with_the_reason(desk):
    campaign = make_campaign(title="")

    page = desk.post(page_of(campaign, "submit"), {"form_key": "a"})

    assert "It gives nothing" in page.content.decode()
    campaign.refresh_from_db()
    assert campaign.state == State.DRAFT


def test_a_second_person_approves_at_the_desk(desk, client, operator):
    campaign = make_campaign()
    campaign.campaign_rules.create(rule=make_rule())
    campaigns.submit(campaign=campaign, by=operator)

    refused = desk.post(page_of(campaign, "approve"), {"form_key": "a"})
    assert "Somebody else" in refused.content.decode()

    client.force_login(make_member("second", is_staff=True, is_superuser=True))
    client.post(page_of(campaign, "approve"), {"form_key": "b"})
    campaign.refresh_from_db()
    assert campaign.state == State.READY


def test_it_is_stopped_with_a_reason(desk, operator):
    campaign = make_campaign()
    campaigns.submit(campaign=campaign, by=operator)
    campaigns.run()

    page = desk.post(page_of(campaign, "stop"), {"form_key": "a"})
    assert page.status_code == 422
    desk.post(page_of(campaign, "stop"), {"form_key": "b", "hypothesis": "Enough."})

    campaign.refresh_from_db()
    assert campaign.state == State.ENDED
    assert JournalEntry.objects.get().hypothesis == "Enough."


def test_its_page_shows_how_it_goes(desk, operator):
    campaign = make_campaign()
    page = desk.get(page_of(campaign)).content.decode()
    assert "It has not started." in page
    assert "Nobody is held out" in page

    make_hold_out(campaign=campaign)
    campaigns.submit(campaign=campaign, by=operator)
    make_member("other")
    campaigns.run()

    page = desk.get(page_of(campaign)).content.decode()
    assert "reached" in page
    trial = campaign.hold_outs.get()
    assert f"/admin/analytics/trial/{trial.pk}/change/" in page


def test_a_rule_is_tried_from_the_desk(desk, operator):
    rule, until = make_rule(), timezone.localdate() + 30 * DAY
    made = {
        "rule": rule.pk,
        "percent": 20,
        "outcome": "active_days",
        "smallest_effect": 0.5,
        "until": f"{until}",
        "hypothesis": "It moves them.",
    }
    assert desk.post("/admin/incentives/holdout/add/", made).status_code == 302
    trial = HoldOut.objects.get()
    page = f"/admin/incentives/holdout/{trial.pk}/"

    desk.post(f"{page}start/", {"form_key": "a", "hypothesis": "Now."})
    trial.refresh_from_db()
    assert trial.started_at
    assert desk.get(f"{page}change/").status_code == 200
    assert desk.post(f"{page}change/", {**made, "percent": 5}).status_code == 403

    desk.post(f"{page}end/", {"form_key": "b", "hypothesis": "Decided."})
    trial.refresh_from_db()
    assert trial.ended_at
    said = JournalEntry.objects.order_by("pk").values_list("hypothesis", flat=True)
    assert list(said) == ["It moves them.", "Now.", "Decided."]


@pytest.mark.parametrize("model", ["campaign", "holdout"])
def test_members_have_no_business_there(client, member, model):
    client.force_login(member)

    assert client.get(f"/admin/incentives/{model}/").status_code == 302
