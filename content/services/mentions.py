"""Members named in posts: linked where they stand, and told of it once a post."""

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Notification, User
from accounts.services.notifications import tell
from community.lib import markdown
from community.lib.mentions import Mention
from content.models import Post, Topic

MOST_SUGGESTED = 6


def render(body: str) -> str:
    """A post as HTML; asked again at any time, it links whoever has the handle then."""
    found = markdown.mentioned_in(body)
    links = {name: it.get_absolute_url() for name, it in _people(found).items()}
    return markdown.render(body, links)


def tell_mentioned(post: Post) -> None:
    """Tell those whom it names, if they may read it; nobody twice, however often it is
    edited. What is quoted calls nobody again."""
    found = [it for it in markdown.mentioned_in(post.body) if not it.is_quoted]
    people = _people(found)
    named = (next((n for n in it.spellings if n in people), "") for it in found)
    meant = {people[name].pk: people[name] for name in named if name}
    tell(
        [pk for pk, member in meant.items() if _may_read(member, post.topic_id)],
        kind=Notification.Kind.MENTIONED,
        key=f"mentioned:{post.pk}",
        target=post,
        actor=post.author,
    )


def people_to_name(topic: Topic, words: str, *, by: User) -> list[User]:
    """Who takes part in a topic and is called like what is typed."""
    called = Q(username__icontains=words) | Q(name__icontains=words)
    written = Post.objects.filter(topic=topic, hidden_at=None).values("author")
    people = User.objects.people().filter(called, pk__in=written).exclude(pk=by.pk)
    return list(people.order_by("username")[:MOST_SUGGESTED])


def _people(found: list[Mention]) -> dict[str, User]:
    """By handle in small letters, of all that may be meant."""
    names = {name for mention in found for name in mention.spellings}
    if not names:
        return {}
    people = User.objects.people().annotate(handle=Lower("username"))
    return {it.username.lower(): it for it in people.filter(handle__in=names)}


def _may_read(member: User, topic_id: int) -> bool:
    return Topic.objects.visible_to(member).filter(pk=topic_id).exists()
