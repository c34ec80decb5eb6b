import datetime as dt

from django.utils import timezone

from community.lib.dates import site_day
from content.models import Cohort, Item, Lesson, Section
from content.services.items import render


def make_course(slug="course", lessons=0, **fields) -> Item:
    """A published course, with `lessons` text lessons in one section."""
    fields.setdefault("title", slug.title())
    fields.setdefault("published_at", timezone.now() - dt.timedelta(days=400))
    fields.setdefault("kind", Item.Kind.COURSE)
    live = fields["published_at"] is not None
    fields.setdefault("state", Item.State.LIVE if live else Item.State.DRAFT)
    course = Item.objects.create(slug=slug, **fields)
    if lessons:
        section = Section.objects.create(item=course, title="Beginning")
        for place in range(lessons):
            make_lesson(section, position=place)
    return course


def make_item(slug="article", body="Something to read.", **fields) -> Item:
    """A published article, or another kind."""
    fields.setdefault("kind", Item.Kind.ARTICLE)
    item = make_course(slug, body=body, **fields)
    render(item).save()
    return item


def make_lesson(section, position=0, **fields) -> Lesson:
    fields.setdefault("title", f"Lesson {position + 1}")
    fields.setdefault("body_html", "<p>Read this.</p>")
    return Lesson.objects.create(section=section, position=position, **fields)


def make_cohort(course, starts_in=0, days=30, **fields) -> Cohort:
    """A run of `days` days that begins `starts_in` days from today."""
    starts_on = site_day() + dt.timedelta(days=starts_in)
    ends_on = starts_on + dt.timedelta(days=days)
    fields.setdefault("name", "Spring")
    return Cohort.objects.create(
        course=course, starts_on=starts_on, ends_on=ends_on, **fields
    )
