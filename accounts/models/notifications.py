from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """One piece of news for one member; `key` says which, so none is told twice.

    It names what it is about and who did it, and holds no words: what it says is made
    when it is shown, of what its reader may see then.
    """

    class Kind(models.TextChoices):
        """What news can be; grouped by who tells it. A new one is one line here."""

        # accounts
        TITLE_GIVEN = "title_given", _("You were given a title")
        ANNIVERSARY = "anniversary", _("You have been here for another year")
        # content: talk
        REPLIED = "replied", _("Somebody replied")
        MENTIONED = "mentioned", _("Somebody mentioned you")
        TOPIC_STARTED = "topic_started", _("A new topic in a space you follow")
        ANSWER_ACCEPTED = "answer_accepted", _("Your answer was accepted")
        # content: themes
        THEME_CHOSEN = "theme_chosen", _("A theme you wanted was chosen")
        THEME_DECLINED = "theme_declined", _("Your theme was not chosen")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="notifications",
        verbose_name=_("member"),
    )
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    key = models.CharField(_("key"), max_length=120)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who did it"),
    )
    target_kind = models.CharField(_("kind of thing"), max_length=20, blank=True)
    target_id = models.BigIntegerField(_("its number"), null=True)
    created_at = models.DateTimeField(_("told at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(
                models.F("member"),
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="notification_latest",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "key"], name="notification_once_per_key"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.key}"
