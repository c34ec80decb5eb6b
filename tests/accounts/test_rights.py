import datetime as dt
import io
import zipfile

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import (
    DataExport,
    Erasure,
    Mail,
    Notice,
    PolicyVersion,
    RetentionRule,
    User,
)
from accounts.services import (
    consents,
    erasures,
    exports,
    ledger,
    mails,
    payments,
    personal,
    policies,
    retention,
)
from tests.factories.accounts import make_member, make_space
from tests.factories.billing import buy, make_offer
from tests.factories.discussions import make_topic

pytestmark = pytest.mark.django_db

PASSWORD = "secret-pw-1"


@pytest.fixture
def here(member, client):
    """The member, signed in a moment ago."""
    EmailAddress.objects.create(
        user=member, email=member.email, verified=True, primary=True
    )
    client.force_login(member)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def agree_to_all(member):
    for purpose in consents.REQUIRED:
        consents.give(member=member, purpose=purpose)


# A copy ----------------------------------------


def test_a_copy_is_made_told_of_and_fetched(
    here, member, django_capture_on_commit_callbacks
):
    personal.save(member=member, values={"city": "Hangzhou 杭州"})
    buy(member, make_offer())
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/me/privacy/export/")
    mails.deliver_waiting()

    answer = here.get("/me/privacy/export/my-data.zip")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    assert "杭州" in archive.read("everything.json").decode()
    assert "billing/orders.csv" in archive.namelist()
    assert "9900" in archive.read("billing/orders.csv").decode()
    assert any("ready" in message.subject for message in outbox.outbox)


def test_a_copy_is_nobody_elses_and_ends(here, member, other_member):
    exports.make(exports.ask(member=member).pk)
    stranger = Client()
    stranger.force_login(other_member)
    stranger.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert stranger.get("/me/privacy/export/my-data.zip").status_code == 404

    with time_machine.travel(timezone.now() + exports.KEPT_FOR, tick=False):
        assert exports.latest(member) is None
        assert exports.delete_expired() == 1
    assert DataExport.objects.get().file.name == ""


def test_one_copy_at_a_time(member):
    assert exports.ask(member=member) == exports.ask(member=member)


def test_only_the_newest_copy_is_kept(
    member, files, tmp_path, django_capture_on_commit_callbacks
):
    for _ in range(3):
        export = exports.ask(member=member)
        with django_capture_on_commit_callbacks(execute=True):
            exports.make(export.pk)

    (kept,) = (tmp_path / "exports").iterdir()
    assert exports.latest(member).file.name.endswith(kept.name)


def test_the_suspended_may_take_their_data_along(here, member):
    User.objects.filter(pk=member.pk).update(suspended_at=timezone.now())

    assert here.post("/me/privacy/export/").status_code == 302
    assert DataExport.objects.filter(member=member).exists()


# Being forgotten ----------------------------------------


def test_deleting_waits_and_can_be_taken_back(here, member):
    here.post("/me/privacy/delete/", {"texts": "remove"})
    assert "_auth_user_id" not in here.session
    here.force_login(member)
    assert "will be deleted" in here.get("/me/privacy/").content.decode()

    here.post("/me/privacy/delete/cancel/")

    with time_machine.travel(timezone.now() + dt.timedelta(days=15), tick=False):
        assert erasures.carry_out_due() == 0
    assert User.objects.get(pk=member.pk).erased_at is None


@pytest.mark.parametrize(("choice", "left"), [("remove", ""), ("keep", "Read slowly")])
def test_what_was_written_goes_or_stays_without_a_name(here, member, choice, left):
    topic = make_topic(member, space=make_space(), body="Read slowly")
    buy(member, make_offer())
    here.post("/me/privacy/delete/", {"texts": choice})

    with time_machine.travel(timezone.now() + erasures.GRACE, tick=False):
        assert erasures.carry_out_due() == 1
        assert erasures.carry_out_due() == 0

    post = topic.posts.get(number=1)
    assert post.body == left
    assert post.author.name == ""
    assert post.author.email is None
    assert ledger.check() == {}


def test_one_has_to_choose(here):
    assert here.post("/me/privacy/delete/", {"texts": ""}).status_code == 422
    assert not Erasure.objects.exists()


# Texts to agree to ----------------------------------------


def sign_in(member):
    client = Client()
    form = {"login": member.email, "password": PASSWORD}
    return client, client.post("/accounts/login/", form)


def test_a_new_text_is_met_once_after_signing_in(member):
    EmailAddress.objects.create(user=member, email=member.email, verified=True)
    agree_to_all(member)
    assert sign_in(member)[1].url == "/"
    policies.publish(
        kind=PolicyVersion.Kind.TERMS,
        texts={"en": "Be kind.\nBe brief."},
        note="We ask to be brief.",
    )

    client, answer = sign_in(member)
    assert answer.url.startswith("/me/agree/")
    page = client.get(answer.url).content.decode()
    assert "We ask to be brief." in page
    for path in ("/me/privacy/export/", "/policies/terms/", "/accounts/logout/"):
        assert client.get(path).status_code in {200, 302}
    assert client.post("/me/agree/", {"next": "/library/"}).status_code == 422
    onward = client.post("/me/agree/", {"terms": "on", "next": "/library/"})

    assert onward.url == "/library/"
    assert sign_in(member)[1].url == "/"


def test_a_mended_word_asks_nobody(member):
    agree_to_all(member)

    policies.publish(
        kind=PolicyVersion.Kind.TERMS, texts={"en": "Be kinder."}, needs_consent=False
    )

    assert consents.missing(member) == []


