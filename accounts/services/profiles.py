from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User

FIELDS = ["name", "username", "about", "language", "time_zone", "avatar"]


@transaction.atomic
def save_profile(
    *, member: User, picture: ContentFile | None, remove_picture: bool
) -> User:
    """Save the edited fields of `member` and, where given, the new picture.

    The old picture's file goes after commit, so a failed save loses nothing.
    """
    old = User.objects.select_for_update().get(pk=member.pk).avatar
    if picture:
        member.avatar = picture
    elif remove_picture:
        member.avatar = ""
    member.save(update_fields=FIELDS)
    if old and old.name != member.avatar.name:
        transaction.on_commit(lambda: old.storage.delete(old.name))
    return member
