"""What the forms of the admin say of what cannot be."""

import datetime as dt

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import UniqueConstraint
from django.utils import timezone

from accounts.models import (
    Bundle,
    Channel,
    Community,
    Entitlement,
    Invitation,
    Offer,
    RetentionRule,
    TrackedLink,
)
from accounts.services import community
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import make_offer
from tests.factories.courses import make_item

pytestmark = pytest.mark.django_db

# Set by the software alone, or named in no form.
OUT_OF_REACH = {
    *("community_is_one", "user_email_absent_is_null", "entitlement_once_an_order"),
    *("entitlement_tried_once", "entitlement_bought_has_its_order"),
    *("link_for_a_thing_once", "link_for_everything_once"),
    "link_shares_one_thing_or_none",
    *("campaign_handed_in_by_somebody", "campaign_approved_above_a_sum"),
    *("campaign_approved_by_another", "campaign_started_once", "campaign_ended_once"),
    *("hold_out_ends_after_it_starts", "rule_draft_has_no_end"),
    "rule_further_pays_no_more",  # the field itself says it
}


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def errors(desk, model, at="add", **form):
    """What the form to add one says: {field: words}, "" for the whole of it."""
    response = desk.post(f"/admin/accounts/{model}/{at}/", form)
    if response.status_code == 302:
        return {}
    said = response.context["adminform"].form.errors
    return {key.replace("__all__", ""): " ".join(it) for key, it in said.items()}


def test_no_form_answers_with_the_name_of_a_constraint(rf, operator):
    request = rf.get("/")
    request.user = operator
    unspoken = {
        constraint.name
        for model, desk in admin.site._registry.items()
        if model._meta.app_label in {"accounts", "incentives"}
        and desk.has_change_permission(request)
        for constraint in model._meta.constraints
        if constraint.violation_error_message
        == constraint.default_violation_error_message
        and not (isinstance(constraint, UniqueConstraint) and not constraint.condition)
    }

    assert unspoken - OUT_OF_REACH == set()


def test_dates_in_the_wrong_order_are_said_to_be(desk, member):
    channel = Channel.objects.create(kind="forum", name="Fairs")
    dates = {"starts_on": "2026-02-01", "ends_on": "2026-01-01"}
    moments = {
        "starts_at_0": "2026-02-01",
        "starts_at_1": "00:00",
        "ends_at_0": "2026-01-01",
        "ends_at_1": "00:00",
    }
    share = {"creator": member.pk, "offer": make_offer().pk, "per_mille": 500}
    campaign = {"channel": channel.pk, "name": "Fair", "cost": 0, "currency": "CNY"}
    entitlement = {"member": member.pk, "what": "membership", "reason": "a prize"}

    found = [
        errors(desk, "shareagreement", **share, **dates),
        errors(desk, "campaign", **campaign, **dates),
        errors(desk, "entitlement", **entitlement, **moments),
    ]

    assert found == [{"": "The end lies before the beginning."}] * 3


def test_an_address_that_somebody_has_is_refused_in_words(desk, member):
    found = errors(desk, "user", name="Ann", username="ann", email=member.email)

    assert "Somebody has this e-mail address already." in " ".join(found.values())


def test_a_share_of_nothing_is_refused_in_words(desk):
    author = make_member("author")
    form = {"creator": author.pk, "per_mille": 0, "starts_on": "2026-01-01"}

    assert errors(desk, "shareagreement", **form) == {
        "": "More than 0 and at most 1000 ‰."
    }
    assert not apps.get_model("accounts", "ShareAgreement").objects.exists()


def offer(**fields):
    return {
        "title": "New",
        "slug": "new",
        "what": "membership",
        "price": "9",
        "currency": "CNY",
        "trial_days": 0,
        "grace_days": 7,
        "save_days": 0,
        "position": 0,
        "days": 30,
        "hypothesis": "Some will buy it.",
        **fields,
        "share_agreements-TOTAL_FORMS": 0,
        "share_agreements-INITIAL_FORMS": 0,
    }


@pytest.mark.parametrize(
    "what", ["nonsense", "item:999999", "item:x", "space:0", "tier:gold", ""]
)
def test_only_what_is_there_is_offered(desk, member, what):
    assert set(errors(desk, "offer", **offer(what=what))) == {"what"}
    form = {"member": member.pk, "what": what, "reason": "a prize"}
    assert "what" in errors(desk, "entitlement", **form)


def test_what_is_there_can_be_chosen(desk):
    space, item = make_space(name="The circle"), make_item(title="The essay")
    Bundle.objects.create(key="tier:gold", title="Gold", opens=["membership"])

    page = desk.get("/admin/accounts/offer/add/").content.decode()

    for name in ("The circle", "The essay", "Gold", "Library"):
        assert name in page
    for number, what in enumerate([space.key, item.key, "tier:gold", "membership"]):
        assert errors(desk, "offer", **offer(what=what, slug=f"s-{number}")) == {}
    assert Offer.objects.count() == 4


