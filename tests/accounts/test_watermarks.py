"""Codes over films: they tell others nothing, and operators only for a reason."""

import re

import pytest

from accounts.models import AuditRecord
from accounts.services import watermarks
from content.models import Item
from tests.factories.accounts import make_member
from tests.factories.courses import make_course, make_item, make_lesson

pytestmark = pytest.mark.django_db
PAGE = "/admin/accounts/user/watermark/"


def test_each_has_a_code_of_their_own_that_does_not_tell_who_it_is(
    member, other_member, settings
):
    codes = {watermarks.code_of(pk) for pk in range(1, 2000)}
    assert len(codes) == 1999
    assert all(re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}", it) for it in codes)

    ours = watermarks.code_of(member.pk)
    settings.SECRET_KEY = "another" * 10
    assert watermarks.code_of(member.pk) != ours


def test_an_operator_is_told_whose_it_is_and_why_they_asked_is_kept(
    client, operator, member
):
    client.force_login(operator)
    code = watermarks.code_of(member.pk).lower().replace("-", " ")
    answer = client.post(PAGE, {"code": code, "reason": "A film on a sharing site"})

    assert f"@{member.username}" in answer.content.decode()
    record = AuditRecord.objects.get(act="resolved a watermark")
    assert (record.actor, record.object_id) == (operator, str(member.pk))
    assert record.reason == "A film on a sharing site"


def test_digits_that_no_code_has_are_read_as_the_letters_they_look_like(operator):
    codes = ((pk, watermarks.code_of(pk)) for pk in range(9000, 99000))
    pk, code = next(it for it in codes if set("OIB") <= set(it[1]))
    filmed = make_member("filmed", pk=pk)
    code = code.translate(str.maketrans("OILB", "0118"))
    told = watermarks.resolve(code=code, by=operator, reason="A film on a site")
    assert told == [filmed]


def test_a_code_of_nobody_is_noted_too(client, operator):
    client.force_login(operator)
    answer = client.post(PAGE, {"code": "AAAA-AAAA", "reason": "Just trying"})

    assert "nobody" in answer.content.decode()
    assert AuditRecord.objects.get(act="resolved a watermark").object_id == ""


def test_without_a_reason_nothing_is_told(client, operator, member):
    client.force_login(operator)
    code = watermarks.code_of(member.pk)
    answer = client.post(PAGE, {"code": code, "reason": ""})

    assert answer.status_code == 422
    assert f"@{member.username}" not in answer.content.decode()
    assert not AuditRecord.objects.filter(act="resolved a watermark").exists()


@pytest.mark.parametrize("role", ["mentor", "steward"])
def test_others_of_the_staff_cannot_ask(client, member, role):
    client.force_login(make_member("staff", roles=[role], is_staff=True))
    code = watermarks.code_of(member.pk)
    answer = client.post(PAGE, {"code": code, "reason": "I want to know"})

    assert answer.status_code in {302, 403}
    assert not AuditRecord.objects.filter(act="resolved a watermark").exists()


@pytest.fixture
def films():
    """The addresses of a lesson's film and of an item's."""
    section = make_course(access=Item.Access.FREE).sections.create(title="One")
    lesson = make_lesson(section, kind="video", media="lessons/a.webm")
    talk = make_item("talk", kind="recording", access=Item.Access.FREE)
    talk.files.create(kind="video", title="Film", file="items/a.webm")
    return lesson.get_absolute_url(), talk.get_absolute_url()


def test_films_carry_it_where_it_is_asked_for(client, member, films):
    client.force_login(member)
    code = watermarks.code_of(member.pk)
    assert not any(code in client.get(it).content.decode() for it in films)

    Item.objects.update(has_watermark=True)
    assert all(code in client.get(it).content.decode() for it in films)
    client.logout()
    assert not any("player__mark" in client.get(it).content.decode() for it in films)
