"""The way of an item from its first line to the library, and back out of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from community.lib.languages import in_language
from content.models.items import Item


class EditorialStep(models.Model):
    """One thing that was done or said on the way of an item."""

    class Act(models.TextChoices):
        SUBMITTED = "submitted", _("Sent for review")
        WITHDRAWN = "withdrawn", _("Taken back")
        TAKEN = "taken", _("Taken into review")
        PUT_BACK = "put_back", _("Put back into the queue")
        COMMENTED = "commented", _("Remark")
        RETURNED = "returned", _("Sent back to the author")
        ACCEPTED = "accepted", pgettext_lazy("editorial", "Accepted")
        RESCHEDULED = "rescheduled", _("Given another time")
        CHECKED = "checked", _("Checked")
        ARCHIVED = "archived", _("Archived")
        REOPENED = "reopened", _("Taken out of the archive")

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="editorial_steps"
    )
    act = models.CharField(max_length=12, choices=Act)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="editorial_steps",
    )
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self):
        return f"{self.item_id} {self.act}"


class Publication(models.Model):
    """That an accepted item goes out at a time; `done_at` once that was told."""

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="publications"
    )
    due_at = models.DateTimeField(_("goes out at"))
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(done_at=None),
                name="publication_waits_once_an_item",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(done_at=None),
                name="publication_waiting",
            ),
        ]

    def __str__(self):
        return f"{self.item_id} at {self.due_at}"


class OutdatedFlag(models.Model):
    """A member says that something is no longer true. Open until it was looked at."""

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="outdated_flags"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="outdated_flags",
    )
    text = models.CharField(_("what is no longer true"), max_length=1000)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"],
                condition=Q(closed_at=None),
                name="outdated_flag_open_once",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} flags {self.item_id}"


class ChecklistPoint(models.Model):
    """One thing that must be true of every item of a kind before it goes out."""

    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=Item.Kind,
        blank=True,
        help_text=_("Empty: for every kind."),
    )
    text = models.CharField(_("text"), max_length=200)
    text_zh = models.CharField(_("text in Chinese"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("point of the checklists")
        verbose_name_plural = _("checklists")

    def __str__(self):
        return self.text


class ReturnReason(models.Model):
    """Words that editors often need when they send something back."""

    text = models.CharField(_("text"), max_length=400)
    text_zh = models.CharField(_("text in Chinese"), max_length=400, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("reason for sending back")
        verbose_name_plural = _("reasons for sending back")

    def __str__(self):
        return self.text_in(get_language() or "")

    def text_in(self, language: str) -> str:
        return in_language(language, self.text, self.text_zh)


class ChecklistTick(models.Model):
    """Somebody looked and found it true of this item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="ticks")
    point = models.ForeignKey(
        ChecklistPoint, on_delete=models.CASCADE, related_name="ticks"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ticks"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "point"], name="checklist_tick_once"
            ),
        ]

    def __str__(self):
        return f"{self.item_id}: {self.point_id}"
