"""Which rows of search follow a change; told by the models' signals, after commit."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save
from taggit.models import TaggedItem

from accounts.models import Consent, User
from content.models import (
    Captions,
    CoAuthor,
    Event,
    Item,
    ItemFile,
    Lesson,
    Post,
    Prerequisite,
    SearchDocument,
    Section,
    Speaker,
    Topic,
)
from content.services import search_index

Kind = SearchDocument.Kind


def connect() -> None:
    for model, changed in CHANGED.items():
        follow = partial(_follow, changed)
        uid = f"search {model.__name__}"
        post_save.connect(follow, sender=model, weak=False, dispatch_uid=uid)
        post_delete.connect(follow, sender=model, weak=False, dispatch_uid=uid)


def _follow(changed: Any, instance: models.Model, **kwargs: Any) -> None:
    if kwargs.get("raw") or not _is_told(type(instance), kwargs.get("update_fields")):
        return
    from content import tasks

    # Read now: after a deletion nothing tells what belonged to it.
    for kind, found in changed(instance):
        ids = list(found)
        # A long talk in parts: each holds the rows of its kind for a moment only.
        for first in range(0, len(ids), search_index.BATCH):
            part = ids[first : first + search_index.BATCH]
            tasks.index_documents.delay_on_commit(kind, part)


def _is_told(model: type[models.Model], saved: frozenset[str] | None) -> bool:
    """Whether search tells any of the fields that were saved; None: all were."""
    if saved is None:
        return True
    if model is Topic:
        # Each thanks and reply saves it, and all of its posts would be read anew.
        return not saved.isdisjoint(TOLD_OF_TOPICS)
    if model is Event:
        # Each seat that is taken saves it.
        return not saved.isdisjoint(TOLD_OF_EVENTS)
    return saved != {"last_login"}


TOLD_OF_EVENTS = {
    *("title", "summary", "body", "place", "host", "space", "cohort", "state"),
    "published_at",
}
TOLD_OF_TOPICS = {"title", "space", "item", "hidden_at"}

Changed = Iterable[tuple[str, Iterable[int]]]


def _of_item(item: Item) -> Changed:
    lessons = Lesson.objects.filter(section__item=item)
    posts = Post.objects.filter(topic__item=item)
    return [
        (Kind.ITEM, [item.pk]),
        (Kind.LESSON, lessons.values_list("pk", flat=True)),
        (Kind.POST, posts.values_list("pk", flat=True)),
    ]


def _of_section(section: Section) -> Changed:
    lessons = Lesson.objects.filter(section=section)
    return [
        (Kind.ITEM, [section.item_id]),
        (Kind.LESSON, lessons.values_list("pk", flat=True)),
    ]


def _of_lesson(lesson: Lesson) -> Changed:
    # Its title stands in the face of its course, too.
    courses = Section.objects.filter(pk=lesson.section_id)
    return [
        (Kind.LESSON, [lesson.pk]),
        (Kind.ITEM, courses.values_list("item", flat=True)),
    ]


def _of_captions(captions: Captions) -> Changed:
    if captions.lesson_id is not None:
        return [(Kind.LESSON, [captions.lesson_id])]
    files = ItemFile.objects.filter(pk__in=[captions.file_id])
    return [(Kind.ITEM, files.values_list("item", flat=True))]


def _of_topic(topic: Topic) -> Changed:
    posts = Post.objects.filter(topic=topic)
    return [(Kind.POST, posts.values_list("pk", flat=True))]


def _of_tagged(tagged: TaggedItem) -> Changed:
    is_item = tagged.content_type.model_class() is Item
    return [(Kind.ITEM, [tagged.object_id])] if is_item else []


CHANGED: dict[type[models.Model], Any] = {
    Item: _of_item,
    Section: _of_section,
    Lesson: _of_lesson,
    # What is said in it goes with it.
    ItemFile: lambda it: [(Kind.ITEM, [it.item_id])],
    Captions: _of_captions,
    Prerequisite: lambda it: _of_item(it.item),
    CoAuthor: lambda it: _of_item(it.item),
    TaggedItem: _of_tagged,
    Topic: _of_topic,
    Post: lambda it: [(Kind.POST, [it.pk])],
    Event: lambda it: [(Kind.EVENT, [it.pk])],
    Speaker: lambda it: [(Kind.EVENT, [it.event_id])],
    User: lambda it: [(Kind.PERSON, [it.pk])],
    Consent: lambda it: [(Kind.PERSON, [it.member_id])],
}
