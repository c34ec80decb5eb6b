from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from accounts.models import MEMBERSHIP, Space


class ItemQuerySet(models.QuerySet["Item"]):
    def readable_by(self, user):
        """Published items that this reader may see; what opens them is `access`."""
        return self.filter(
            models.Q(space=None) | models.Q(space__in=Space.objects.visible_to(user)),
            published_at__lte=timezone.now(),
        )

    def with_tags(self):
        return self.prefetch_related("tags")

    def courses(self):
        return self.filter(kind=Item.Kind.COURSE)

    def matching(self, words: str):
        """Items with every one of `words` in title, summary or tags."""
        found = self
        for word in words.split()[:8]:
            tagged = Item.objects.filter(tags__name__icontains=word).values("pk")
            found = found.filter(
                models.Q(title__icontains=word)
                | models.Q(summary__icontains=word)
                | models.Q(pk__in=tagged)
            )
        return found


class Item(models.Model):
    """One thing of the library: what is listed, opened, recommended and paid for.

    Kinds share this row, and with it one id space for tags, recommendations and
    the activity log; what only one kind has hangs on it by foreign key.
    """

    activity_kind = "item"

    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        MATERIAL = "material", _("Material")

    class Access(models.TextChoices):
        FREE = "free", _("Everyone")
        MEMBERS = "members", _("Everyone who is signed in")
        MEMBERSHIP = "membership", _("Paying members")
        SOLD = "sold", _("Whoever buys it")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, null=True, blank=True, related_name="items"
    )
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_html = models.TextField(editable=False, blank=True)
    access = models.CharField(
        _("open to"), max_length=12, choices=Access, default=Access.MEMBERS
    )
    included_in_membership = models.BooleanField(
        _("included in the membership"), default=False
    )
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

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["space", "external_key"], name="item_key_once_per_space"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        name = "content:course" if self.kind == self.Kind.COURSE else "content:item"
        return reverse(name, args=[self.slug])

    @property
    def key(self) -> str:
        """What an offer of this item sells, and who bought it holds."""
        return f"item:{self.pk}"

    @property
    def opened_by(self) -> frozenset[str]:
        """The keys any one of which opens it; empty when none is needed."""
        if self.access == self.Access.MEMBERSHIP:
            return frozenset({MEMBERSHIP})
        if self.access == self.Access.SOLD:
            extra = {MEMBERSHIP} if self.included_in_membership else set()
            return frozenset({self.key} | extra)
        return frozenset()
