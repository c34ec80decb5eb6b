"""Pictures in texts: taken in as what they are, shown to who may read the text."""

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from community.lib import pictures
from community.lib.markdown import escaped
from content.errors import TooManyPictures
from content.models import Item, Lesson, Picture
from content.services import room

MOST_OF_AN_ITEM = 500


@transaction.atomic
def add_picture(*, item: Item, upload: UploadedFile, by: User) -> Picture:
    """Raises NotAPicture, NoRoom and TooManyPictures."""
    made, width, height = pictures.for_text(upload)
    room.claim(item=item, size=made.size)
    if item.pictures.count() >= MOST_OF_AN_ITEM:
        raise TooManyPictures
    picture = Picture.objects.create(
        item=item, member=by, width=width, height=height, size=made.size
    )
    default_storage.save(picture.path, made)
    return picture


def markdown_of(picture: Picture, alt: str = "") -> str:
    """`alt` says what it shows, to who cannot see it."""
    said = escaped(alt)
    return f"![{said}]({picture.get_absolute_url()})"


def is_in_preview(picture: Picture) -> bool:
    """Whether it stands where everybody who sees the item may read."""
    address = picture.get_absolute_url()
    shown = Q(description_html__contains=address) | Q(preview_html__contains=address)
    if Item.objects.filter(shown, pk=picture.item_id).exists():
        return True
    lessons = Lesson.objects.filter(section__item=picture.item_id, is_preview=True)
    return lessons.filter(body_html__contains=address).exists()
