"""What members write to each other, whom they block, and what they report."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MESSAGE_LENGTH = 4000


class Conversation(models.Model):
    """Two members, once; `first` is the one with the smaller number.

    Whoever changes it holds both members' rows.
    """

    activity_kind = "conversation"

    first = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="conversations_started",
    )
    last_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"], name="conversation_once_per_pair"
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="conversation_pair_in_order"
            ),
        ]

    def __str__(self):
        return f"{self.first_id} and {self.second_id}"

    def get_absolute_url(self):
        return f"/me/messages/{self.pk}/"

    def other_than(self, member):
        return self.second if self.first_id == member.pk else self.first


class Seat(models.Model):
    """One of the two in a conversation: how far they have read, and up to where they
    have thrown it away for themselves."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="seats"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats"
    )
    read_to = models.PositiveIntegerField(default=0)
    cleared_to = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                F("member"), F("last_at").desc(), F("id").desc(), name="seat_latest"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "member"], name="seat_once_per_member"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.conversation_id}"

    @property
    def other(self):
        return self.conversation.other_than(self.member)

    @property
    def has_news(self) -> bool:
        return self.read_to < self.conversation.last_number


class Message(models.Model):
    """One message; its text is gone when its author is, and `number` stays."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="messages_written",
    )
    body = models.TextField(max_length=MESSAGE_LENGTH)
    body_html = models.TextField()
    form_key = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(F("author"), F("at").desc(), name="message_by_author"),
            models.Index(fields=["at"], name="message_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "number"], name="message_number_once"
            ),
            models.UniqueConstraint(
                fields=["author", "form_key"], name="message_once_per_form"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("body"), MESSAGE_LENGTH),
                name="message_bounded",
            ),
        ]

    def __str__(self):
        return f"{self.conversation_id}#{self.number}"


class Block(models.Model):
    """That a member wants nothing from another, who is not told."""

    blocker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="blocks"
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="blocked_in"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="blocked_once"),
            models.CheckConstraint(
                condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"
            ),
        ]

    def __str__(self):
        return f"{self.blocker_id} blocked {self.blocked_id}"


class MessageReport(models.Model):
    """A message that its reader showed to the operators, with those around it.

    `excerpt` is the copy that the reporter agreed to hand over, as
    [{"number", "by", "at", "body"}]: of a conversation, operators see nothing else.
    """

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="message_reports",
        verbose_name=_("reported by"),
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="reports_about",
        verbose_name=_("author of the message"),
    )
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="reports",
        editable=False,
        verbose_name=_("conversation"),
    )
    number = models.PositiveIntegerField(_("number of the message"))
    words = models.CharField(_("what is wrong with it"), max_length=1000)
    excerpt = models.JSONField(_("messages"), default=list)
    at = models.DateTimeField(_("reported at"), default=timezone.now)
    closed_at = models.DateTimeField(_("settled at"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("settled by"),
    )

    class Meta:
        ordering = ["-at"]
        verbose_name = _("reported message")
        verbose_name_plural = _("reported messages")
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "conversation", "number"],
                name="message_reported_once",
            ),
        ]

    def __str__(self):
        return f"{self.about}, {self.at:%Y-%m-%d}"
