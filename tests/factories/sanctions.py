from django.utils import timezone

from accounts.models import PolicyVersion, Rule, Sanction
from accounts.services import sanctions


def make_rule(number=1) -> Rule:
    """A rule of the newest version in force, which is made where there is none."""
    policy, _new = PolicyVersion.objects.get_or_create(
        kind=PolicyVersion.Kind.RULES,
        version=1,
        language="en",
        defaults={"body": "## Be kind", "published_at": timezone.now()},
    )
    rule, _new = Rule.objects.get_or_create(
        policy=policy, number=number, defaults={"title": "Be kind"}
    )
    return rule


def make_sanction(member, *, by, kind=Sanction.Kind.SUSPENSION, days=14) -> Sanction:
    return sanctions.impose(
        member=member,
        kind=kind,
        rule=make_rule(),
        reason="Spam, twice",
        by=by,
        days=days,
    )
