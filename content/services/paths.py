"""Learning paths: what stands on them for one reader, and what comes next."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from content.models import Enrolment, Item, LearningPath, Prerequisite
from content.services.library import Entry, entries, with_counts


@dataclass(frozen=True)
class Stage:
    """One item of a path, and where the reader is with it."""

    entry: Entry
    is_begun: bool
    is_done: bool
    waits: bool  # something has to be finished before it


@dataclass(frozen=True)
class Way:
    """A path as one reader meets it."""

    path: LearningPath
    stages: list[Stage]

    @property
    def language(self) -> str:
        """The one in which all that is learnt on it is written; else none."""
        spoken = {stage.entry.item.language for stage in self.stages}
        return spoken.pop() if len(spoken) == 1 else ""

    @property
    def done(self) -> int:
        return sum(stage.is_done for stage in self.stages)

    @property
    def next_stage(self) -> Stage | None:
        """The first that is not done and waits for nothing."""
        return next((it for it in self.stages if not (it.is_done or it.waits)), None)


def way_of(path: LearningPath, reader: User) -> Way:
    """In a handful of statements, however long the path is."""
    readable = Item.objects.readable_by(reader)
    items = list(
        with_counts(readable.filter(path_steps__path=path)).order_by(
            "path_steps__position", "path_steps__id"
        )
    )
    taken = dict(
        Enrolment.objects.filter(member=reader.pk, item__in=items).values_list(
            "item_id", "done_at"
        )
    )
    waiting = _waiting(items, reader)
    stages = [
        Stage(
            entry=entry,
            is_begun=entry.item.pk in taken,
            is_done=bool(taken.get(entry.item.pk)),
            waits=entry.item.pk in waiting and entry.item.pk not in taken,
        )
        for entry in entries(items, reader)
    ]
    return Way(path=path, stages=stages)


def _waiting(items: list[Item], reader: User) -> set[int]:
    """Numbers of the items before which another has to be finished."""
    finished = Enrolment.objects.filter(member=reader.pk, done_at__isnull=False)
    needed = Prerequisite.objects.filter(item__in=items)
    open_needs = needed.exclude(needs__in=finished.values("item"))
    return set(open_needs.values_list("item_id", flat=True))


def shown_to(reader: User | AnonymousUser) -> QuerySet[LearningPath]:
    """Paths with something on them that this reader may see; `length` counts it."""
    readable = Item.objects.readable_by(reader)
    shown = LearningPath.objects.filter(is_shown=True)
    counted = shown.annotate(length=Count("steps", filter=Q(steps__item__in=readable)))
    return counted.filter(length__gt=0).order_by("position", "pk")


def next_after(course: Item, reader: User) -> Item | None:
    """What comes next for this reader on the path that the course stands on."""
    on_it = shown_to(reader).filter(pk__in=course.path_steps.values("path"))
    path = on_it.first()
    stage = way_of(path, reader).next_stage if path else None
    return stage.entry.item if stage else None