def test_an_operator_looks_before_publishing(client, operator):
    client.force_login(operator)
    url = "/admin/accounts/policyversion/add/"
    form = {
        "kind": "terms",
        "note": "Shorter.",
        "needs_consent": "on",
        "en": "# Be *kind*",
        "zh-hans": "# 与人为善",
    }
    before = PolicyVersion.objects.count()

    assert client.post(url, {**form, "en": ""}).status_code == 422
    preview = client.post(url, {**form, "act": "preview"})
    page = preview.content.decode()
    assert "<em>kind</em>" in page
    assert page.index('value="preview"') < page.index('value="publish"')
    seen = preview.context["seen"]
    client.post(url, {**form, "act": "publish"})
    changed = {**form, "note": "Longer.", "act": "publish", "seen": seen}
    assert "<em>kind</em>" in client.post(url, changed).content.decode()
    assert PolicyVersion.objects.count() == before
    client.post(url, {**form, "act": "publish", "seen": seen})

    assert PolicyVersion.objects.count() == before + 2
    assert policies.in_force("terms", "zh-hans").body == "# 与人为善"


def test_nobody_is_asked_again_about_the_same_text(client, operator):
    client.force_login(operator)
    texts = {"en": "Be kind.\n\nAlways.", "zh-hans": "与人为善。"}
    policies.publish(kind=PolicyVersion.Kind.TERMS, texts=texts)
    # As browsers send it.
    form = {"kind": "terms", "note": "x", "en": "Be kind.\r\n\r\nAlways.\r\n"}
    form["zh-hans"] = texts["zh-hans"]

    refused = client.post("/admin/accounts/policyversion/add/", form)

    assert refused.status_code == 422
    assert "No text differs" in refused.content.decode()


def test_who_never_confirmed_their_address_is_forgotten(client, member):
    form = {"name": "Lin", "email": "lin@example.org", "password1": "a-long-new-secret"}
    client.post("/accounts/signup/", {**form, "terms": "on", "privacy": "on"})
    EmailAddress.objects.create(user=member, email=member.email)  # by an operator
    assert erasures.forget_unconfirmed() == 0

    with time_machine.travel(timezone.now() + dt.timedelta(days=15), tick=False):
        assert erasures.forget_unconfirmed() == 1
        assert erasures.forget_unconfirmed() == 0

    assert not User.objects.filter(email="lin@example.org").exists()
    member.refresh_from_db()
    assert member.erased_at is None


def test_who_confirmed_their_address_stays(client):
    form = {"name": "Lin", "email": "lin@example.org", "password1": "a-long-new-secret"}
    client.post("/accounts/signup/", {**form, "terms": "on", "privacy": "on"})
    EmailAddress.objects.update(verified=True)

    with time_machine.travel(timezone.now() + dt.timedelta(days=15), tick=False):
        assert erasures.forget_unconfirmed() == 0


# How long ----------------------------------------


def test_what_was_kept_long_enough_goes(member):
    retention.make_defaults()
    long_ago = timezone.now() - dt.timedelta(days=1000)
    buy(member, make_offer())
    Notice.objects.create(
        gateway="test", notice_id="old", body="", received_at=long_ago
    )
    mails.send(key="old", member=member, template="paid")
    Mail.objects.update(sent_at=long_ago)

    deleted = retention.enforce()

    assert deleted["notices"] == 1
    assert deleted["mails"] >= 1
    assert Notice.objects.count() == 1
    assert ledger.check() == {}


def test_mails_that_were_never_sent_are_not_kept_for_ever(member):
    retention.make_defaults()
    now, long_ago = timezone.now(), timezone.now() - dt.timedelta(days=1000)
    for key in ("waiting", "failed", "old", "unknown"):
        mails.send(key=key, member=member, template="paid")
    made_long_ago = Mail.objects.exclude(key="waiting")
    made_long_ago.update(created_at=long_ago)
    made_long_ago.filter(key="failed").update(failed_at=long_ago)
    made_long_ago.filter(key="unknown").update(sending_at=long_ago)
    RetentionRule.objects.filter(kind="mails").update(days=1)

    with time_machine.travel(now + dt.timedelta(days=2), tick=False):
        assert retention.enforce()["mails"] == 3

    assert Mail.objects.get().key == "waiting"


def test_the_wording_of_notices_goes_and_what_they_say_stays(member):
    buy(member, make_offer())
    notice = Notice.objects.get()
    assert notice.body
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.update(body="another")

    with time_machine.travel(timezone.now() + dt.timedelta(days=31), tick=False):
        assert retention.enforce()["wording"] == 1

    notice.refresh_from_db()
    assert notice.body == ""
    assert notice.said["amount"] == 9900
    payments.handle(notice)
    assert ledger.check() == {}


def test_notices_are_kept_for_disputes():
    retention.make_defaults()
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionRule.objects.filter(kind="notices").update(days=30)


def test_every_kind_is_deleted_by_something():
    assert set(retention.DELETE) == set(retention.DEFAULTS) == set(RetentionRule.Kind)


def test_who_is_forgotten_has_no_copy_left(member):
    exports.make(exports.ask(member=make_member("gone")).pk)
    gone = User.objects.get(username="gone")
    erasures.ask(member=gone, keeps_contributions=False)

    with time_machine.travel(timezone.now() + erasures.GRACE, tick=False):
        erasures.carry_out_due()

    assert not DataExport.objects.filter(member=gone).exists()
