from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from accounts.models import MEMBERSHIP, Field, Space, User
from community.lib import pictures

WORDS_PER_MINUTE = 250
Z = 1.96  # standard deviations: 19 in 20 lie no further away


class ItemQuerySet(models.QuerySet["Item"]):
    def readable_by(self, user):
        """Published items that this reader may see; what opens them is `access`."""
        return self.live().filter(
            models.Q(space=None) | models.Q(space__in=Space.objects.visible_to(user))
        )

    def live(self):
        return self.filter(state=Item.State.LIVE, published_at__lte=timezone.now())

    def with_tags(self):
        return self.prefetch_related("tags")

    def courses(self):
        return self.filter(kind=Item.Kind.COURSE)

    def listed(self):
        """What the library shows; imported materials have nothing to read here."""
        return self.exclude(kind=Item.Kind.MATERIAL)


class Item(models.Model):
    """One thing of the library: what is listed, opened, recommended and paid for.

    Kinds share this row, and with it one id space for tags, recommendations and
    the activity log; what only one kind has hangs on it by foreign key.
    """

    activity_kind = "item"

    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        ARTICLE = "article", _("Article")
        CASE = "case", _("Case study")
        NEWS = "news", _("News")
        REPORT = "report", _("Report")
        COLUMN = "column", _("Column")
        RECORDING = "recording", _("Recording")
        MATERIAL = "material", _("Material")

    class Format(models.TextChoices):
        TEXT = "text", _("Text")
        PICTURE = "picture", _("Pictures")
        AUDIO = "audio", _("Audio")
        VIDEO = "video", _("Video")
        FILE = "file", _("File")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waiting for review")
        IN_REVIEW = "in_review", _("In review")
        LIVE = "live", _("Live")  # scheduled, while its time is still to come
        ARCHIVED = "archived", _("Archived")

    class Access(models.TextChoices):
        FREE = "free", _("Everyone")
        MEMBERS = "members", _("Everyone who is signed in")
        MEMBERSHIP = "membership", _("Paying members")
        LEVEL = "level", _("Members from a level on")
        SOLD = "sold", _("Whoever buys it")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("space"),
    )
    slug = models.SlugField(
        _("name in the address"), max_length=80, unique=True, allow_unicode=True
    )
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_html = models.TextField(
        _("description as shown"), editable=False, blank=True
    )
    # Empty for courses, whose text is in their lessons. What stands before the line
    # `<!--more-->` is the preview that everybody may read.
    body = models.TextField(_("text"), blank=True)
    body_html = models.TextField(_("text as shown"), editable=False, blank=True)
    preview_html = models.TextField(_("preview as shown"), editable=False, blank=True)
    words = models.PositiveIntegerField(_("words"), default=0, editable=False)
    access = models.CharField(
        _("open to"), max_length=12, choices=Access, default=Access.MEMBERS
    )
    gives_certificate = models.BooleanField(
        _("gives a certificate"),
        default=False,
        help_text=_("Who has done every lesson may have one made."),
    )
    in_cohorts_only = models.BooleanField(
        _("begun with a cohort only"),
        default=False,
        help_text=_("Otherwise everybody may begin the course on any day."),
    )
    has_watermark = models.BooleanField(
        _("films carry a code of who watches"),
        default=False,
        help_text=_(
            "Only operators can tell whose code it is. It deters from passing films on;"
            " it cannot prevent it."
        ),
    )
    included_in_membership = models.BooleanField(
        _("included in the membership"), default=False
    )
    level_needed = models.PositiveSmallIntegerField(
        _("level needed"), null=True, blank=True
    )
    format = models.CharField(
        _("format"), max_length=8, choices=Format, default=Format.TEXT
    )
    field = models.ForeignKey(
        Field,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("field"),
    )
    difficulty = models.CharField(
        _("for whom"), max_length=11, choices=User.Experience, blank=True
    )
    column = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("column"),
        limit_choices_to={"kind": "column"},
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    # The random name that its files of each width share; empty without a cover.
    cover = models.CharField(_("cover"), max_length=32, blank=True, editable=False)
    cover_alt = models.CharField(_("what the cover shows"), max_length=160, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("author"),
    )
    # Who looks at it, while it is in review.
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="reviews",
        verbose_name=_("reviewer"),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.DRAFT, db_index=True
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    review_by = models.DateField(_("to be checked by"), null=True, blank=True)
    checked_on = models.DateField(_("last checked"), null=True, blank=True)
    # null: unique only where present.
    external_key = models.CharField(  # noqa: DJ001
        _("key in the imported history"), max_length=80, null=True, blank=True
    )
    # Counted each night, so that the library can be sorted by them: see quality.py.
    taken = models.PositiveIntegerField(_("taken by"), default=0, editable=False)
    ratings = models.PositiveIntegerField(_("ratings"), default=0, editable=False)
    quality = models.FloatField(_("quality"), null=True, editable=False)
    quality_sd = models.FloatField(
        _("uncertainty of the quality"), null=True, editable=False
    )
    # The lower end of what the quality surely is: one star alone ranks nothing high.
    quality_low = models.GeneratedField(
        verbose_name=_("quality, surely"),
        expression=models.F("quality") - Z * models.F("quality_sd"),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    # What the other platform called it ("quiz", "forum"); empty for our own.
    source_kind = models.CharField(
        _("kind at its source"), max_length=40, blank=True, editable=False
    )
    tags = TaggableManager(blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items of the library")
        constraints = [
            models.UniqueConstraint(
                fields=["space", "external_key"], name="item_key_once_per_space"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="live")
                | models.Q(published_at__isnull=False),
                name="item_live_since_when",
                violation_error_message=_("What is live needs its date."),
            ),
            models.CheckConstraint(
                condition=~models.Q(access="level")
                | models.Q(level_needed__isnull=False),
                name="item_level_is_named",
                violation_error_message=_("Say from which level on it is open."),
            ),
        ]
        # The library's filters, newest first, and its other orders.
        indexes = [
            *(
                models.Index(
                    *lead,
                    models.F("published_at").desc(),
                    models.F("id").desc(),
                    condition=models.Q(state="live"),
                    name=f"item_live{tail}",
                )
                for tail, lead in (
                    ("", ()),
                    ("_kind", ("kind",)),
                    ("_field", ("field",)),
                    ("_access", ("access",)),
                    ("_space", ("space",)),
                )
            ),
            models.Index(
                models.F("quality_low").desc(nulls_last=True),
                models.F("id").desc(),
                condition=models.Q(state="live"),
                name="item_live_quality_low",
            ),
            models.Index(
                models.F("taken").desc(),
                models.F("id").desc(),
                condition=models.Q(state="live"),
                name="item_live_taken",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        name = "content:course" if self.kind == self.Kind.COURSE else "content:item"
        return reverse(name, args=[self.slug])

    @property
    def is_scheduled(self) -> bool:
        if self.state != self.State.LIVE or self.published_at is None:
            return False
        return self.published_at > timezone.now()

    @property
    def is_live(self) -> bool:
        return self.state == self.State.LIVE and not self.is_scheduled

    @property
    def is_due_for_check(self) -> bool:
        return bool(self.review_by and self.review_by <= timezone.localdate())

    @property
    def minutes(self) -> int:
        """How long reading its text takes."""
        return max(1, round(self.words / WORDS_PER_MINUTE))

    def cover_path(self, width: int) -> str:
        return f"covers/{self.cover}-{width}.webp"

    @property
    def cover_urls(self) -> dict[int, str]:
        return {
            width: default_storage.url(self.cover_path(width))
            for width in pictures.COVER_WIDTHS
        }

    @property
    def key(self) -> str:
        """What an offer of this item sells, and who bought it holds."""
        return f"item:{self.pk}"

    @property
    def is_sold(self) -> bool:
        return self.access == self.Access.SOLD

    @property
    def opened_by(self) -> frozenset[str]:
        """The keys any one of which opens it; empty when none is needed."""
        if self.access == self.Access.MEMBERSHIP:
            return frozenset({MEMBERSHIP})
        if self.is_sold:
            extra = {MEMBERSHIP} if self.included_in_membership else set()
            return frozenset({self.key} | extra)
        return frozenset()
