"""What the two first pages show: the visitor's front page and the member's home."""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import Community, Offer, Role, User
from accounts.services import offers
from content.models import Challenge, Enrolment, Event, Item, ThemeWeek, Topic
from content.services import challenges, events, themes, welcoming
from content.services.courses import Syllabus, syllabus_for
from content.services.library import (
    Entry,
    continued_by,
    entries,
    new_from_followed,
    with_counts,
)

SAMPLES, TOPICS, TEACHERS, PLANS = 6, 5, 6, 3


@dataclass(frozen=True)
class Front:
    """What this is, for whom, at what price, by whom; a constant number of queries."""

    samples: list[Entry]
    topics: list[Topic]
    teachers: list[User]
    plans: list[Offer]
    next_event: Event | None

    @property
    def is_bare(self) -> bool:
        return not (self.samples or self.topics or self.plans)


def front_for(visitor: User) -> Front:
    courses = with_counts(Item.objects.readable_by(visitor).courses())
    teachers = User.objects.people().filter(
        roles__contains=[Role.MENTOR], is_active=True
    )
    return Front(
        samples=entries(list(courses.order_by("-published_at")[:SAMPLES]), visitor),
        topics=newest_topics(visitor),
        teachers=list(teachers.order_by("date_joined")[:TEACHERS]),
        plans=offers.plans()[:PLANS],
        next_event=events.next_for(visitor),
    )


@dataclass(frozen=True)
class Home:
    """Where a member goes on, and what has happened meanwhile."""

    begun: list[Enrolment]
    syllabus: Syllabus | None
    topics: list[Topic]
    followed: list[Item]
    weeks: list[ThemeWeek]
    next_event: Event | None
    challenges: list[Challenge]  # whose task of today waits
    introductions: str  # the space where a newcomer may still introduce themselves


def home_for(member: User) -> Home:
    begun = continued_by(member)
    return Home(
        begun=begun,
        syllabus=syllabus_for(begun[0].item, member) if begun else None,
        topics=newest_topics(member),
        followed=new_from_followed(member),
        weeks=themes.running(member),
        next_event=events.next_for(member),
        challenges=challenges.to_do_today(member),
        introductions=welcoming.may_introduce(member),
    )


def newest_topics(reader: User) -> list[Topic]:
    topics = Topic.objects.visible_to(reader).filter(hidden_at=None)
    topics = topics.select_related("author", "space", "item")
    return list(topics.order_by("-last_post_at", "-pk")[:TOPICS])


def charter(community: Community) -> list[str]:
    """All that the community says about itself: what makes its page another."""
    return [
        community.name,
        community.tagline,
        community.goal,
        community.audience,
        community.member_gets,
        community.not_offered,
        community.accent,
        community.logo.name,
    ]


def organisation_facts(community: Community) -> dict[str, str]:
    """https://schema.org/Organization, for search engines."""
    facts = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": community.name,
        "description": community.tagline or community.goal,
        "url": settings.SITE_URL,
    }
    if community.logo:
        facts["logo"] = settings.SITE_URL + community.logo.url
    return facts
