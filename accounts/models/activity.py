"""The activity log: what every member did, and the only way news travels upward."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models.spaces import Space


class Verb(models.TextChoices):
    """Everything that can happen. Names only: what they mean is for those above.

    Grouped by who writes them; a new one is one line here.
    """

    # accounts
    SIGNED_UP = "signed_up"
    JOINED_SPACE = "joined_space"
    LEFT_SPACE = "left_space"
    PAID = "paid"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    GIFT_REDEEMED = "gift_redeemed"
    REFERRAL_STAYED = "referral_stayed"
    FOLLOWED = "followed"
    # content
    VISITED = "visited"
    VIEWED = "viewed"
    ENROLLED = "enrolled"
    LESSON_DONE = "lesson_done"
    COURSE_DONE = "course_done"
    ITEM_READ = "item_read"
    RATED = "rated"
    PUBLISHED = "published"
    TOPIC_STARTED = "topic_started"
    REPLIED = "replied"
    LIKED = "liked"
    ANSWER_ACCEPTED = "answer_accepted"
    ANSWER_UNACCEPTED = "answer_unaccepted"
    # histories imported from elsewhere
    INTERACTED = "interacted"
    CONSUMED = "consumed"
    ASKED = "asked"
    ANSWERED = "answered"
    CONTRIBUTED = "contributed"
    EARNED_BADGE = "earned_badge"


class Activity(models.Model):
    """One thing a member did, once written never changed.

    The table is partitioned by month of `at` and carries BRIN indexes only, so
    that writing stays cheap at any size; look rows up by a window of `at` or
    `ingested_at`, never by id alone. `data` holds ids, never text, so there is
    nothing personal to erase in it.
    """

    at = models.DateTimeField(default=timezone.now)
    ingested_at = models.DateTimeField(db_default=Now())
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="activities",
        db_constraint=False,
        db_index=False,
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    verb = models.CharField(max_length=30)
    object_kind = models.CharField(max_length=20, blank=True)
    object_id = models.BigIntegerField(null=True)
    count = models.PositiveIntegerField(default=1, db_default=1)
    data = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField())
    )

    class Meta:
        verbose_name_plural = "activities"

    def __str__(self):
        return f"{self.member_id} {self.verb} {self.object_kind}:{self.object_id}"
