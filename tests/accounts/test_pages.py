"""Joining, signing in and a member's own pages, without a browser."""

import io
import re
import zlib

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape
from PIL import Image

from accounts.models import PolicyVersion, Purpose, Role, Space, User
from accounts.services import policies
from accounts.services.roles import grant_role
from tests.factories.accounts import make_member, make_space

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Lin Mei",
    "email": "lin@example.org",
    "password1": "a-long-new-secret",
    "terms": "on",
    "privacy": "on",
}


@pytest.fixture
def signed_in(client, member):
    EmailAddress.objects.create(
        user=member, email=member.email, verified=True, primary=True
    )
    client.force_login(member)
    return client


# Joining ------------------------------------------------------------------------


def test_joining_stores_both_consents_with_the_version_that_was_read(client):
    texts = {"en": "Be kind.", "zh-hans": "与人为善。"}
    version = policies.publish(kind=PolicyVersion.Kind.TERMS, texts=texts)

    assert client.post("/accounts/signup/", FORM).status_code == 302

    member = User.objects.get(email="lin@example.org")
    given = dict(member.consents.values_list("purpose", "version"))
    assert given.keys() == {Purpose.TERMS, Purpose.PRIVACY}
    assert given[Purpose.TERMS] == version
    assert member.roles == [Role.MEMBER]


def test_recommending_is_agreed_to_only_by_its_own_box(client):
    client.post("/accounts/signup/", FORM | {"profiling": "on"})

    member = User.objects.get(email="lin@example.org")
    assert member.consents.filter(purpose=Purpose.PROFILING).exists()


@pytest.mark.parametrize("box", ["terms", "privacy"])
def test_without_a_needed_consent_nobody_joins_and_what_was_typed_stays(client, box):
    answer = client.post("/accounts/signup/", {**FORM, box: ""})

    assert not User.objects.filter(email="lin@example.org").exists()
    assert answer.context["form"].errors.keys() == {box}
    assert 'value="Lin Mei"' in answer.content.decode()


def test_the_public_handle_says_nothing_of_the_address(client):
    client.post("/accounts/signup/", FORM | {"name": "林梅"})

    assert "lin" not in User.objects.get(email="lin@example.org").username


def test_an_address_that_is_taken_is_told_by_mail_only(client, member, mailoutbox):
    EmailAddress.objects.create(user=member, email=member.email, verified=True)
    fresh = client.post("/accounts/signup/", FORM)
    taken = client.post("/accounts/signup/", FORM | {"email": member.email})

    assert (taken.status_code, taken.url) == (fresh.status_code, fresh.url)
    assert User.objects.filter(email=member.email).count() == 1
    assert mailoutbox[-1].to == [member.email]


# Signing in ---------------------------------------------------------------------


def test_a_code_by_mail_signs_in_without_the_password(client, member, mailoutbox):
    EmailAddress.objects.create(user=member, email=member.email, verified=True)
    client.post("/accounts/login/code/", {"email": member.email})
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", mailoutbox[0].body, re.M)

    client.post("/accounts/login/code/confirm/", {"code": code[1]})

    assert client.session["_auth_user_id"] == str(member.pk)


def test_a_forgotten_password_is_set_anew_by_mail(client, member, mailoutbox):
    EmailAddress.objects.create(user=member, email=member.email, verified=True)
    client.post("/accounts/password/reset/", {"email": member.email})
    link = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)[1]
    form = client.get(link, follow=True)
    passwords = {"password1": "quite-another-1", "password2": "quite-another-1"}

    client.post(form.request["PATH_INFO"], passwords)

    member.refresh_from_db()
    assert member.check_password("quite-another-1")


