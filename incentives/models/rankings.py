from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutOfRankings(models.Model):
    """A member who wants to stand in no ranking."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="out_of_rankings",
        verbose_name=_("member"),
    )
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("member in no ranking")
        verbose_name_plural = _("members in no ranking")

    def __str__(self):
        return str(self.member_id)
