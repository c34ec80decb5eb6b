"""Who gets what, for every address of the site: the one list of access.

An address without a line fails here, so nobody can forget one.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access import accounts, allauth, community, content, incentives, recommend
from tests.access.rows import GO, SIGN_IN, TIERS, outcome_of
from tests.access.world import ROLES, World
from tests.factories.sanctions import make_sanction

pytestmark = pytest.mark.django_db

APPS = (community, allauth, accounts, content, incentives, recommend)


def named_addresses(resolver=None, namespace=""):
    """Every address but the admin's, which has its own test below."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name == "admin":
                continue
            inner = (
                f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )
            yield from named_addresses(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def test_every_address_has_a_line():
    assert set(named_addresses()) == {name for app in APPS for name in app.ROWS}


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_access(app, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World()

    expected, got = {}, {}
    for name, rows in app.ROWS.items():
        for number, row in enumerate(rows):
            for tier in TIERS:
                case = f"{name} {number} {tier}"
                expected[case] = row.for_tier(tier)
                got[case] = ask(row, world, tier)

    assert got == expected


LEFT_TO_THE_REMOVED = {
    *("accounts:sanctions", "accounts:sanction_appeal", "accounts:privacy"),
    *("accounts:consent_change", "accounts:export", "accounts:export_file"),
    *("accounts:delete", "accounts:delete_cancel", "account_logout"),
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
    # Whoever wants to sign in is told why not; the matrix has no word for it.
    *("account_login", "account_request_login_code", "account_confirm_login_code"),
}


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_the_removed_are_visitors_but_for_what_is_left_to_them(app, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World()
    # They had paid, kept order and worked at the desk: nothing of it is left.
    removed = world.people["paying"]
    removed.roles = list(ROLES.values())
    removed.is_staff = True
    removed.save()
    make_sanction(removed, by=world.people["operator"], kind="removal", days=None)

    expected, got = {}, {}
    for name, rows in app.ROWS.items():
        for number, row in enumerate(rows):
            if name in LEFT_TO_THE_REMOVED:
                continue
            as_visitor = row.for_tier("visitor")
            case = f"{name} {number}"
            expected[case] = GO if as_visitor == SIGN_IN else as_visitor
            got[case] = ask(row, world, "paying")

    assert got == expected


def ask(row, world, tier):
    """What this person gets; what asking changes is undone."""
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        if tier != "visitor":
            client.force_login(world.people[tier])
        data = row.data(world) if callable(row.data) else row.data
        response = getattr(client, row.method)(row.path(world), data)
        b"".join(response)  # closes the file that is sent
        transaction.set_rollback(True)
    return outcome_of(response)


ADMIN = {
    "operator": {
        *("accounts.user", "accounts.order", "accounts.offer", "content.item"),
        *(
            "content.lesson",
            "content.post",
            "content.topic",
            "incentives.pointrule",
            "recommend.recommendrun",
        ),
        *("analytics.events", "analytics.effectrun"),
        *("analytics.modelrun", "accounts.community", "accounts.policyversion"),
        *("accounts.rolegrant", "accounts.authorapplication", "accounts.expert"),
        *("accounts.space", "content.enrolment", "accounts.messagereport"),
        "content.poll",
        *("content.appointment", "content.consultation"),
    },
    "mentor": {"content.item", "content.lesson", "content.topic", "content.post"},
    "volunteer": {"content.topic", "content.post"},
    "reviewer": {"content.item", "content.lesson", "content.topic", "content.post"},
    "planner": {
        *("accounts.space", "content.item", "content.enrolment", "content.topic"),
    },
}


def test_the_admin_opens_by_role():
    world = World()
    for model in sorted(set().union(*ADMIN.values())):
        path = f"/admin/{model.replace('.', '/')}/"
        for tier in TIERS:
            client = Client()
            if tier != "visitor":
                client.force_login(world.people[tier])
            status = client.get(path).status_code
            assert (status == 200) == (model in ADMIN.get(tier, ())), (model, tier)
