"""What search engines are told: which pages are public, and which to leave alone."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import Role, Space, User
from content import access
from content.models import Event, Item, LearningPath, Lesson, Topic
from content.services.library import with_changed_at

QUIET = (
    *("/admin/", "/me/", "/accounts/", "/checkout/", "/orders/", "/joining/"),
    *("/l/", "/share/", "/podcast/", "/ics/"),
)


class Pages(Sitemap):
    priority = 0.8

    def items(self) -> list[str]:
        return [
            "home",
            "content:library",
            "content:paths",
            "content:spaces",
            "content:events",
            "accounts:plans",
        ]

    def location(self, item: str) -> str:
        return reverse(item)


class Library(Sitemap):
    def items(self) -> QuerySet[Item]:
        listed = access.get_items_to_list(AnonymousUser())
        return with_changed_at(listed).order_by("pk")

    def lastmod(self, item: Any) -> dt.datetime:
        return item.changed_at


class Lessons(Sitemap):
    """The ones that visitors may read."""

    def items(self) -> QuerySet[Lesson]:
        return access.get_open_lessons().order_by("pk")


class Paths(Sitemap):
    def items(self) -> QuerySet[LearningPath]:
        return access.get_paths_to_read(AnonymousUser())


class Topics(Sitemap):
    def items(self) -> QuerySet[Topic]:
        topics = Topic.objects.visible_to(AnonymousUser()).filter(
            hidden_at=None, item=None
        )
        return topics.order_by("pk")

    def lastmod(self, item: Topic) -> dt.datetime | None:
        return item.last_post_at


class Spaces(Sitemap):
    def items(self) -> QuerySet[Space]:
        return Space.objects.visible_to(AnonymousUser()).order_by("pk")

    def location(self, item: Space) -> str:
        return reverse("content:space", args=[item.slug])


class Events(Sitemap):
    """What is to come, and what was, as far as a visitor may read of it."""

    def items(self) -> QuerySet[Event]:
        events = access.get_events(AnonymousUser())
        return events.filter(state=Event.State.PUBLISHED).order_by("pk")

    def lastmod(self, item: Event) -> dt.datetime:
        return item.changed_at


class Teachers(Sitemap):
    def items(self) -> QuerySet[User]:
        mentors = User.objects.people().filter(roles__contains=[Role.MENTOR])
        return mentors.filter(is_active=True).order_by("pk")


SITEMAPS = {
    "pages": Pages,
    "library": Library,
    "lessons": Lessons,
    "paths": Paths,
    "topics": Topics,
    "spaces": Spaces,
    "events": Events,
    "teachers": Teachers,
}


def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in QUIET)]
    lines.append(f"Sitemap: {settings.SITE_URL}/sitemap.xml")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
