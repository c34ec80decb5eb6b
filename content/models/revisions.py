"""What was written: every state that was saved, and what is still being typed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.courses import Lesson
from content.models.items import Item

OF_ONE_THING = Q(item__isnull=False, lesson__isnull=True) | Q(
    item__isnull=True, lesson__isnull=False
)


class Revision(models.Model):
    """The texts of an item or a lesson as they were saved once, never changed.

    `texts` holds every field by its name, as it was typed. The highest number is
    what the row itself says, unless it was changed past the studio.
    """

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, related_name="revisions"
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, null=True, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    texts = models.JSONField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="revisions",
    )
    created_at = models.DateTimeField(_("saved at"), default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=OF_ONE_THING, name="revision_of_one_thing"
            ),
            models.UniqueConstraint(
                fields=["item", "number"], name="revision_once_an_item"
            ),
            models.UniqueConstraint(
                fields=["lesson", "number"], name="revision_once_a_lesson"
            ),
        ]

    def __str__(self):
        return f"{self.item or self.lesson} #{self.number}"


class Draft(models.Model):
    """What somebody types and has not saved: kept by the server every few seconds.

    `base` is the fingerprint of the text it was begun from.
    """

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, related_name="drafts"
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, null=True, related_name="drafts"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    base = models.CharField(max_length=16)
    texts = models.JSONField()
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=OF_ONE_THING, name="draft_of_one_thing"),
            models.UniqueConstraint(
                fields=["author", "item"], name="draft_once_an_item"
            ),
            models.UniqueConstraint(
                fields=["author", "lesson"], name="draft_once_a_lesson"
            ),
        ]

    def __str__(self):
        return f"{self.author_id} writes {self.item or self.lesson}"


class CoAuthor(models.Model):
    """Somebody who writes an item beside its author, in the order of the byline."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="co_authors")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="co_written"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"], name="co_author_once_an_item"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} writes {self.item_id} too"


class CoAuthorInvitation(models.Model):
    """Somebody is asked to write an item with its author. Until they accept there is
    no `CoAuthor`: they are not shown, get no mails and have no rights.

    Answered, it stays, so that nobody is asked over and over.
    """

    class Answer(models.TextChoices):
        NONE = "", _("Asked")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        TAKEN_BACK = "taken_back", _("Taken back")

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="invitations")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="asked_to_write",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="asked_others_to_write",
    )
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    # Kept when they write it no more: nobody decides on what they wrote themselves.
    has_written = models.BooleanField(default=False)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"], name="co_author_asked_once_an_item"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | ~Q(answer="") & Q(answered_at__isnull=False),
                name="co_author_answer_has_its_time",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} is asked to write {self.item_id}"
