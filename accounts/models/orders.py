from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.offers import Offer
from accounts.models.subscriptions import Subscription


class Order(models.Model):
    """One member's wish to buy one offer, at the price it had then.

    A trigger lets the state move only from open to paid or expired, from expired
    (money that comes late still counts) to paid, and from paid to given back.
    """

    activity_kind = "order"

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for payment")
        PAID = "paid", _("Paid")
        EXPIRED = "expired", _("Not paid in time")
        REFUNDED = "refunded", _("Refunded")
        CHARGED_BACK = "charged_back", _("Charged back")

    class Kind(models.TextChoices):
        PURCHASE = "purchase", _("Purchase")
        RENEWAL = "renewal", _("Renewal")
        CHANGE = "change", _("Change of plan")
        GIFT = "gift", _("Gift")

    number = models.CharField(_("number"), max_length=20, unique=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="orders",
        verbose_name=_("member"),
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="orders", verbose_name=_("offer")
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.PURCHASE
    )
    title = models.CharField(_("title"), max_length=120)
    price = models.PositiveIntegerField(_("price"), default=0)
    # What is left of a plan that this order replaces.
    credit = models.PositiveIntegerField(_("credit"), default=0)
    # What coupons and points take off, see `reductions`.
    reduced = models.PositiveIntegerField(_("reduced by"), default=0, db_default=0)
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=12, choices=State, default=State.OPEN
    )
    subscription = models.ForeignKey(
        Subscription,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("subscription"),
    )
    # Of a renewal: the period it pays for begins then.
    period_starts_at = models.DateTimeField(_("period begins"), null=True, blank=True)
    # It holds one of those that are left to sell.
    is_reserved = models.BooleanField(_("reserved"), default=False)
    # The page the buyer came from, and wants to go on with.
    return_to = models.CharField(_("back to the page"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("open until"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            # A second tab finds the first one's order instead of making another.
            models.UniqueConstraint(
                fields=["member", "offer", "kind"],
                condition=Q(state="open"),
                name="order_open_once",
            ),
            models.UniqueConstraint(
                fields=["subscription", "period_starts_at"],
                condition=Q(state__in=["open", "paid"]),
                name="order_renews_a_period_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_at__isnull=False),
                name="order_paid_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(amount=F("price") - F("credit") - F("reduced")),
                name="order_amount_is_price_less_what_is_off",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state="open"), name="order_open"
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("accounts:order", args=[self.number])
