"""The bells of the activity log and of new names; and files.

A file is counted by the row that has it, and goes with the last one, whoever saves
or deletes the row."""

from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete, pre_save
from django.dispatch import receiver

from accounts.signals import activity_recorded, look_changed
from content.models import (
    EventMaterial,
    ItemFile,
    Lesson,
    Picture,
    PostFile,
    Upload,
)


@receiver(pre_save, sender=Lesson)
def measure_media(instance: Lesson, **kwargs: Any) -> None:
    if _is_new_or_gone(instance.media):
        instance.media_size = instance.media.size if instance.media else 0


@receiver(pre_save, sender=ItemFile)
def measure_file(instance: ItemFile, **kwargs: Any) -> None:
    if _is_new_or_gone(instance.file):
        instance.size = instance.file.size if instance.file else 0


def _is_new_or_gone(file: Any) -> bool:
    """What lies in the storage already has been measured, or the night does it."""
    return not file or not file._committed


@receiver(post_delete, sender=Picture)
def drop_picture(instance: Picture, **kwargs: Any) -> None:
    _drop(instance.path)


@receiver(post_delete, sender=PostFile)
def drop_post_file(instance: PostFile, **kwargs: Any) -> None:
    _drop(instance.path)


@receiver(post_delete, sender=EventMaterial)
def drop_material(instance: EventMaterial, **kwargs: Any) -> None:
    """The events of a series may have the same one."""
    if not EventMaterial.objects.filter(file=instance.file.name).exists():
        _drop(instance.file.name)


@receiver(post_delete, sender=ItemFile)
def drop_file(instance: ItemFile, **kwargs: Any) -> None:
    _drop(instance.file.name)


@receiver(post_delete, sender=Upload)
def drop_upload(instance: Upload, **kwargs: Any) -> None:
    transaction.on_commit(partial(instance.staged.unlink, missing_ok=True))
    if instance.is_whole:
        transaction.on_commit(partial(_drop_unless_taken, instance.path))


def _drop_unless_taken(path: str) -> None:
    is_played = Lesson.objects.filter(media=path).exists()
    if not is_played and not ItemFile.objects.filter(file=path).exists():
        default_storage.delete(path)


@receiver(post_delete, sender=Lesson)
def drop_media(instance: Lesson, **kwargs: Any) -> None:
    if not Lesson.objects.filter(media=instance.media.name).exists():
        _drop(instance.media.name)


def _drop(path: str) -> None:
    if path:
        transaction.on_commit(partial(default_storage.delete, path))


@receiver(activity_recorded)
def ask_after(sender: Any, activity_id: int, at: Any, verb: str, **kwargs: Any) -> None:
    """The night asks whom this misses."""
    from content import tasks
    from content.services.surveys import OCCASIONS

    if verb in OCCASIONS:
        tasks.ask_after.delay(activity_id, at.isoformat())


@receiver(look_changed)
def show_author_anew(sender: Any, member_id: int, **kwargs: Any) -> None:
    from content import tasks

    tasks.show_author_anew.delay(member_id)
