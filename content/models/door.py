"""Who lets people in at an event, besides those who lead it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.events import Event


class DoorHelper(models.Model):
    """A member who was named for the door of one event: checks in, and no more."""

    event = models.ForeignKey(
        Event,
        on_delete=models.CASCADE,
        related_name="door_helpers",
        verbose_name=_("event"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="doors",
        verbose_name=_("member"),
    )
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("helper at the door")
        verbose_name_plural = _("helpers at the door")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "member"], name="door_helper_once_an_event"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} at {self.event_id}"