def test_a_reset_for_an_unknown_address_answers_the_same(client, member, mailoutbox):
    EmailAddress.objects.create(user=member, email=member.email, verified=True)
    known = client.post("/accounts/password/reset/", {"email": member.email})
    unknown = client.post("/accounts/password/reset/", {"email": "no@example.org"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_guessing_passwords_is_stopped_with_a_clear_answer(client, member):
    guess = {"login": member.email, "password": "wrong"}
    for _ in range(12):
        answer = client.post("/accounts/login/", guess)

    assert answer.status_code in (200, 429)
    assert "Too many" in answer.content.decode()
    # The right password, guessed now, does not help either.
    client.post("/accounts/login/", guess | {"password": "secret-pw-1"})
    assert "_auth_user_id" not in client.session


# Pages --------------------------------------------------------------------------


def test_a_persons_page_shows_who_they_are_and_not_their_address(client, member):
    mentor = make_member("mentor", about="Teaches slowly.")
    grant_role(member=mentor, role=Role.MENTOR)
    client.force_login(member)

    page = client.get(mentor.get_absolute_url()).content.decode()

    assert "Mentor" in page
    assert "Teaches slowly." in page
    assert mentor.email not in page


@pytest.mark.parametrize("kind", PolicyVersion.Kind.values)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_policies_are_read_in_the_readers_language(client, kind, language):
    PolicyVersion.objects.filter(kind=kind).delete()
    texts = {"en": "Be *kind*.", "zh-hans": "与人*为善*。"}
    policies.publish(kind=kind, texts=texts)

    page = client.get(f"/policies/{kind}/", headers={"accept-language": language})

    shown = {"en": "Be <em>kind</em>.", "zh-hans": "与人<em>为善</em>。"}
    assert shown[language] in page.content.decode()


# Pictures -----------------------------------------------------------------------


def png(width=40, height=30):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


def bomb():
    """A small file whose header promises 900 million pixels."""
    real = png()
    header = b"IHDR" + (30_000).to_bytes(4, "big") * 2 + real[24:29]
    return real[:12] + header + zlib.crc32(header).to_bytes(4, "big") + real[33:]


def upload(client, content, name="me.png", **fields):
    fields = {"name": "New Name", "username": "member", "about": ""} | fields
    picture = SimpleUploadedFile(name, content, content_type="image/png")
    return client.post("/me/profile/", fields | {"picture": picture})


def test_a_picture_becomes_a_square_webp_of_its_own_name(
    signed_in, member, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    assert upload(signed_in, png(), name="../../evil name.png").status_code == 302

    member.refresh_from_db()
    with member.avatar.open() as file, Image.open(file) as kept:
        assert kept.size == (256, 256)
    assert re.fullmatch(r"avatars/[0-9a-f]{32}\.webp", member.avatar.name)
    sent = signed_in.get(f"/media/{member.avatar.name}")
    assert sent["Content-Type"] == "image/webp"
    sent.close()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<!doctype html><script>alert(1)</script>", "not a PNG, JPEG or WebP"),
        (png()[:60], "not a PNG, JPEG or WebP"),
        (png(8000, 6000), "too many pixels"),
        (png(5000, 4000), "too many pixels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(6 * 1024 * 1024), "larger than 5 MB"),
    ],
    ids=[
        "a renamed page",
        "half a picture",
        "too many pixels",
        "too many to unfold",
        "6 MB",
    ],
)
def test_what_is_no_fit_picture_is_refused_beside_its_field(
    signed_in, member, content, why
):
    answer = upload(signed_in, content)

    assert answer.status_code == 422
    assert why in str(answer.context["form"].errors["picture"])
    assert 'id="id_picture_error"' in answer.content.decode()
    assert 'value="New Name"' in answer.content.decode()
    member.refresh_from_db()
    assert not member.avatar
    assert member.name == "Member"


def test_a_large_photograph_is_read_at_a_part_of_its_size(signed_in, member):
    out = io.BytesIO()
    Image.new("RGB", (6000, 4000), "red").save(out, "JPEG")

    assert upload(signed_in, out.getvalue()).status_code == 302

    member.refresh_from_db()
    assert member.avatar


def test_a_decompression_bomb_is_refused_before_it_is_unfolded(signed_in, member):
    answer = upload(signed_in, bomb())

    assert answer.status_code == 422
    assert "picture" in answer.context["form"].errors


def test_a_new_picture_takes_the_old_ones_place_and_file(
    signed_in, member, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    with django_capture_on_commit_callbacks(execute=True):
        upload(signed_in, png())
        upload(signed_in, png(60, 60))

    member.refresh_from_db()
    kept = [path.name for path in (tmp_path / "avatars").iterdir()]
    assert kept == [member.avatar.name.removeprefix("avatars/")]


def test_an_operator_adds_a_member_who_then_asks_for_a_password(client, operator):
    client.force_login(operator)
    form = {"name": "By Hand", "username": "by-hand", "email": "by-hand@example.org"}
    inlines = {
        f"{prefix}-{name}": 0
        for prefix in ("role_grants", "entitlements", "sanctions")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    answer = client.post("/admin/accounts/user/add/", form | inlines)
    assert answer.status_code == 302

    added = User.objects.get(username="by-hand")
    assert not added.has_usable_password()
    assert added.roles == ["member"]
    client.logout()
    client.post("/accounts/password/reset/", {"email": "by-hand@example.org"})
    assert mail.outbox[-1].to == ["by-hand@example.org"]


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/me/facts/", "private, no-store"), ("/library/", "private, no-cache")],
)
def test_pages_of_members_are_kept_by_nobody_else(client, member, path, kept):
    assert "Cache-Control" not in client.get("/library/")
    client.force_login(member)
    assert client.get(path)["Cache-Control"] == kept


LONG = "Something that took an hour to write, <b>every</b> word of it."


def send_too_late(client, **headers):
    space = make_space("open", access=Space.Access.PUBLIC)
    said = {"kind": "question", "title": "Why?", "body": LONG}
    return client.post(f"/spaces/{space.slug}/new/", said, headers=headers)


def test_who_sends_a_text_after_the_session_ended_gets_it_back(client, db):
    answer = send_too_late(client, accept="text/html")

    assert answer.status_code == 401
    assert escape(LONG) in answer.text
    assert "Why?" not in answer.text  # short: typed again sooner than copied


def test_our_scripts_are_only_told_that_the_session_ended(client, db):
    answer = send_too_late(client, accept="*/*")

    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_who_only_types_is_not_led_away(client, db):
    answer = send_too_late(client, **{"hx-request": "true", "x-while-typing": "1"})

    assert answer.status_code == 401
    assert "HX-Redirect" not in answer


def test_a_piece_of_a_page_makes_the_whole_page_go_to_sign_in(client, db):
    here = "http://testserver/topics/1-why/"
    answer = send_too_late(client, **{"hx-request": "true", "referer": here})

    assert answer["HX-Redirect"] == "/accounts/login/?next=/topics/1-why/"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/spaces/?page=2", "/spaces/%3Fpage%3D2"),
        ("https://elsewhere.example/spaces/", "/"),
        ("http://testserver//elsewhere.example/", "/elsewhere.example/"),
        ("", "/"),
    ],
)
def test_a_button_pressed_too_late_leads_back_to_its_page(client, db, referer, back):
    headers = {"accept": "text/html", "referer": referer}
    answer = client.post("/spaces/any/join/", headers=headers)

    assert answer.url == f"/accounts/login/?next={back}"
    assert "your last click was not taken" in client.get(answer.url).text


def test_a_page_asked_for_too_late_is_come_back_to_itself(client, db):
    answer = client.get("/me/following/?page=2", headers={"accept": "text/html"})

    assert answer.url == "/accounts/login/?next=/me/following/%3Fpage%3D2"
