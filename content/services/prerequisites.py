"""What is to be finished before a course is begun."""

from collections.abc import Collection

from django.db import connection, transaction

from content.errors import NeedsItself
from content.models import Item, Prerequisite

NEEDED = """
WITH RECURSIVE needed AS (
    SELECT needs_id FROM content_prerequisite WHERE item_id = ANY(%s)
     UNION
    SELECT further.needs_id
      FROM content_prerequisite AS further
      JOIN needed ON needed.needs_id = further.item_id
)
SELECT needs_id FROM needed
"""


@transaction.atomic
def set_prerequisites(*, course: Item, needs: Collection[Item]) -> None:
    """These and no others. Raises NeedsItself when one of them needs this course."""
    with connection.cursor() as cursor:
        # Two courses changed at once could come to need each other.
        cursor.execute("LOCK TABLE content_prerequisite IN SHARE ROW EXCLUSIVE MODE")
        first = [item.pk for item in needs]
        cursor.execute(NEEDED, [first])
        if course.pk in {*first, *(pk for (pk,) in cursor.fetchall())}:
            raise NeedsItself
    course.prerequisites.exclude(needs__in=first).delete()
    for item in needs:
        Prerequisite.objects.get_or_create(item=course, needs=item)


def named(needed: Collection[int]) -> list[Item]:
    """What has to be finished first, with what a link to it needs."""
    return list(Item.objects.filter(pk__in=needed).order_by("title")) if needed else []
