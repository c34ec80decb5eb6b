from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incentives.models.rewards import Reward


class Redemption(models.Model):
    """That a member took a reward for points, and what has become of it."""

    activity_kind = "redemption"

    class State(models.TextChoices):
        DONE = "done", _("Yours")
        ORDERED = "ordered", pgettext_lazy("reward", "Ordered")
        PICKED = "picked", _("Being packed")
        SHIPPED = "shipped", _("On its way")
        DELIVERED = "delivered", _("Arrived")
        RETURNED = "returned", _("Came back")
        CANCELLED = "cancelled", _("Called off")

    # Of goods: before they are sent, and when it is over with them.
    TO_SEND = (State.ORDERED, State.PICKED)
    GIVEN_BACK = (State.RETURNED, State.CANCELLED)

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="redemptions",
        verbose_name=_("member"),
    )
    reward = models.ForeignKey(
        Reward,
        on_delete=models.PROTECT,
        related_name="redemptions",
        verbose_name=_("reward"),
    )
    points = models.PositiveIntegerField(_("points"))
    state = models.CharField(_("state"), max_length=10, choices=State)
    created_at = models.DateTimeField(
        pgettext_lazy("reward", "taken at"), default=timezone.now
    )
    changed_at = models.DateTimeField(_("as it is since"), default=timezone.now)
    # Why an operator has called it off, or took it back.
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    form_key = models.UUIDField(_("form"), editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("reward taken")
        verbose_name_plural = _("rewards taken")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "form_key"], name="redemption_once_a_form"
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0), name="redemption_has_a_price"
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["ordered", "picked"]),
                name="redemption_to_send",
            ),
        ]

    def __str__(self):
        return f"{self.reward} ({self.pk})"

    def get_absolute_url(self):
        return f"/shop/orders/{self.pk}/"

    @property
    def key(self) -> str:
        """Under which its points are spent, and what else is given once for it."""
        return f"redemption:{self.pk}"

    @property
    def is_to_send(self) -> bool:
        return self.state in self.TO_SEND

    @property
    def is_sent(self) -> bool:
        return self.state in {self.State.SHIPPED, self.State.DELIVERED}

    @property
    def is_given_back(self) -> bool:
        return self.state in self.GIVEN_BACK


class Parcel(models.Model):
    """Goods on their way to a member.

    The address is sealed (see `community.lib.sealed`), given for this parcel alone,
    and erased some time after it has arrived, or at once when nothing is sent.
    """

    redemption = models.OneToOneField(
        Redemption,
        on_delete=models.PROTECT,
        related_name="parcel",
        verbose_name=_("reward taken"),
    )
    sealed = models.BinaryField(_("address, sealed"), null=True)
    agreed_at = models.DateTimeField(_("address given at"), default=timezone.now)
    erased_at = models.DateTimeField(_("address erased at"), null=True)
    carrier = models.CharField(_("sent with"), max_length=60, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=60, blank=True)
    shipped_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed__isnull=False, erased_at=None)
                | Q(sealed=None, erased_at__isnull=False),
                name="parcel_has_an_address_until_it_is_erased",
            ),
        ]
        indexes = [
            models.Index(
                fields=["agreed_at"],
                condition=Q(erased_at=None),
                name="parcel_with_an_address",
            ),
        ]

    def __str__(self):
        return f"Parcel {self.pk}"

    @property
    def place(self) -> str:
        return f"parcel:{self.redemption_id}"
