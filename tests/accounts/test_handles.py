import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Expert, Field, User
from accounts.services import experts
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db
PROFILE = "/me/profile/"
YEAR = dt.timedelta(days=365)


def rename(client, member, **changed):
    client.force_login(member)
    fields = {"name": member.name, "username": member.username, **changed}
    return client.post(PROFILE, fields)


@pytest.mark.parametrize("handle", ["OTHER", "Other", "ｏther"])
def test_no_two_handles_look_alike(client, member, other_member, handle):
    assert rename(client, member, username=handle).status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        make_member("Other", email="third@example.org")


@pytest.mark.parametrize("handle", ["admin", "Support", "ＡＤＭＩＮ", "管理员"])
def test_nobody_passes_for_the_staff(client, member, operator, handle):
    answer = rename(client, member, username=handle)
    assert "kept for the staff" in answer.content.decode()
    assert rename(client, operator, username=handle).status_code == 302


def test_signing_up_by_such_a_name_gives_another_handle(client):
    form = {"name": "Support", "email": "s@example.org", "password1": "a-long-secret-9"}
    client.post(reverse("account_signup"), {**form, "terms": "on", "privacy": "on"})
    member = User.objects.get(email="s@example.org")
    assert member.username != "support"


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"name": "Harriet Moss"}, Expert.State.ASKED),
        ({"username": "harriet"}, Expert.State.ASKED),
        ({"about": "I teach."}, Expert.State.VERIFIED),
    ],
)
def test_the_mark_does_not_go_along_to_another_name(
    client, member, operator, changed, state
):
    field = Field.objects.create(slug="tea", name="Tea")
    expert = experts.save_expert(member=member, headline="Teaches", fields=[field])
    experts.add_credential(
        expert=expert, what="Degree", issuer="Fudan", year=2012, document=None
    )
    experts.ask(expert)
    experts.verify(expert=expert, until=timezone.now() + YEAR, by=operator)
    assert "waits until" in client_page(client, member)

    rename(client, member, **changed)

    expert.refresh_from_db()
    assert expert.state == state


def client_page(client, member):
    client.force_login(member)
    return client.get(PROFILE).content.decode()
