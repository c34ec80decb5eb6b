"""Offer → order → payment → entitlement: the words for anything that is sold.

Nothing here knows what a course or a plan is. A seller makes an offer of a key
("membership", "item:12"), and asks later who is entitled to that key.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MEMBERSHIP = "membership"


class OfferQuerySet(models.QuerySet["Offer"]):
    def on_sale(self) -> "OfferQuerySet":
        return self.filter(is_active=True)

    def plans(self) -> "OfferQuerySet":
        return self.filter(what=MEMBERSHIP)


class Offer(models.Model):
    """What may be bought at what price; a plan is an offer of the membership."""

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    what = models.CharField(
        _("what it opens"),
        max_length=60,
        help_text=_("“membership”, or “item:” and the number of a course."),
        db_index=True,
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(
        _("description"), blank=True, help_text=_("One benefit a line.")
    )
    price = models.PositiveIntegerField(
        _("price"), help_text=_("In the smallest unit of the currency: 9900 is 99.00.")
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    days = models.PositiveIntegerField(
        _("days"),
        null=True,
        blank=True,
        help_text=_("How long it lasts; empty: for ever."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("on sale"), default=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["position", "price", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(days=0), name="offer_lasts"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("accounts:checkout", args=[self.slug])

    @property
    def benefits(self) -> list[str]:
        return [line for line in self.description.splitlines() if line.strip()]


class Order(models.Model):
    """One member's wish to buy one offer, at the price it had then."""

    activity_kind = "order"

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for payment")
        PAID = "paid", _("Paid")
        EXPIRED = "expired", _("Not paid in time")
        REFUNDED = "refunded", _("Refunded")

    number = models.CharField(max_length=20, unique=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="orders")
    title = models.CharField(max_length=120)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    # The page the buyer came from, and wants to go on with.
    return_to = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            # A second tab finds the first one's order instead of making another.
            models.UniqueConstraint(
                fields=["member", "offer"],
                condition=Q(state="open"),
                name="order_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_at__isnull=False),
                name="order_paid_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(state="open"), name="order_open"
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("accounts:order", args=[self.number])


class Payment(models.Model):
    """One try to pay an order through one gateway."""

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        SUCCEEDED = "succeeded", _("Succeeded")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Ran out of time")
        # Money that came for an order that was paid already goes back.
        RETURNED = "returned", _("Returned")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=20)
    reference = models.CharField(max_length=80)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.STARTED)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "reference"], name="payment_reference_once"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state="succeeded"),
                name="payment_succeeds_once_an_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state="started"),
                name="payment_started",
            ),
        ]

    def __str__(self):
        return f"{self.gateway} {self.reference}"


class Notice(models.Model):
    """A gateway's signed message as it came, kept word for word; each counts once."""

    gateway = models.CharField(max_length=20)
    notice_id = models.CharField(max_length=80)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="notices"
    )
    body = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "notice_id"], name="notice_counts_once"
            ),
        ]

    def __str__(self):
        return f"{self.gateway} {self.notice_id}"


class TestCharge(models.Model):
    """What the test gateway, standing in for the world outside, knows of a charge."""

    __test__ = False  # not a test case, whatever pytest thinks

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        REFUNDED = "refunded"

    reference = models.CharField(max_length=80, unique=True)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    return_path = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    def __str__(self):
        return self.reference


class EntitlementQuerySet(models.QuerySet["Entitlement"]):
    def in_force(self, at=None) -> "EntitlementQuerySet":
        at = at or timezone.now()
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at, revoked_at=None
        )


class Entitlement(models.Model):
    """That a member may use what `what` names, from when to when, and why."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entitlements"
    )
    what = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Null: given by hand. One an order, so a repeat of its payment gives nothing.
    order = models.OneToOneField(
        Order,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlement",
    )
    reason = models.CharField(max_length=120, blank=True)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                name="entitlement_ends_after_it_starts",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "what"], name="entitlement_of_member"),
        ]

    def __str__(self):
        return f"{self.what} for {self.member_id}"
