import pytest

from accounts.models import Consent, PolicyVersion, Purpose
from accounts.services import consents

pytestmark = pytest.mark.django_db


def publish(kind=PolicyVersion.Kind.TERMS, version=1):
    return PolicyVersion.objects.create(
        kind=kind, version=version, language="en", body="Be kind.", body_html=""
    )


def test_agreeing_twice_is_one_consent(member):
    first = consents.give(member=member, purpose=Purpose.PROFILING)
    again = consents.give(member=member, purpose=Purpose.PROFILING)

    assert again == first


def test_a_new_text_asks_again_and_the_old_consent_is_kept(member):
    publish(version=90)
    consents.give(member=member, purpose=Purpose.TERMS)
    publish(version=91)

    assert Purpose.TERMS in consents.missing(member)
    consents.give(member=member, purpose=Purpose.TERMS)

    assert Purpose.TERMS not in consents.missing(member)
    versions = Consent.objects.filter(member=member, purpose=Purpose.TERMS)
    assert sorted(versions.values_list("version", flat=True)) == [90, 91]


def test_who_has_withdrawn_has_not_given(member, other_member):
    for person in (member, other_member):
        consents.give(member=person, purpose=Purpose.PROFILING)
    consents.withdraw(member=other_member, purpose=Purpose.PROFILING)

    assert consents.has_given(member, Purpose.PROFILING)
    assert not consents.has_given(other_member, Purpose.PROFILING)