@pytest.mark.parametrize("currency", ["XXX", "cny", "qq", "DEM", ""])
def test_only_money_that_one_can_pay_with_is_a_currency(desk, currency):
    channel = Channel.objects.create(kind="forum", name="Fairs")
    campaign = {"channel": channel.pk, "name": "Fair", "cost": 0}
    campaign["starts_on"] = "2026-01-01"

    assert set(errors(desk, "offer", **offer(currency=currency))) == {"currency"}
    found = errors(desk, "campaign", **campaign, currency=currency)
    assert set(found) == {"currency"}
    with pytest.raises(ValidationError):
        Community(name="Us", currency=currency).full_clean()


def test_what_is_new_is_sold_in_the_communitys_currency(desk):
    Community.objects.update_or_create(pk=1, defaults={"currency": "JPY"})
    community.forget()

    for model, amount in {"offer": None, "campaign": 0}.items():
        page = desk.get(f"/admin/accounts/{model}/add/")
        form = page.context["adminform"].form
        assert form["currency"].value() == "JPY"
        assert form[form.money[0]].value() == amount


def test_an_offer_lasts_a_time_that_can_be_meant(desk):
    assert set(errors(desk, "offer", **offer(days="", months=32767))) == {"months"}
    assert set(errors(desk, "offer", **offer(days=99999))) == {"days"}


def test_a_bundle_opens_what_is_there_and_takes_no_other_name(desk):
    Bundle.objects.create(key="tier:gold", title="Gold", opens=["membership"])
    form = {"title": "All", "key": "bundle:all", "opens": "membership", "position": 0}

    for key in ("membership", "item:7", "space:all"):
        assert set(errors(desk, "bundle", **{**form, "key": key})) == {"key"}
    for opens in ("item:9999", "bundle:all", "tier:gold", ""):
        assert set(errors(desk, "bundle", **{**form, "opens": opens})) == {"opens"}
    item = make_item(title="The essay")
    opens = ["membership", item.key]
    assert errors(desk, "bundle", **{**form, "opens": opens}) == {}
    assert Bundle.objects.get(key="bundle:all").opens == opens


def test_a_currency_is_named_in_the_operators_language(desk, operator):
    operator.language = "zh-hans"
    operator.save()

    page = desk.get("/admin/accounts/offer/add/").content.decode()

    assert "CNY · 人民币" in page


STARTS = {"starts_at_0": "2026-01-01", "starts_at_1": "00:00"}


def test_what_is_given_by_hand_has_a_reason_and_is_given_once(desk, member):
    gift = {"member": member.pk, "what": "membership", **STARTS}
    assert set(errors(desk, "entitlement", **gift)) == {"reason"}

    assert errors(desk, "entitlement", **gift, reason="a prize") == {}
    again = errors(desk, "entitlement", **gift, reason="a prize")

    assert again == {"what": "They hold this for ever already."}
    assert Entitlement.objects.count() == 1


def test_nothing_is_given_to_an_erased_account(desk, member):
    member.erased_at = timezone.now()
    member.save()

    found = errors(
        desk, "entitlement", member=member.pk, what="membership", reason="x", **STARTS
    )

    assert found == {"member": "This account was erased."}


@pytest.mark.parametrize("days", ["0", "-1"])
def test_what_is_kept_is_kept_for_a_day_at_least(desk, days):
    rule = RetentionRule.objects.get(kind="sessions")
    before = rule.days

    found = errors(
        desk, "retentionrule", f"{rule.pk}/change", days=days, purpose="safety"
    )

    assert set(found) == {"days"}
    rule.refresh_from_db()
    assert rule.days == before


def test_an_invitation_is_good_when_it_is_made(desk):
    over = {"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}

    assert errors(desk, "invitation", uses_left="0", **over) == {
        "uses_left": "At least once. Empty: as often as one likes.",
        "expires_at": "This time is over.",
    }
    assert errors(desk, "invitation", uses_left="1") == {}


def test_an_invitation_that_was_used_up_can_still_be_noted_on(desk):
    over = timezone.now() - dt.timedelta(days=1)
    used = Invitation.objects.create(code="used", uses_left=0, expires_at=over)
    local = timezone.localtime(over)
    form = {
        "note": "the fair in May",
        "uses_left": "0",
        "expires_at_0": f"{local:%Y-%m-%d}",
        "expires_at_1": f"{local:%H:%M:%S}",
    }

    found = errors(desk, "invitation", f"{used.pk}/change", **form)

    assert found == {}
    used.refresh_from_db()
    assert used.note == "the fair in May"


def test_a_link_leads_to_a_page_by_a_campaign_of_its_channel(desk):
    forum = Channel.objects.create(kind="forum", name="Forum")
    fairs = Channel.objects.create(kind="conference", name="Fairs")
    link = {
        "channel": forum.pk,
        "campaign": fairs.campaigns.create(name="May").pk,
        "path": "/nowhere-at-all/",
    }

    assert errors(desk, "trackedlink", **link) == {
        "campaign": "This campaign is one of another channel.",
        "path": "There is no such page here.",
    }
    link |= {
        "campaign": forum.campaigns.create(name="June").pk,
        "path": "/library/?a=1",
    }
    assert errors(desk, "trackedlink", **link) == {}
    assert TrackedLink.objects.filter(path="/library/?a=1").exists()
