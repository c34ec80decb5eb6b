"""Topics and their posts: the talk in a space or under a course."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import Space
from content.models.items import Item

REPLIES_PER_PAGE = 20
TITLE_LENGTH = 160
REASON_LENGTH = 200
BODY_LENGTH = 20_000


def page_of(number: int) -> int:
    """The page a post stands on: the opening post heads the first 20 replies."""
    return max(1, -(-(number - 1) // REPLIES_PER_PAGE))


def numbers_on(page: int) -> tuple[int, int]:
    """First and last post number of a page, both included."""
    first = 1 if page == 1 else (page - 1) * REPLIES_PER_PAGE + 2
    return first, page * REPLIES_PER_PAGE + 1


def place_on_page(number: int) -> str:
    """What follows a topic's address to show one of its posts."""
    page = page_of(number)
    return f"?page={page}#post-{number}" if page > 1 else f"#post-{number}"


def url_of_topic(pk: int, title: str, kind: str) -> str:
    # The number finds it; the words are for people and may be cut or missing.
    words = slugify(title, allow_unicode=True)[:60].strip("-")
    return f"/topics/{pk}-{words or kind}/"


def place_of(topic: "Topic") -> Space | None:
    """The space a topic belongs to, directly or through its item."""
    return topic.item.space if topic.item else topic.space


class TopicQuerySet(models.QuerySet["Topic"]):
    def visible_to(self, user):
        """Topics this reader may open: those of spaces and items open to them.

        Hidden ones are for operators only.
        """
        if getattr(user, "is_operator", False):
            return self
        return self.filter(
            Q(space__in=Space.objects.visible_to(user))
            | Q(item__in=Item.objects.readable_by(user)),
            hidden_at=None,
        )


