from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.spaces import Space


class Robot(models.Model):
    """A robot in a chat group elsewhere, that tells there what is new here.

    The address of its webhook is a secret as good as a password: it is sealed, and so
    is the key that messages are signed with.
    """

    class Kind(models.TextChoices):
        WECOM = "wecom", _("WeCom")
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu")
        SLACK = "slack", _("Slack")
        DISCORD = "discord", _("Discord")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("what everybody may see")
        MEMBERS = "members", _("what every member may see")

    kind = models.CharField(_("service"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=60, unique=True)
    key = models.UUIDField(default=uuid4, editable=False, verbose_name=_("key"))
    sealed_address = models.BinaryField(_("address of the webhook"))
    sealed_secret = models.BinaryField(_("key for signatures"), null=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES
    )
    audience = models.CharField(
        _("tells"),
        max_length=7,
        choices=Audience,
        default=Audience.PUBLIC,
        help_text=_(
            "Titles and links, never texts. Choose what every member may see only for"
            " a group of members: the others in it would read the titles, too."
        ),
    )
    tells_announcements = models.BooleanField(_("announcements"), default=True)
    tells_items = models.BooleanField(_("what is published"), default=True)
    tells_topics_of = models.ManyToManyField(
        Space, blank=True, related_name="+", verbose_name=_("new topics of the spaces")
    )
    is_on = models.BooleanField(_("is on"), default=True)
    waits_until = models.DateTimeField(_("waits until"), null=True, editable=False)
    failures = models.PositiveSmallIntegerField(
        _("refused in a row"), default=0, editable=False
    )
    problem = models.CharField(
        _("what the service said"), max_length=300, blank=True, editable=False
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("robot in a chat group")
        verbose_name_plural = _("robots in chat groups")

    def __str__(self):
        return self.name

    def place_of(self, what: str) -> str:
        """Where its secrets are sealed to."""
        return f"robot:{self.key}:{what}"


class RobotMessage(models.Model):
    """One piece of news for one robot, once for its key; it holds no words.

    `due_at` is when to try next, null once begun. What was begun and has neither
    `sent_at` nor a new `due_at` may have arrived: it is not sent again.
    """

    robot = models.ForeignKey(
        Robot,
        on_delete=models.CASCADE,
        related_name="messages",
        verbose_name=_("robot"),
    )
    key = models.CharField(_("key"), max_length=60)
    target_kind = models.CharField(_("kind of thing"), max_length=20)
    target_id = models.BigIntegerField(_("its number"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    due_at = models.DateTimeField(_("to be sent at"), default=timezone.now, null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    problem = models.CharField(_("what the service said"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("message of a robot")
        verbose_name_plural = _("messages of robots")
        indexes = [
            models.Index(
                fields=["robot", "id"],
                condition=Q(due_at__isnull=False),
                name="robot_message_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["robot", "key"], name="robot_message_once_per_key"
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(due_at=None),
                name="robot_message_sent_is_not_due",
            ),
        ]

    def __str__(self):
        return self.key
