import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Consent, PersonalReading, PersonalValue, Subscription
from accounts.models.personal import PersonalKind
from accounts.roles import sync_groups
from accounts.services import consents, keys, personal, subscriptions
from accounts.services.roles import grant_role
from community.lib.sealed import CannotOpen, seal, unseal
from tests.factories.accounts import make_member
from tests.factories.billing import buy, make_plan

pytestmark = pytest.mark.django_db

FACTS = {
    "real_name": "Zhao Ziyi 赵子逸",
    "phone": "+86 138 0013 8000",
    "address": "12 Willow Lane\nHangzhou",
    "city": "Hangzhou",
    "birth_year": "1987",
    "gender": "female",
    "occupation": "librarian of rare books",
    "industry": "paper restoration",
}


@pytest.fixture
def known(member):
    personal.save(member=member, values=FACTS)
    return member


def dump():
    """Every row of every table, as a backup would hold it."""
    told = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            copy = f'COPY (SELECT * FROM "{table}") TO STDOUT'  # noqa: S608
            cursor.copy_expert(copy, told)
    return told.getvalue().decode()


@given(text=st.text(), place=st.text())
def test_what_is_sealed_opens_at_its_place_only(text, place):
    sealed = seal(text, place)

    assert unseal(sealed, place) == text
    with pytest.raises(CannotOpen):
        unseal(sealed, place + "x")


@given(position=st.integers(0, 40), change=st.integers(1, 255))
def test_a_changed_byte_is_noticed(position, change):
    sealed = bytearray(seal("something private", "here"))
    sealed[position % len(sealed)] ^= change

    with pytest.raises(CannotOpen):
        unseal(bytes(sealed), "here")


def test_a_dump_of_the_database_holds_none_of_it(known):
    told = dump()

    assert known.username in told  # it does hold the rest
    for kind, text in FACTS.items():
        # A year may stand inside a longer number; as a value of its own it may not.
        shape = f"\t{text}\t" if kind == "birth_year" else text.splitlines()[0]
        assert shape not in told
    assert personal.own(known) == FACTS


def test_filling_in_is_agreeing_and_emptying_takes_it_back(known):
    assert consents.has_given(known, "phone")

    personal.save(member=known, values={**FACTS, "phone": ""})

    assert not consents.has_given(known, "phone")
    assert not PersonalValue.objects.filter(kind="phone").exists()
    assert Consent.objects.get(purpose="phone").withdrawn_at


def test_a_new_key_takes_over_and_the_old_one_may_go(known, settings):
    settings.FIELD_KEYS = ["old key"]
    personal.save(member=known, values=FACTS)
    settings.FIELD_KEYS = ["new key", "old key"]

    call_command("rotate_keys", stdout=io.StringIO())

    settings.FIELD_KEYS = ["new key"]
    assert personal.own(known) == FACTS
    assert keys.rotate() == 0


def test_what_later_periods_are_charged_to_is_sealed_and_rotated(member, settings):
    buy(member, make_plan(), method="good")
    settings.FIELD_KEYS = ["new key"]

    assert keys.rotate() == 1

    subscription = Subscription.objects.get()
    assert b"good" not in bytes(subscription.method)
    assert subscriptions.token_of(subscription) == "good"


def test_a_rotation_that_is_killed_goes_on_where_it_was(settings, monkeypatch):
    members = [make_member(f"m{n}") for n in range(5)]
    for member in members:
        personal.save(member=member, values={"city": member.username})
    settings.FIELD_KEYS = ["new key"]
    monkeypatch.setattr(keys, "AT_ONCE", 2)
    assert keys.rotate_some(*keys.SEALED[0]) == 2  # and killed

    assert keys.rotate() == 3
    assert [personal.own(m)["city"] for m in members] == [m.username for m in members]


def test_a_lost_key_is_named_and_nothing_is_spoiled(known, settings):
    settings.FIELD_KEYS = ["lost key"]
    personal.save(member=known, values=FACTS)
    settings.FIELD_KEYS = ["another key"]

    with pytest.raises(CommandError, match="Add the old key"):
        call_command("rotate_keys")

    settings.FIELD_KEYS = ["lost key"]
    assert personal.own(known) == FACTS


def test_a_value_moved_to_another_member_does_not_open(known, other_member):
    value = PersonalValue.objects.get(member=known, kind="city")
    PersonalValue.objects.filter(pk=value.pk).update(member=other_member)

    with pytest.raises(CannotOpen):
        personal.own(other_member)


def test_reading_needs_the_permission_and_a_reason_and_is_seen(client, known):
    boss = make_member("boss", is_staff=True, is_superuser=True)
    url = f"/admin/accounts/user/{known.pk}/facts/"
    client.force_login(boss)

    assert FACTS["city"] not in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    page = client.post(url, {"reason": "A parcel came back"}).content.decode()

    assert FACTS["phone"] in page
    reading = PersonalReading.objects.get()
    assert (reading.by, reading.member, len(reading.kinds)) == (boss, known, 8)
    client.force_login(known)
    assert "A parcel came back" in client.get("/me/privacy/").content.decode()


def test_an_operator_without_the_permission_may_not(client, known):
    sync_groups()
    desk = make_member("desk")
    grant_role(member=desk, role="operator")
    desk.refresh_from_db()
    client.force_login(desk)

    answer = client.post(
        f"/admin/accounts/user/{known.pk}/facts/", {"reason": "just so"}
    )

    assert answer.status_code == 403
    assert not PersonalReading.objects.exists()
    assert (
        FACTS["phone"]
        not in client.get(f"/admin/accounts/user/{known.pk}/change/").content.decode()
    )


def test_who_read_what_is_never_changed(known, operator):
    personal.read(member=known, by=operator, reason="because")

    for act in (
        lambda: PersonalReading.objects.update(reason="never"),
        lambda: PersonalReading.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(client, member):
    client.force_login(member)

    page = client.post(
        "/me/facts/", {"phone": "call me", "birth_year": "19", "city": "Xi'an"}
    )

    assert page.status_code == 422
    text = page.content.decode()
    assert "A telephone number" in text
    assert "A year from 1900" in text
    assert "call me" in text
    assert "Xi&#x27;an" in text
    assert not PersonalValue.objects.exists()

    client.post("/me/facts/", {"phone": "+86 138-0013-8000", "birth_year": "1987"})
    assert personal.own(member) == {"phone": "+86 138-0013-8000", "birth_year": "1987"}


def test_every_kind_has_its_purpose():
    assert set(personal.PURPOSES) == set(PersonalKind)
