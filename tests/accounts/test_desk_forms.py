"""What the forms of the admin say of what cannot be."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import UniqueConstraint

from accounts.models import Channel
from tests.factories.accounts import make_member
from tests.factories.billing import make_offer

pytestmark = pytest.mark.django_db

# Set by the software alone, or named in no form.
OUT_OF_REACH = {
    *("community_is_one", "user_email_absent_is_null", "entitlement_once_an_order"),
    *("entitlement_tried_once", "entitlement_bought_has_its_order"),
}


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def errors(desk, model, **form):
    """What the form to add one says: {field: words}, "" for the whole of it."""
    response = desk.post(f"/admin/accounts/{model}/add/", form)
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
