from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PodcastAddress(models.Model):
    """A member's own address for programs that play podcasts and cannot sign in.

    Whoever knows the address hears what the member may hear, so only its digest is
    kept; another one takes its place.
    """

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="podcast_address",
        verbose_name=_("member"),
    )
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("podcast address")
        verbose_name_plural = _("podcast addresses")

    def __str__(self):
        return str(self.member_id)
