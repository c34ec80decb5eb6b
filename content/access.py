"""Who may do what with content.

Missing and not-visible look alike (404), so ids cannot be probed; seeing a thing
without being allowed to change it is a 403.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import JoinMode, Space, User
from accounts.services.entitlements import held
from content.models import Item, Lesson, Post, Topic
from content.models.discussions import page_of
from content.models.items import ItemQuerySet
from content.services.courses import read_lesson
from content.services.library import is_open
from content.services.reading import SpaceFacts, TopicFacts, read_space, read_topic

MOST_ARTICLES = 200


def get_spaces_to_read(user: User) -> QuerySet[Space]:
    return Space.objects.listed_for(user).with_joined(user)


def get_space_to_read(user: User, slug: str) -> Space:
    return get_object_or_404(Space.objects.visible_to(user), slug=slug)


def get_space_to_show(user: User, slug: str) -> SpaceFacts:
    """The space as its page shows it. A visitor to members' talk is refused, not
    denied its existence: signing in helps."""
    space = read_space(slug, user)
    if space is None:
        raise Http404
    if _may_knock(user, slug, space):
        raise NeedsApplication
    _check_space(user, space.access, space.pk, joined=space.joined)
    return space


def _may_knock(user: User, slug: str, space: SpaceFacts) -> bool:
    if space.access != Space.Access.JOINED or space.joined or is_operator(user):
        return False
    asked = Space.objects.filter(slug=slug, join_mode=JoinMode.APPLICATION)
    return is_member(user) and asked.exists()


class NeedsApplication(PermissionDenied):
    """The space lets in whoever asks and is accepted."""


class NeedsPlan(PermissionDenied):
    """What is asked for is in a space that a plan opens."""


def _check_space(user: User, access: str, pk: int, *, joined: bool) -> None:
    """What `Space.objects.visible_to` says, for a row already read."""
    if access == Space.Access.PUBLIC or is_operator(user):
        return
    if access == Space.Access.PLAN:
        if f"space:{pk}" not in held(user):
            raise NeedsPlan
    elif access == Space.Access.JOINED and not joined:
        raise Http404
    elif not is_member(user):
        raise PermissionDenied


def get_space_behind_plan(slug: str) -> Space:
    """The door of a space that a plan opens, for whoever stands before it."""
    return get_object_or_404(Space, slug=slug, access=Space.Access.PLAN)


def get_topic_to_read(user: User, pk: int) -> Topic:
    topics = Topic.objects.visible_to(user).select_related("space", "item__space")
    return get_object_or_404(topics, pk=pk)


def get_topic_to_show(user: User, pk: int, page: int) -> TopicFacts:
    """The topic as its page shows it; refuses like `get_space_to_show`."""
    topic = read_topic(pk, user, page)
    if topic is None or (topic.hidden and not is_operator(user)):
        raise Http404
    if page > page_of(topic.last_number):
        raise Http404
    if topic.item_id:
        get_object_or_404(Item.objects.readable_by(user).only("pk"), pk=topic.item_id)
    else:
        _check_space(user, topic.space_access, topic.space_id or 0, joined=topic.joined)
    return topic


def get_post_to_read(user: User, pk: int) -> Post:
    """A post in a topic this reader may read; hidden posts are not there."""
    posts = Post.objects.filter(
        hidden_at=None, topic__in=Topic.objects.visible_to(user)
    )
    return get_object_or_404(
        posts.select_related("topic__space", "topic__item__space"), pk=pk
    )


def get_post_to_edit(user: User, pk: int) -> Post:
    post = get_post_to_read(user, pk)
    if post.author_id != user.pk or post.topic.closed_at:
        raise PermissionDenied
    return post


def get_post_to_like(user: User, pk: int) -> Post:
    post = get_post_to_read(user, pk)
    if post.author_id == user.pk:
        raise PermissionDenied
    return post


def get_answer_to_accept(user: User, pk: int) -> Post:
    post = get_post_to_read(user, pk)
    if post.topic.kind != Topic.Kind.QUESTION or post.number == 1:
        raise Http404
    if not may_accept_answers(user, post.topic.author_id):
        raise PermissionDenied
    return post


def may_accept_answers(user: User, asker_id: int) -> bool:
    return user.pk == asker_id or is_guide(user)


def get_topic_to_close(user: User, pk: int) -> Topic:
    topic = get_topic_to_read(user, pk)
    if not is_guide(user):
        raise PermissionDenied
    return topic


def is_guide(user: User) -> bool:
    """Operators and mentors keep order in every talk they can read."""
    return is_operator(user) or getattr(user, "is_mentor", False)


def check_may_teach(user: User) -> None:
    """The studio is for who writes courses; others have nothing there."""
    if not is_guide(user):
        raise PermissionDenied


def is_member(user: User) -> bool:
    """Let in, not only signed in."""
    return getattr(user, "is_member", False)


def is_operator(user: User) -> bool:
    # Visitors have no roles, and no such attribute.
    return getattr(user, "is_operator", False)


def get_course_to_discuss(user: User, slug: str) -> Item:
    """A course whose talk this reader may read and join."""
    return get_object_or_404(Item.objects.readable_by(user), slug=slug)


def get_items_to_list(user: User) -> ItemQuerySet:
    """What this reader finds in the library."""
    return Item.objects.readable_by(user).listed()


def get_item_to_use(user: User, slug: str) -> Item:
    """An item that this reader may see and whose whole text is open to them."""
    item = get_item_to_read(user, slug)
    if not is_open(item, user):
        raise PermissionDenied
    return item


def get_item_to_read(user: User, slug: str) -> Item:
    """What is not published yet is there for its author and operators only."""
    items = Item.objects.select_related(
        "author", "space", "field", "column", "case", "news", "report", "recording"
    ).with_tags()
    item = get_object_or_404(items, slug=slug)
    _check_item(user, item)
    return item


def _check_item(user: User, item: Item) -> None:
    if is_operator(user) or (item.author_id and item.author_id == user.pk):
        return
    if not item.is_live:
        raise Http404
    space = item.space
    if space is None or space.access == Space.Access.PUBLIC:
        return
    joined = space.access == Space.Access.JOINED and _has_joined(user, item)
    _check_space(user, space.access, space.pk, joined=joined)


def _has_joined(user: User, item: Item) -> bool:
    return (
        user.is_authenticated
        and user.spaces.filter(space=item.space_id, left_at=None).exists()
    )


def get_articles_of(user: User, column: Item) -> ItemQuerySet:
    """What has appeared in a column, the latest first; nothing for other kinds."""
    if column.kind != Item.Kind.COLUMN:
        return Item.objects.none()
    found = get_items_to_list(user).filter(column=column).select_related("author")
    return found.order_by("-published_at", "-pk")[:MOST_ARTICLES]


def get_item_by_number(user: User, pk: int) -> Item:
    return get_object_or_404(Item.objects.readable_by(user), pk=pk)


def get_course_to_enrol(user: User, slug: str) -> Item:
    course = get_item_to_read(user, slug)
    if course.kind != Item.Kind.COURSE:
        raise Http404
    if not is_open(course, user):
        raise PermissionDenied
    return course


def get_lesson_to_see(user: User, pk: int) -> Lesson:
    """A lesson of a course this reader may see, be it open to them or not."""
    lesson = read_lesson(pk)
    if lesson is None:
        raise Http404
    _check_item(user, lesson.section.item)
    return lesson


def get_lesson_to_learn(user: User, pk: int) -> Lesson:
    """A lesson whose progress this member may keep."""
    lesson = get_lesson_to_see(user, pk)
    if not (lesson.is_preview or is_open(lesson.section.item, user)):
        raise PermissionDenied
    return lesson