class Topic(models.Model):
    """A discussion or question. Its row is the lock for everything in it.

    Post number 1 is its own text. Numbers are never given twice and hidden posts
    keep theirs, so a post's page follows from its number alone. `revision` grows
    with every visible change: whatever is cached of a topic carries it in its key.
    """

    activity_kind = "topic"

    class Kind(models.TextChoices):
        DISCUSSION = "discussion", _("Discussion")
        QUESTION = "question", _("Question")
        POLL = "poll", _("Poll")
        SHARE = "share", _("Share")
        CASE = "case", _("Case")
        ANNOUNCEMENT = "announcement", _("Announcement")

    kind = models.CharField(
        _("kind"), max_length=12, choices=Kind, default=Kind.DISCUSSION
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        verbose_name=_("space"),
    )
    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        verbose_name=_("item"),
    )
    # What of the course it is about; the talk outlives the lesson.
    lesson = models.ForeignKey(
        "content.Lesson",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="topics",
        verbose_name=_("lesson"),
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="topics",
        verbose_name=_("author"),
    )
    # What of its answers is accepted, by number, the asker's choice first; and whether
    # any is, for the lists. Kept with the marks, so that no page looks for them.
    accepted = ArrayField(
        models.PositiveIntegerField(),
        verbose_name=_("accepted answers"),
        default=list,
        db_default=[],
        editable=False,
    )
    is_answered = models.BooleanField(_("answered"), default=False)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    last_number = models.PositiveIntegerField(_("last number"), default=0)
    reply_count = models.PositiveIntegerField(_("replies"), default=0)
    created_at = models.DateTimeField(_("started at"), default=timezone.now)
    last_post_at = models.DateTimeField(_("last post at"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_reason = models.CharField(
        _("why closed"), max_length=REASON_LENGTH, blank=True, db_default=""
    )
    # What a share leads to.
    link = models.URLField(_("link"), max_length=500, blank=True, db_default="")
    pinned_at = models.DateTimeField(_("pinned at"), null=True, blank=True)
    featured_at = models.DateTimeField(
        _("chosen as one of the best at"), null=True, blank=True
    )
    # Slow mode: how long one member waits between two posts here.
    slow_seconds = models.PositiveIntegerField(
        _("seconds between posts"), default=0, db_default=0
    )
    # Its posts stand there now, from that number on; it is hidden itself.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("merged into"),
    )
    merged_at_number = models.PositiveIntegerField(
        _("from which number on"), null=True, blank=True, editable=False
    )
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)
    hidden_reason = models.CharField(_("why hidden"), max_length=200, blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        indexes = [
            # The order of every list, and the key its pages continue from.
            models.Index(
                F("space"),
                F("last_post_at").desc(),
                F("id").desc(),
                condition=Q(hidden_at=None),
                name="topic_space_latest",
            ),
            models.Index(
                F("item"),
                F("last_post_at").desc(),
                F("id").desc(),
                condition=Q(hidden_at=None),
                name="topic_item_latest",
            ),
            models.Index(
                F("lesson"),
                F("last_post_at").desc(),
                F("id").desc(),
                condition=Q(hidden_at=None, lesson__isnull=False),
                name="topic_lesson_latest",
            ),
            # Where something happens just now, whatever the place.
            models.Index(
                F("last_post_at").desc(),
                condition=Q(hidden_at=None),
                name="topic_latest",
            ),
            models.Index(
                F("space"),
                F("kind"),
                F("last_post_at").desc(),
                F("id").desc(),
                condition=Q(hidden_at=None),
                name="topic_space_kind_latest",
            ),
            models.Index(
                F("space"),
                F("last_post_at").desc(),
                F("id").desc(),
                condition=Q(hidden_at=None, featured_at__isnull=False),
                name="topic_space_best",
            ),
            models.Index(
                F("space"),
                F("pinned_at").desc(),
                condition=Q(hidden_at=None, pinned_at__isnull=False),
                name="topic_space_pinned",
            ),
            models.Index(
                F("space"),
                F("last_post_at").desc(),
                F("id").desc(),
                condition=Q(hidden_at=None, kind="question", is_answered=False),
                name="topic_space_unanswered",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(space__isnull=False, item__isnull=True)
                | Q(space__isnull=True, item__isnull=False),
                name="topic_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(lesson=None) | Q(item__isnull=False),
                name="topic_of_a_lesson_is_of_its_course",
            ),
            models.CheckConstraint(
                condition=Q(is_answered=False) | Q(kind="question"),
                name="topic_only_questions_accept",
            ),
            models.CheckConstraint(
                condition=Q(reply_count__lte=F("last_number")),
                name="topic_replies_are_numbered",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None, merged_at_number=None)
                | Q(
                    merged_into__isnull=False,
                    merged_at_number__isnull=False,
                    hidden_at__isnull=False,
                ),
                name="topic_merged_is_hidden",
            ),
            models.CheckConstraint(
                condition=Q(link="") | Q(kind="share"),
                name="topic_only_shares_link",
            ),
            models.CheckConstraint(
                condition=Q(pinned_at=None) | Q(space__isnull=False),
                name="topic_pinned_in_a_space",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return url_of_topic(self.pk, self.title, self.kind)

    def url_of(self, number: int) -> str:
        return self.get_absolute_url() + place_on_page(number)


class Post(models.Model):
    """One contribution to a topic, with its Markdown and the HTML made of it.

    `form_key` names the form it was sent with: sent twice, it is posted once.
    """

    activity_kind = "post"

    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, related_name="posts", verbose_name=_("topic")
    )
    number = models.PositiveIntegerField(_("number"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="posts",
        verbose_name=_("author"),
    )
    reply_to = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reply to"),
    )
    body = models.TextField(_("text"), max_length=BODY_LENGTH)
    body_html = models.TextField(_("text as shown"), editable=False)
    like_count = models.PositiveIntegerField(_("thanks"), default=0)
    helpful_count = models.PositiveIntegerField(_("helpful votes"), default=0)
    unhelpful_count = models.PositiveIntegerField(_("not helpful votes"), default=0)
    form_key = models.UUIDField(
        _("key of the form"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("posted at"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True)
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)
    hidden_reason = models.CharField(_("why hidden"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        indexes = [
            models.Index(F("author"), F("created_at").desc(), name="post_by_author"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "number"], name="post_number_once_per_topic"
            ),
            models.UniqueConstraint(
                fields=["author", "form_key"], name="post_once_per_form"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="post_numbers_start_at_one"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("body"), BODY_LENGTH),
                name="post_body_bounded",
            ),
        ]

    def __str__(self):
        return f"{self.topic_id}#{self.number}"

    def get_absolute_url(self):
        return self.topic.url_of(self.number)

    @property
    def votes_cast(self) -> int:
        return self.helpful_count + self.unhelpful_count


class PostLike(models.Model):
    """A member's thanks for a post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="likes")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="likes"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "post"], name="post_liked_once"),
        ]

    def __str__(self):
        return f"{self.member_id} likes {self.post_id}"


class ReadMarker(models.Model):
    """How far a member has read a topic."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="markers")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="read_markers"
    )
    last_number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "topic"], name="read_marker_once_per_topic"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} read {self.topic_id} to {self.last_number}"
