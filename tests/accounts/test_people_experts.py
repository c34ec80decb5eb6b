"""Expert profiles and their proofs."""

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import privacy
from accounts.errors import AlreadyDecided
from accounts.models import Credential, Expert, Field, Mail, Role
from accounts.services import experts
from accounts.services.roles import grant_role
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4 a degree"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def field():
    return Field.objects.create(slug="statistics", name="Statistics")


@pytest.fixture
def expert(member, field):
    expert = experts.save_expert(member=member, headline="Teaches", fields=[field])
    experts.add_credential(
        expert=expert,
        what="Doctorate",
        issuer="Fudan",
        year=2012,
        document=SimpleUploadedFile("degree.pdf", PDF),
    )
    return expert


def until(days=365):
    return timezone.now() + dt.timedelta(days=days)


def state_of(expert):
    return Expert.objects.get(pk=expert.pk).state


def test_an_expert_asks_and_is_verified_and_told(expert, operator):
    experts.ask(expert)
    experts.verify(expert=expert, until=until(), by=operator)

    verified = Expert.objects.get(pk=expert.pk)
    assert verified.is_verified
    assert verified.decided_by == operator
    assert Mail.objects.get().template == "expert_decided"


def test_nothing_is_asked_without_a_proof(member, field):
    expert = experts.save_expert(member=member, headline="Teaches", fields=[field])

    assert not experts.ask(expert)
    assert state_of(expert) == Expert.State.DRAFT


def test_a_decision_is_taken_once(expert, operator):
    experts.ask(expert)
    experts.refuse(expert=expert, reason="Unreadable", by=operator)

    with pytest.raises(AlreadyDecided):
        experts.verify(expert=expert, until=until(), by=operator)
    assert state_of(expert) == Expert.State.REFUSED


def test_a_change_to_what_was_verified_takes_the_mark(expert, operator, field, member):
    experts.ask(expert)
    experts.verify(expert=expert, until=until(), by=operator)
    experts.save_expert(member=member, headline="Teaches", fields=[field])
    assert state_of(expert) == Expert.State.VERIFIED  # nothing was changed

    experts.save_expert(member=member, headline="Teaches more", fields=[field])
    assert state_of(expert) == Expert.State.DRAFT


def test_a_mark_is_taken_away_with_a_reason(expert, operator):
    experts.ask(expert)
    experts.verify(expert=expert, until=until(), by=operator)
    experts.withdraw_mark(expert=expert, reason="The degree is not theirs", by=operator)

    assert state_of(expert) == Expert.State.REFUSED


def test_the_mark_ends_by_itself(expert, operator):
    experts.ask(expert)
    experts.verify(expert=expert, until=until(), by=operator)
    Expert.objects.update(
        decided_at=until(-20), verified_until=timezone.now() - dt.timedelta(seconds=1)
    )

    assert not Expert.objects.verified().exists()
    assert not Expert.objects.get().is_verified
    assert experts.ask(expert)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "verified", "asked_at": "now"},
        {"state": "refused", "asked_at": "now"},
        {"state": "asked"},
    ],
)
def test_the_database_keeps_states_honest(expert, fields):
    if "asked_at" in fields:
        fields = fields | {"asked_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Expert.objects.update(**fields)


# The pages ------------------------------------------------------------------------


def test_a_member_writes_their_profile_and_asks(client, member, field):
    client.force_login(member)
    client.post("/me/expert/", {"headline": "Teaches", "fields": [field.pk]})
    upload = SimpleUploadedFile("degree.pdf", PDF)
    proof = {"what": "Doctorate", "issuer": "Fudan", "year": 2012, "document": upload}
    client.post("/me/expert/proofs/", proof)
    client.post("/me/expert/ask/")

    assert Expert.objects.get().state == Expert.State.ASKED
    page = client.get("/me/expert/").content.decode()
    assert "Waiting for an operator" in page


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"year": 2999}, "year"),
        ({"what": ""}, "what"),
        ({"document": SimpleUploadedFile("a.pdf", b"<html>")}, "document"),
        ({"document": SimpleUploadedFile("a.html", PDF)}, "document"),
    ],
)
def test_a_bad_proof_is_refused_beside_its_field(client, expert, change, error):
    client.force_login(expert.member)
    proof = {"what": "Prize", "issuer": "Us", "year": 2020, **change}

    answer = client.post("/me/expert/proofs/", proof)

    assert answer.status_code == 422
    assert list(answer.context["credential_form"].errors) == [error]
    assert expert.credentials.count() == 1


def test_a_document_is_for_its_owner_and_operators(client, expert, operator):
    document = f"/proofs/{expert.credentials.get().pk}/document/"
    for reader, status in [
        (expert.member, 200),
        (operator, 200),
        (make_member("stranger"), 404),
    ]:
        client.force_login(reader)
        answer = client.get(document)
        b"".join(answer)
        assert answer.status_code == status
    path = expert.credentials.get().document.name
    assert client.get(f"/media/{path}").status_code == 404


def test_a_removed_proof_takes_its_document(
    client, expert, django_capture_on_commit_callbacks
):
    credential = expert.credentials.get()
    client.force_login(expert.member)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/me/expert/proofs/{credential.pk}/remove/")

    assert not Credential.objects.exists()
    assert not default_storage.exists(credential.document.name)


def test_erasing_a_member_erases_the_expert(
    expert, member, django_capture_on_commit_callbacks
):
    path = expert.credentials.get().document.name
    with django_capture_on_commit_callbacks(execute=True):
        privacy.erase_all(member)

    assert not Expert.objects.exists()
    assert not default_storage.exists(path)


def test_the_desk_verifies_and_refuses(client, expert, operator):
    client.force_login(operator)
    desk = f"/admin/accounts/expert/{expert.pk}"
    assert client.get(f"{desk}/verify/").status_code == 403  # nobody asked
    experts.ask(expert)

    assert client.get("/admin/").content.decode().count(expert.headline)
    assert client.get(f"{desk}/change/").status_code == 200
    assert client.get(f"{desk}/verify/").status_code == 200
    answer = client.post(f"{desk}/refuse/", {"reason": ""})
    assert answer.status_code == 422
    client.post(f"{desk}/verify/", {"until": until().date().isoformat()})
    assert state_of(expert) == Expert.State.VERIFIED
    client.post(f"{desk}/withdraw/", {"reason": "A mistake"})
    assert state_of(expert) == Expert.State.REFUSED


def test_no_operator_verifies_themselves(client, expert):
    grant_role(member=expert.member, role=Role.OPERATOR)
    experts.ask(expert)
    client.force_login(expert.member)

    path = f"/admin/accounts/expert/{expert.pk}/verify/"
    answer = client.post(path, {"until": until().date().isoformat()})

    assert answer.status_code == 403
    assert state_of(expert) == Expert.State.ASKED
