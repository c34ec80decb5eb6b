from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Consent, PolicyVersion, Purpose, User
from accounts.signals import consent_withdrawn

# The text that a purpose is explained in.
EXPLAINED_IN: dict[str, str] = {
    Purpose.TERMS: PolicyVersion.Kind.TERMS,
    PolicyVersion.Kind.RULES: PolicyVersion.Kind.RULES,
}
REQUIRED = (Purpose.TERMS, Purpose.PRIVACY)

# Whose acts may be used for models: who agreed to profiling; and people of an imported
# history who have not come here yet, whom the operator answers for. Once one of them
# signs up, only their own consent counts.
MAY_BE_PROFILED = f"""
    SELECT member_id FROM accounts_consent
     WHERE purpose = '{Purpose.PROFILING}' AND withdrawn_at IS NULL
    UNION
    SELECT place.member_id FROM accounts_spacemember AS place
     WHERE place.external_key IS NOT NULL AND NOT EXISTS (
           SELECT FROM accounts_consent AS any_consent
            WHERE any_consent.member_id = place.member_id)
"""  # noqa: S608 - made of our own parts


def current_version(purpose: str, **which: bool) -> int:
    """The version now in force of the text that explains `purpose`; 0 without one."""
    latest = PolicyVersion.objects.filter(
        kind=_text_of(purpose), published_at__lte=timezone.now(), **which
    ).order_by("-version")
    return latest.values_list("version", flat=True).first() or 0


def needed_version(purpose: str) -> int:
    """The last version that has to be agreed to; later ones only mend words."""
    return current_version(purpose, needs_consent=True)


@transaction.atomic
def give(*, member: User, purpose: str) -> Consent:
    """Agree to `purpose` as its text stands now; agreeing again changes nothing."""
    User.objects.select_for_update().get(pk=member.pk)
    version = current_version(purpose)
    given = member.consents.filter(purpose=purpose, withdrawn_at=None).first()
    if given and given.version == version:
        return given
    if given:
        _end(given)
    return member.consents.create(purpose=purpose, version=version)


@transaction.atomic
def withdraw(*, member: User, purpose: str) -> None:
    """Stop agreeing; whatever rests on it stops with the next look."""
    given = (
        member.consents.select_for_update()
        .filter(purpose=purpose, withdrawn_at=None)
        .first()
    )
    if given:
        _end(given)
        consent_withdrawn.send(Consent, member=member, purpose=purpose)


def _end(consent: Consent) -> None:
    consent.withdrawn_at = timezone.now()
    consent.save(update_fields=["withdrawn_at"])


def has_given(member: User, purpose: str) -> bool:
    return member.consents.filter(purpose=purpose, withdrawn_at=None).exists()


def missing(member: User) -> list[str]:
    """The required purposes whose current text this member has not agreed to."""
    given = dict(
        member.consents.filter(purpose__in=REQUIRED, withdrawn_at=None).values_list(
            "purpose", "version"
        )
    )
    needed = _needed_versions()
    return [it for it in REQUIRED if given.get(it, 0) < needed.get(_text_of(it), 0)]


def _needed_versions() -> dict[str, int]:
    """{kind of text: the last version that has to be agreed to}."""
    texts = PolicyVersion.objects.filter(
        needs_consent=True, published_at__lte=timezone.now()
    )
    return dict(texts.order_by().values_list("kind").annotate(Max("version")))


def _text_of(purpose: str) -> str:
    return EXPLAINED_IN.get(purpose, PolicyVersion.Kind.PRIVACY)


def overview(member: User) -> list[dict[str, Any]]:
    """Every purpose in order, with the consent in force and whether it is needed."""
    given = {c.purpose: c for c in member.consents.filter(withdrawn_at=None)}
    return [
        {
            "value": purpose.value,
            "label": purpose.label,
            "consent": given.get(purpose.value),
            "required": purpose in REQUIRED,
        }
        for purpose in Purpose
    ]
