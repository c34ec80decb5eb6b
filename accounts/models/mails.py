from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MailQuerySet(models.QuerySet["Mail"]):
    def waiting(self):
        return self.filter(sent_at=None, sending_at=None, failed_at=None)

    def unknown(self):
        """Begun to be sent, and nobody knows how that ended."""
        return self.filter(sent_at=None, failed_at=None).exclude(sending_at=None)


class Mail(models.Model):
    """A message to one member, written with the change that causes it, sent after.

    `key` says which news it is, so none is sent twice. `context` holds the words and
    numbers that the template needs; it is emptied once sent.

    `sending_at` is kept before the mail server is spoken to. Where it stands without
    `sent_at` or `failed_at`, the process died or the line broke in between: the server
    may have taken the mail, so it is not sent again unless an operator says so.
    """

    key = models.CharField(_("key"), max_length=120, unique=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="mails",
        verbose_name=_("member"),
    )
    template = models.CharField(_("template"), max_length=60)
    context = models.JSONField(_("words and numbers"), default=dict)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    sending_at = models.DateTimeField(_("begun to send at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    failed_at = models.DateTimeField(_("came back at"), null=True)
    problem = models.CharField(_("what the server said"), max_length=300, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(sent_at=None, sending_at=None, failed_at=None),
                name="mail_waiting",
            ),
        ]

    def __str__(self):
        return self.key
