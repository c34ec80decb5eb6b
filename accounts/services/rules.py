"""The community's rules: numbered, versioned, agreed to before one writes."""

from accounts.models import PolicyVersion, Rule, User
from accounts.services import consents
from accounts.services.policies import in_force

KIND = PolicyVersion.Kind.RULES


def rules_in_force(language: str) -> list[Rule]:
    policy = in_force(KIND, language)
    return list(policy.rule_rows.select_related("policy")) if policy else []


def in_language(rule: Rule, language: str) -> Rule:
    """The same rule of the same version for a reader of `language`."""
    if rule.policy.language == language:
        return rule
    same = Rule.objects.filter(
        policy__kind=KIND,
        policy__version=rule.policy.version,
        policy__language=language,
        number=rule.number,
    )
    return same.select_related("policy").first() or rule


def must_agree(member: User) -> bool:
    """Whether a version is in force that this member has yet to agree to."""
    needed = consents.needed_version(KIND)
    if not needed:
        return False
    given = member.consents.filter(purpose=KIND, withdrawn_at=None)
    return not given.filter(version__gte=needed).exists()


def agree(*, member: User) -> None:
    consents.give(member=member, purpose=KIND)
