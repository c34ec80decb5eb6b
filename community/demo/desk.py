"""What lies on the demo community's editorial desk."""

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import User
from content.models import Item, Publication
from content.services import editorial, revisions, writing
from content.services.texts import fingerprint, texts_of

CHECK_MISSED_BY = dt.timedelta(days=3)


def lay_out(drafts: list[dict[str, Any]], mentors: dict[str, User]) -> None:
    """Texts that wait for review or for their day, and one that is due for a check."""
    for words in drafts:
        write(dict(words), mentors[words["language"]])
    old = Item.objects.live().filter(kind=Item.Kind.ARTICLE).order_by("published_at")
    due = timezone.localdate() - CHECK_MISSED_BY
    Item.objects.filter(pk__in=old.values("pk")[:1]).update(review_by=due)


def write(words: dict[str, Any], author: User) -> None:
    kind, title = words.pop("kind"), words.pop("title")
    language, days = words.pop("language"), words.pop("days_ahead", None)
    item = writing.begin(kind=kind, title=title, author=author)
    Item.objects.filter(pk=item.pk).update(language=language)
    item.refresh_from_db()
    texts = texts_of(item)
    written = {name: text.strip() for name, text in words.items()}
    revisions.save_texts(
        thing=item, texts={**texts, **written}, base=fingerprint(texts), by=author
    )
    if days is None:
        editorial.submit(item=item, by=author)
        return
    due_at = timezone.now() + dt.timedelta(days=days)
    Item.objects.filter(pk=item.pk).update(state=Item.State.LIVE, published_at=due_at)
    Publication.objects.create(item=item, due_at=due_at)
