from django.conf import settings
from django.db import models
from django.utils import timezone


class Mail(models.Model):
    """A message to one member, written with the change that causes it, sent after.

    `key` says which news it is, so none is sent twice. `context` holds the words and
    numbers that the template needs; it is emptied once sent.
    """

    key = models.CharField(max_length=120, unique=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mails"
    )
    template = models.CharField(max_length=60)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(sent_at=None),
                name="mail_to_send",
            ),
        ]

    def __str__(self):
        return self.key
