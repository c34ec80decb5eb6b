from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.offers import key_validator
from accounts.models.orders import Order


class EntitlementQuerySet(models.QuerySet["Entitlement"]):
    def in_force(self, at=None) -> "EntitlementQuerySet":
        at = at or timezone.now()
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at, revoked_at=None
        )


class Entitlement(models.Model):
    """That a member may use what `what` names, from when to when, and why."""

    class Source(models.TextChoices):
        ORDER = "order", _("Bought")
        GIFT = "gift", _("Given by a member")
        TRIAL = "trial", _("Trial")
        GRACE = "grace", _("Days of grace")
        STAFF = "staff", _("Given by the operator")
        RESUMED = "resumed", _("Rest of a pause")
        REWARD = "reward", _("Taken for points")
        COUPON = "coupon", _("Coupon")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="entitlements",
        verbose_name=_("member"),
    )
    what = models.CharField(
        _("what it opens"), max_length=60, validators=[key_validator]
    )
    source = models.CharField(
        _("source"), max_length=8, choices=Source, default=Source.STAFF
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    # What it was paid with, whoever uses it.
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlements",
        verbose_name=_("order"),
    )
    # The change of plan that ended it; it comes back when that is refunded.
    replaced_by = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced",
        verbose_name=_("replaced by the order"),
    )
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                name="entitlement_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
            # One an order, so a repeat of its payment gives nothing.
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(source__in=["order", "gift"]),
                name="entitlement_once_an_order",
            ),
            models.UniqueConstraint(
                fields=["member", "what"],
                condition=Q(source="trial"),
                name="entitlement_tried_once",
            ),
            models.CheckConstraint(
                condition=~Q(source__in=["order", "gift", "resumed"])
                | Q(order__isnull=False),
                name="entitlement_bought_has_its_order",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "what"], name="entitlement_of_member"),
        ]

    def __str__(self):
        return f"{self.what} for {self.member_id}"
