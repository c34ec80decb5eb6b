"""Questions as those see them who put points on an answer."""

from accounts.models import User
from accounts.rewardable import Asked
from content.models import Topic


def asked(member: User, numbers: list[int]) -> dict[int, Asked]:
    topics = Topic.objects.visible_to(member).filter(
        pk__in=numbers, kind=Topic.Kind.QUESTION
    )
    return {
        topic.pk: Asked(
            number=topic.pk,
            title=topic.title,
            address=topic.get_absolute_url(),
            asker=topic.author_id,
            is_open=topic.closed_at is None and not topic.is_answered,
        )
        for topic in topics
    }
