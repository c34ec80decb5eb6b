from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.orders import Order


class Gift(models.Model):
    """A paid order whose code somebody else redeems."""

    activity_kind = "gift"

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, related_name="gift", verbose_name=_("order")
    )
    code = models.CharField(_("code"), max_length=20, unique=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    redeemed_at = models.DateTimeField(_("redeemed at"), null=True, blank=True)
    redeemed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="gifts_redeemed",
        verbose_name=_("redeemed by"),
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        constraints = [
            models.CheckConstraint(
                condition=Q(redeemed_at=None, redeemed_by=None)
                | Q(redeemed_at__isnull=False, redeemed_by__isnull=False),
                name="gift_redeemed_by_somebody",
            ),
        ]

    def __str__(self):
        return self.code
