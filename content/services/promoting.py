"""Talk that is worth keeping becomes the draft of an article, with credit."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from content.models import Item, Post, Topic
from content.models.discussions import place_of
from content.services import co_authors, writing
from content.services.texts import write

MOST_ANSWERS = 3


@transaction.atomic
def promote(*, topic: Topic, by: User, numbers: Sequence[int] = ()) -> Item:
    """Begin an article with a topic's opening and its best answers, or with those posts
    of it that were chosen by number.

    Whose words it is made of are asked into its byline: who answered, then who asked.
    It may be read where the topic may, and goes the way of every draft. A topic is
    promoted once: again, it is the same article. Raises TooManyDrafts.
    """
    topic = Topic.objects.select_for_update(of=("self",)).get(pk=topic.pk)
    key = f"topic:{topic.pk}"
    if known := Item.objects.filter(external_key=key).first():
        return known
    item = writing.begin(
        kind="article", title=topic.title, author=by, space=place_of(topic)
    )
    item.external_key = key
    opening, *answers = worth_keeping(topic)
    if numbers:
        chosen = topic.posts.filter(number__in=numbers, number__gt=1, hidden_at=None)
        answers = list(chosen.select_related("author").order_by("number"))
    write(item, {"body": _text(topic, opening, answers)})
    for post in [*answers, opening]:
        if not post.author.erased_at:
            co_authors.credit(item=item, member=post.author, by=by)
    return item


def worth_keeping(topic: Topic) -> list[Post]:
    """The opening, and the accepted answers or else what was thanked for most."""
    posts = topic.posts.filter(hidden_at=None).select_related("author")
    opening = topic.posts.select_related("author").get(number=1)
    if topic.is_answered:
        accepted = posts.filter(marks__isnull=False).distinct().order_by("number")
        return [opening, *accepted[:MOST_ANSWERS]]
    answers = posts.exclude(number=1).order_by("-like_count", "number")
    return [opening, *answers[:MOST_ANSWERS]]


def _text(topic: Topic, opening: Post, answers: list[Post]) -> str:
    """Without names: whether theirs stands in the byline is for them to say."""
    source = _("From [the talk of the members](%(url)s).") % {
        "url": topic.get_absolute_url()
    }
    asked = "" if opening.hidden_at else opening.body
    is_question = topic.kind == Topic.Kind.QUESTION
    heading = _("Answer") if is_question else _("Reply")
    answered = [f"## {heading}\n\n{answer.body}" for answer in answers]
    return "\n\n".join([asked, *answered, f"*{source}*"])
