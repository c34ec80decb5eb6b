import datetime as dt

from django.utils import timezone

from content.models import Item, Lesson, Section


def make_course(slug="course", lessons=0, **fields) -> Item:
    """A published course, with `lessons` text lessons in one section."""
    fields.setdefault("title", slug.title())
    fields.setdefault("published_at", timezone.now() - dt.timedelta(days=400))
    course = Item.objects.create(kind=Item.Kind.COURSE, slug=slug, **fields)
    if lessons:
        section = Section.objects.create(item=course, title="Beginning")
        for place in range(lessons):
            make_lesson(section, position=place)
    return course


def make_lesson(section, position=0, **fields) -> Lesson:
    fields.setdefault("title", f"Lesson {position + 1}")
    fields.setdefault("body_html", "<p>Read this.</p>")
    return Lesson.objects.create(section=section, position=position, **fields)
