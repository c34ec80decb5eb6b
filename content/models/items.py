from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from accounts.models import Space


class Item(models.Model):
    """One thing of the library: what is listed, opened, recommended and paid for.

    Kinds share this row, and with it one id space for tags, recommendations and
    the activity log; what only one kind has hangs on it by foreign key.
    """

    activity_kind = "item"

    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        MATERIAL = "material", _("Material")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, null=True, blank=True, related_name="items"
    )
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    external_key = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001 - null: unique only where present
    # What the other platform called it ("quiz", "forum"); empty for our own.
    source_kind = models.CharField(max_length=40, blank=True, editable=False)
    tags = TaggableManager(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["space", "external_key"], name="item_key_once_per_space"
            ),
        ]

    def __str__(self):
        return self.title
