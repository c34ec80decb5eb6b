from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.lib.sealed import unseal
from content.models.items import Item


class Certificate(models.Model):
    """That somebody finished a course, as it was called then. Who has its code can
    ask whether it is true; the name on it is sealed."""

    code = models.CharField(_("code"), max_length=14, unique=True)
    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="certificates",
        verbose_name=_("course"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="certificates",
        verbose_name=_("member"),
    )
    sealed_name = models.BinaryField(_("name on it"))
    title = models.CharField(_("title of the course"), max_length=160)
    minutes = models.PositiveIntegerField(_("minutes of lessons"))
    finished_on = models.DateField(_("finished on"))
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_because = models.CharField(_("reason"), max_length=300, blank=True)
    renewable_at = models.DateTimeField(
        _("another one allowed at"), null=True, blank=True
    )

    class Meta:
        ordering = ["-issued_at"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "item"],
                condition=Q(renewable_at=None),
                name="certificate_once_until_renewable",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_because="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_because=""),
                name="certificate_is_revoked_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(renewable_at=None) | Q(revoked_at__isnull=False),
                name="certificate_renewed_only_when_revoked",
            ),
        ]

    def __str__(self):
        return self.code

    def get_absolute_url(self):
        return reverse("content:certificate", args=[self.code])

    @property
    def place(self) -> str:
        """What the sealed name is bound to."""
        return f"certificate:{self.code}"

    @property
    def name(self) -> str:
        return unseal(self.sealed_name, self.place)
