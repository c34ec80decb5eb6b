"""What those who used an item say of it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.items import Item


class Rating(models.Model):
    """One member's stars for an item, perhaps with words. `helpful_count` is kept
    equal to its votes."""

    activity_kind = "rating"

    item = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="member_ratings",
        verbose_name=_("item"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="ratings",
        verbose_name=_("member"),
    )
    stars = models.PositiveSmallIntegerField(
        _("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    words = models.TextField(_("in words"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("given at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    helpful_count = models.PositiveIntegerField(_("found helpful"), default=0)
    # The author's answer to it.
    reply = models.TextField(_("reply"), max_length=2000, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("replied by"),
    )
    replied_at = models.DateTimeField(_("replied at"), null=True, blank=True)
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)

    class Meta:
        ordering = ["-helpful_count", "-created_at"]
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"], name="rating_once_a_member"
            ),
            models.CheckConstraint(
                condition=Q(stars__range=(1, 5)), name="rating_one_to_five"
            ),
            models.CheckConstraint(
                condition=Q(reply="", replied_at=None)
                | ~Q(reply="") & Q(replied_at__isnull=False),
                name="rating_reply_has_a_time",
            ),
        ]

    def __str__(self):
        return f"{self.stars} stars for {self.item_id}"

    def get_absolute_url(self):
        return reverse("content:ratings", args=[self.item.slug])


class QualityMark(models.Model):
    """That an item has surely reached a level of quality: told of once."""

    activity_kind = "quality_mark"

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="quality_marks"
    )
    stars = models.FloatField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "stars"], name="quality_mark_once_a_level"
            ),
        ]

    def __str__(self):
        return f"{self.item_id}: {self.stars}"


class HelpfulVote(models.Model):
    """That a rating helped another member."""

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="helpful_votes"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rating", "member"], name="helpful_once_a_member"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} on {self.rating_id}"
