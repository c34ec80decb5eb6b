"""A file goes with the last row that has it, whoever deletes the row."""

from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from content.models import ItemFile, Lesson, Picture, Upload


@receiver(post_delete, sender=Picture)
def drop_picture(instance: Picture, **kwargs: Any) -> None:
    _drop(instance.path)


@receiver(post_delete, sender=ItemFile)
def drop_file(instance: ItemFile, **kwargs: Any) -> None:
    _drop(instance.file.name)


@receiver(post_delete, sender=Upload)
def drop_upload(instance: Upload, **kwargs: Any) -> None:
    transaction.on_commit(partial(instance.staged.unlink, missing_ok=True))


@receiver(post_delete, sender=Lesson)
def drop_media(instance: Lesson, **kwargs: Any) -> None:
    if not Lesson.objects.filter(media=instance.media.name).exists():
        _drop(instance.media.name)


def _drop(path: str) -> None:
    if path:
        transaction.on_commit(partial(default_storage.delete, path))
