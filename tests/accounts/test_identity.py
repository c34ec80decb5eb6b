"""Second factors, sessions, and signing in with an account elsewhere."""

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail as outbox
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts.models import Credential, Expert, Mail, Receipt, Role, User
from accounts.services import consents, keys, mails
from accounts.services.roles import grant_role
from tests.caching import begin_test
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_offer

pytestmark = pytest.mark.django_db

PASSWORD = "secret-pw-1"


@pytest.fixture
def verified(member):
    EmailAddress.objects.create(
        user=member, email=member.email, verified=True, primary=True
    )
    return member


def sign_in(client, member, **more):
    return client.post(
        "/accounts/login/", {"login": member.email, "password": PASSWORD, **more}
    )


def code_for(secret):
    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counter))


def set_up_app(client):
    """An authenticator app, set up through the pages; its secret."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200, page.url
    secret = page.context["form"].secret
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert done.status_code == 302, done.content.decode()
    return secret


def test_a_second_factor_is_asked_for_and_a_recovery_code_helps(client, verified):
    sign_in(client, verified)
    secret = set_up_app(client)
    codes = Authenticator.objects.get(type="recovery_codes").wrap()
    spare = codes.get_unused_codes()[0]

    for given in (code_for(secret), spare):
        fresh = Client()
        assert "2fa/authenticate" in sign_in(fresh, verified).url
        assert fresh.get("/me/security/").status_code == 302
        fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert fresh.get("/me/security/").status_code == 302
        Authenticator.objects.update(last_used_at=None)
        outbox.outbox.clear()
        fresh.post("/accounts/2fa/authenticate/", {"code": given})
        assert fresh.get("/me/security/").status_code == 200
        begin_test()  # a code counts once; the next is of the same half minute


def test_the_secret_of_the_app_is_sealed_and_rotates(client, verified, settings):
    sign_in(client, verified)
    secret = set_up_app(client)
    assert secret not in json.dumps(list(Authenticator.objects.values("data")))

    settings.FIELD_KEYS = ["new key"]
    assert keys.rotate() == 2

    totp = Authenticator.objects.get(type="totp").wrap()
    assert totp.validate_code(code_for(secret))
    assert keys.rotate() == 0


def test_the_desk_needs_a_second_factor(client, settings):
    settings.STAFF_NEEDS_MFA = True
    boss = make_member("boss", is_staff=True, is_superuser=True)
    EmailAddress.objects.create(user=boss, email=boss.email, verified=True)
    sign_in(client, boss)

    assert client.get("/admin/").url == "/accounts/2fa/"
    assert "second factor" in client.get("/accounts/2fa/").content.decode()
    set_up_app(client)

    assert client.get("/admin/").status_code == 200


def test_the_other_operators_learn_of_a_new_factor_at_the_desk(
    client, verified, operator
):
    User.objects.filter(pk=verified.pk).update(is_staff=True)
    sign_in(client, verified)

    set_up_app(client)

    told = Mail.objects.get(template="staff_factor")
    assert told.member == operator
    mails.deliver(told.pk)
    assert f"/admin/accounts/user/{verified.pk}/" in outbox.outbox[-1].body


def test_nobody_is_told_of_a_members_factor(client, verified, operator):
    sign_in(client, verified)

    set_up_app(client)

    assert not Mail.objects.filter(template="staff_factor").exists()


@pytest.mark.parametrize("email", ["member@example.org", "nobody@example.org"])
def test_signing_up_hashes_a_password_whether_the_address_is_known(
    client, verified, email, monkeypatch
):
    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(hasher, password, salt):
        hashed.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    form = {"name": "A", "email": email, "password1": "a-long-new-secret"}
    answer = client.post("/accounts/signup/", {**form, "terms": "on", "privacy": "on"})

    assert answer.status_code == 302
    assert hashed == ["a-long-new-secret"]


def test_one_signs_in_while_redis_is_down(client, verified, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }

    answer = sign_in(client, verified)

    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(verified.pk)
    assert not cache.add("visit:1", 1)


def test_passwords_cannot_be_guessed_while_redis_is_down(client, verified, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    guess = {"login": verified.email, "password": "a-wrong-guess"}
    for _ in range(5):
        client.post("/accounts/login/", guess)

    sign_in(client, verified)

    assert "_auth_user_id" not in client.session


def document_of(member):
    """The address of a proof that a member has handed in."""
    proof = Credential.objects.create(
        expert=Expert.objects.create(member=member, headline="x"),
        what="Degree",
        issuer="A university",
        year=2000,
        document=ContentFile(b"%PDF-1.4", name="degree.pdf"),
    )
    return f"/proofs/{proof.pk}/document/"


def test_without_the_second_factor_staff_are_members_like_others(
    client, settings, member
):
    settings.STAFF_NEEDS_MFA = True
    boss = make_member("boss", is_staff=True, is_superuser=True)
    EmailAddress.objects.create(user=boss, email=boss.email, verified=True)
    buy(member, make_offer())
    receipt = Receipt.objects.get()
    document = document_of(member)
    sign_in(client, boss)

    for path in (f"/receipts/{receipt}/", f"/receipts/{receipt}.pdf", document):
        assert client.get(path).status_code == 404
    assert client.get("/styleguide/", follow=True).redirect_chain[-1][0] == (
        "/accounts/2fa/"
    )
    set_up_app(client)

    for path in (f"/receipts/{receipt}/", document, "/styleguide/"):
        answer = client.get(path)
        b"".join(answer)
        assert answer.status_code == 200


def test_a_suspended_operator_has_no_powers(client, member):
    buy(member, make_offer())
    receipt = Receipt.objects.get()
    document = document_of(member)
    boss = make_member("boss", is_staff=True, is_superuser=True)
    grant_role(member=boss, role=Role.OPERATOR)
    client.force_login(boss)
    assert client.get(f"/receipts/{receipt}/").status_code == 200

    User.objects.filter(pk=boss.pk).update(suspended_at=timezone.now())

    for path in (f"/receipts/{receipt}/", document):
        assert client.get(path).status_code == 404
    assert client.get("/admin/").status_code == 403
    assert client.get("/styleguide/", follow=True).status_code == 403


def test_the_desk_has_no_door_of_its_own(client, verified):
    for path in ("/admin/", "/admin/login/", "/admin/accounts/user/"):
        assert client.get(path).url.startswith("/accounts/login/?next=/admin/")
    sent = client.post("/admin/login/", {"username": "member", "password": PASSWORD})
    assert sent.url.startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_an_open_session_takes_neither_the_account_nor_its_facts(client, verified):
    client.force_login(verified)  # long ago, as far as allauth knows

    mine = client.get("/me/facts/")
    added = client.post(
        "/accounts/email/", {"action_add": "", "email": "thief@example.org"}
    )

    assert "/reauthenticate/" in mine.url
    assert "/reauthenticate/" in added.url
    assert not EmailAddress.objects.filter(email="thief@example.org").exists()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/me/facts/").status_code == 200


def test_staff_are_signed_in_for_a_working_day(client, verified, other_member):
    verified.is_staff = True
    verified.save()
    sign_in(client, verified)
    client.get("/")
    now = timezone.now()
    assert client.session.get_expiry_date() <= now + dt.timedelta(hours=12)

    with time_machine.travel(now + dt.timedelta(hours=11), tick=False):
        assert client.get("/me/security/").status_code == 200
    begin_test()  # Redis does not travel along
    with time_machine.travel(now + dt.timedelta(hours=13), tick=False):
        assert "/login/" in client.get("/me/security/").url

    client.force_login(other_member)
    client.get("/")
    assert client.session.get_expiry_age() > 24 * 3600


def test_one_signs_out_elsewhere(verified):
    here, there = Client(), Client()
    sign_in(here, verified)
    sign_in(there, verified)
    assert there.get("/me/security/").status_code == 200

    here.post("/accounts/sessions/")

    assert there.get("/me/security/").status_code == 302
    assert here.get("/me/security/").status_code == 200


def test_a_new_password_ends_the_other_sessions(verified):
    here, there = Client(), Client()
    sign_in(here, verified)
    sign_in(there, verified)

    here.post(
        "/accounts/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "a-better-secret-9",
            "password2": "a-better-secret-9",
        },
    )

    assert there.get("/me/security/").status_code == 302
    assert here.get("/me/security/").status_code == 200


# Accounts elsewhere -------------------------------------------------------------------


class Provider(BaseHTTPRequestHandler):
    """GitHub, as far as its three addresses go: they speak the real code flow."""

    person: ClassVar = {"id": 7, "login": "octo", "name": "Octo Cat", "email": None}
    emails: ClassVar[list[dict]] = []

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_good = asked["code"] == ["good"] and asked["client_secret"] == [
            "github-secret"
        ]
        self._say({"access_token": "token"} if is_good else {"error": "bad_code"})

    def do_GET(self):
        if self.headers.get("Authorization") != "token token":
            self.send_error(401)
            return
        self._say(self.emails if self.path.startswith("/emails") else self.person)

    def _say(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def told(email="octo@example.org", *, verified=True):
    return {"email": email, "primary": True, "verified": verified}


@pytest.fixture
def github(monkeypatch):
    monkeypatch.setattr(Provider, "emails", [told()])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    for name, path in (
        ("access_token_url", "/token"),
        ("profile_url", "/user"),
        ("emails_url", "/emails"),
    ):
        monkeypatch.setattr(GitHubOAuth2Adapter, name, address + path)
    yield Provider
    server.shutdown()
    server.server_close()


def go(client, code="good", **changed):
    """To the other site and back, as a browser would."""
    there = urlsplit(client.post("/accounts/github/login/").url)
    assert there.hostname == "github.com"
    asked = {name: values[0] for name, values in parse_qs(there.query).items()}
    back = {"code": code, "state": asked["state"], **changed}
    return client.get("/accounts/github/login/callback/", back)


CONSENTS = {"name": "Octo", "email": "octo@example.org", "terms": "on", "privacy": "on"}


def test_one_joins_with_an_account_elsewhere_and_still_agrees(client, github):
    assert go(client).url == "/accounts/3rdparty/signup/"
    assert "Octo Cat" in client.get("/accounts/3rdparty/signup/").content.decode()
    refused = client.post("/accounts/3rdparty/signup/", {**CONSENTS, "terms": ""})
    assert refused.context["form"].errors["terms"]

    client.post("/accounts/3rdparty/signup/", CONSENTS)

    member = User.objects.get(email="octo@example.org")
    assert (
        (member.name, member.is_member_role) == ("Octo", True)
        if hasattr(member, "is_member_role")
        else member.name == "Octo"
    )
    assert consents.has_given(member, "terms")
    assert not member.has_usable_password()
    fresh = Client()
    assert go(fresh).url == "/"
    assert fresh.get("/me/security/").status_code == 200


def test_an_account_with_the_same_e_mail_is_not_taken_over(client, github, verified):
    github.emails = [{"email": verified.email, "primary": True, "verified": True}]
    try:
        go(client)
        client.post("/accounts/3rdparty/signup/", {**CONSENTS, "email": verified.email})
    finally:
        github.emails = [
            {"email": "octo@example.org", "primary": True, "verified": True}
        ]

    assert not SocialAccount.objects.filter(user=verified).exists()
    assert "_auth_user_id" not in client.session


def test_an_unverified_e_mail_has_to_be_confirmed_first(client, github):
    github.emails = [{"email": "octo@example.org", "primary": True, "verified": False}]
    try:
        go(client)
        client.post("/accounts/3rdparty/signup/", CONSENTS)
    finally:
        github.emails = [
            {"email": "octo@example.org", "primary": True, "verified": True}
        ]

    assert "_auth_user_id" not in client.session
    assert any("octo@example.org" in message.to for message in outbox.outbox)


def test_a_forged_state_and_a_refusal_lead_nowhere(client, github):
    for answer in (
        go(client, state="forged"),
        go(client, error="access_denied"),
        go(client, code="stolen"),
    ):
        assert answer.status_code in {200, 302, 401, 403}
    assert not User.objects.exists()
    assert "_auth_user_id" not in client.session


def test_one_connects_an_account_and_lets_go_of_it(client, github, verified):
    client.force_login(verified)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    there = urlsplit(client.post("/accounts/github/login/?process=connect").url)
    state = parse_qs(there.query)["state"][0]
    client.get("/accounts/github/login/callback/", {"code": "good", "state": state})
    account = SocialAccount.objects.get(user=verified)

    client.post("/accounts/3rdparty/", {"account": account.pk})

    assert not SocialAccount.objects.exists()


def test_every_way_in_is_on_the_page_and_none_that_is_not_set_up(client):
    page = client.get("/accounts/login/").content.decode()
    for name in ("google", "github", "weixin"):
        assert f"/accounts/{name}/login/" in page
    assert "/accounts/login/code/" in page
