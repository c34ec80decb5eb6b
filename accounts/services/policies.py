"""The texts that members agree to."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

from accounts.models import PolicyVersion, Rule
from community.lib import markdown

# A rule begins with a heading; a number before its words is ours to give.
RULE = re.compile(r"^##[ \t]+(?:\d+[.、)]?[ \t]*)?(.+?)[ \t]*$", re.MULTILINE)
DEFAULT_TEXTS = Path(__file__).resolve().parent.parent / "policies"


def in_force(kind: str, language: str) -> PolicyVersion | None:
    """The newest published text, in `language` where it exists in it."""
    published = PolicyVersion.objects.filter(
        kind=kind, published_at__lte=timezone.now()
    )
    return (
        published.annotate(
            foreign=Case(
                When(language=language, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            )
        )
        .order_by("-version", "foreign")
        .first()
    )


@dataclass(frozen=True)
class Changed:
    """A text in force, and the lines that it adds ("+") to the one before or drops."""

    policy: PolicyVersion
    changes: list[tuple[str, str]]


def with_changes(kind: str, language: str) -> Changed:
    policy = in_force(kind, language)
    if policy is None:
        raise PolicyVersion.DoesNotExist(kind)
    before = PolicyVersion.objects.filter(
        kind=kind, language=policy.language, version__lt=policy.version
    ).first()
    return Changed(policy, _changes(before.body if before else "", policy.body))


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    if not before:
        return []
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [
        (line[0], line[2:]) for line in lines if line[0] in "+-" and line[2:].strip()
    ]


@transaction.atomic
def publish(
    *, kind: str, texts: dict[str, str], note: str = "", needs_consent: bool = True
) -> int:
    """Put a new version in force, {language: Markdown}; returns its number."""
    newest = PolicyVersion.objects.filter(kind=kind).order_by("-version").first()
    version = newest.version + 1 if newest else 1
    for language, body in texts.items():
        policy = PolicyVersion.objects.create(
            kind=kind,
            version=version,
            language=language,
            body=body,
            body_html=markdown.render(body),
            note=note,
            needs_consent=needs_consent,
        )
        if kind == PolicyVersion.Kind.RULES:
            Rule.objects.bulk_create(
                Rule(policy=policy, number=number, title=title[:200], text=text)
                for number, (title, text) in enumerate(rules_in(body), start=1)
            )
    return version


def rules_in(body: str) -> list[tuple[str, str]]:
    """The title and the text of each rule in a text, in order."""
    _before, *parts = RULE.split(body.replace("\r\n", "\n"))
    texts = [text.strip() for text in parts[1::2]]
    return list(zip(parts[::2], texts, strict=True))


def publish_defaults(**kwargs: Any) -> None:
    """The texts a new community starts with, until its operator writes better ones."""
    for kind in PolicyVersion.Kind.values:
        if PolicyVersion.objects.filter(kind=kind).exists():
            continue
        publish(
            kind=kind,
            texts={
                language: (DEFAULT_TEXTS / f"{kind}.{language}.md").read_text("utf-8")
                for language, _ in settings.LANGUAGES
            },
            # Nobody agrees to rules that the community has not looked at yet.
            needs_consent=kind != PolicyVersion.Kind.RULES,
        )
