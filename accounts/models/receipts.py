from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.orders import Order
from accounts.models.payments import Dispute, Refund


class ReceiptSeries(models.Model):
    """The last number given out in a year; its row is the lock that leaves no gap."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "receipt series"

    def __str__(self):
        return str(self.year)


class Receipt(models.Model):
    """The numbered paper about one payment, or about money given back."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        CREDIT_NOTE = "credit_note", _("Credit note")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        related_name="receipts",
        verbose_name=_("order"),
    )
    refund = models.OneToOneField(
        Refund,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="receipt",
        verbose_name=_("refund"),
    )
    dispute = models.OneToOneField(
        Dispute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="receipt",
        verbose_name=_("dispute"),
    )
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)

    class Meta:
        ordering = ["-year", "-number"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="receipt_number_once"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(kind="receipt"),
                name="receipt_once_an_order",
            ),
            models.CheckConstraint(
                condition=Q(kind="receipt", refund=None, dispute=None)
                | Q(kind="credit_note", refund__isnull=False, dispute=None)
                | Q(kind="credit_note", refund=None, dispute__isnull=False),
                name="receipt_is_about_one_thing",
            ),
        ]

    def __str__(self):
        return f"{self.year}-{self.number:06}"

    def get_absolute_url(self):
        return reverse("accounts:receipt", args=[str(self)])
