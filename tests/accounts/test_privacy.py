import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import privacy
from accounts.models import Activity, Notice, Purpose, Role, Verb
from accounts.services import audit, consents, entitlements, ledger
from accounts.services.activity import record_activity
from accounts.services.roles import grant_role
from tests.factories.accounts import make_member
from tests.factories.billing import make_offer, make_paying, notice, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(member):
    """A member who has done a bit of everything that accounts keeps."""
    EmailAddress.objects.create(user=member, email=member.email, verified=True)
    grant_role(member=member, role=Role.MENTOR)
    consents.give(member=member, purpose=Purpose.PROFILING)
    _, payment = start(member, make_offer())
    body, signature = notice(payment)
    from tests.factories.billing import receive

    receive(body, signature)
    record_activity(member=member, verb=Verb.VISITED)
    member.refresh_from_db()
    return member


def test_the_export_holds_what_is_known(lived):
    data = privacy.export_all(lived)["accounts"]

    assert data["account"][0]["email"] == lived.email
    assert [row["purpose"] for row in data["consents"]] == ["profiling"]
    assert privacy.export_all(lived)["billing"]["orders"][0]["amount"] == 9900
    assert {row["verb"] for row in data["activity"]} >= {"visited", "paid"}


def test_after_erasing_nothing_personal_is_left_and_the_books_balance(lived):
    email, name = lived.email, lived.name
    before = Activity.objects.filter(member=lived).count()

    privacy.erase_all(lived)

    lived.refresh_from_db()
    text = str(privacy.export_all(lived))
    assert email not in text
    assert name not in text
    assert not lived.is_active
    assert not lived.is_staff
    assert not consents.has_given(lived, Purpose.PROFILING)
    assert entitlements.held(type(lived).objects.get(pk=lived.pk)) == frozenset()
    assert Activity.objects.filter(member=lived).count() == before
    assert ledger.check() == {}


def test_nobody_can_take_the_handle_of_those_who_will_be_erased(lived):
    privacy.erase_all(lived)

    lived.refresh_from_db()
    with pytest.raises(ValidationError):
        lived.clean_fields(exclude={"email", "name", "password"})
    other = make_member()
    make_member(username=f"former-member-{other.pk}")
    privacy.erase_all(other)
    other.refresh_from_db()
    assert other.erased_at


def test_the_admins_log_forgets_the_name(lived, operator):
    """Of the person's own row, and of things that are called after them."""
    entitlement = make_paying(lived)
    for row in (lived, entitlement):
        LogEntry.objects.log_actions(operator.pk, [row], CHANGE, single_object=True)
    LogEntry.objects.update(object_repr=f"of {lived.name}")
    LogEntry.objects.log_actions(operator.pk, [operator], CHANGE, single_object=True)

    privacy.erase_all(lived)

    lived.refresh_from_db()
    told = LogEntry.objects.order_by("pk").values_list("object_repr", flat=True)
    assert list(told) == [lived.username, lived.username, str(operator)]
    assert audit.verify() == ""


def test_what_the_payment_service_wrote_of_the_buyer_goes(lived):
    assert Notice.objects.get().body

    privacy.erase_all(lived)

    assert Notice.objects.get().body == ""


def test_what_a_member_told_of_themselves_goes(lived):
    lived.experience, lived.level = "experienced", 7
    lived.save()

    privacy.erase_all(lived)

    lived.refresh_from_db()
    assert (lived.experience, lived.level) == ("", 0)


def test_erasing_signs_out_everywhere(lived):
    browser = Client()
    browser.force_login(lived)

    privacy.erase_all(lived)

    assert "_auth_user_id" not in browser.session or (
        not type(lived).objects.get(pk=lived.pk).is_active
    )
    assert browser.get("/me/profile/").status_code == 302


def test_entitlements_of_an_erased_member_are_closed(lived):
    privacy.erase_all(lived)

    open_ended = lived.entitlements.filter(revoked_at=None)
    assert not open_ended.exists()
    assert lived.entitlements.filter(ends_at__gt=dt.datetime.now(dt.UTC)).exists()
