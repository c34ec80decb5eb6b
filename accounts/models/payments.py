"""Money on its way: tries to pay, what gateways said of them, money given back."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.orders import Order


class Payment(models.Model):
    """One try to pay an order through one gateway."""

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        SUCCEEDED = "succeeded", _("Succeeded")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Ran out of time")
        # Money that came for an order that was paid already goes back.
        RETURNED = "returned", _("Returned")

    class Way(models.TextChoices):
        PAGE = "page", _("By hand")
        PHONE = "phone", _("By hand on a phone")
        SAVED = "saved", _("From the saved method")

    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        related_name="payments",
        verbose_name=_("order"),
    )
    gateway = models.CharField(_("payment service"), max_length=20)
    way = models.CharField(_("way to pay"), max_length=5, choices=Way, default=Way.PAGE)
    reference = models.CharField(_("reference"), max_length=80)
    # The gateway's own name for it, for asking and for its statements.
    gateway_reference = models.CharField(
        _("reference of the payment service"), max_length=120, blank=True, db_index=True
    )
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.STARTED
    )
    fee = models.PositiveIntegerField(_("fee"), default=0)
    refunded = models.PositiveIntegerField(_("given back"), default=0)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "reference"], name="payment_reference_once"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state="succeeded"),
                name="payment_succeeds_once_an_order",
            ),
            models.CheckConstraint(
                condition=Q(refunded__lte=F("amount")),
                name="payment_refunded_at_most_whole",
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

    @property
    def is_ours(self) -> bool:
        """The money is here, or was."""
        return self.state in {self.State.SUCCEEDED, self.State.RETURNED}


class Notice(models.Model):
    """A gateway's signed message as it came; each counts once.

    Word for word for some weeks (see `RetentionRule`): it names the buyer.
    """

    gateway = models.CharField(_("payment service"), max_length=20)
    notice_id = models.CharField(_("number of the message"), max_length=120)
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        null=True,
        related_name="notices",
        verbose_name=_("payment"),
    )
    body = models.TextField(_("message"))
    # What was read from it once its signature was good: a kept notice is handled
    # again from this, as a signature is only good for minutes.
    said = models.JSONField(_("what it says"), null=True)
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)

    class Meta:
        ordering = ["-received_at"]
        verbose_name = _("message of a payment service")
        verbose_name_plural = _("messages of payment services")
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "notice_id"], name="notice_counts_once"
            ),
        ]

    def __str__(self):
        return f"{self.gateway} {self.notice_id}"


class Refund(models.Model):
    """Money that goes back to the buyer: booked when asked for, then sent."""

    activity_kind = "refund"

    class State(models.TextChoices):
        ASKED = "asked", _("On its way")
        DONE = "done", _("Done")

    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        related_name="refunds",
        verbose_name=_("payment"),
    )
    reference = models.CharField(_("reference"), max_length=80, unique=True)
    amount = models.PositiveIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Null: the gateway told us, or money that came twice went back by itself.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    state = models.CharField(
        _("state"), max_length=5, choices=State, default=State.ASKED
    )
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="refund_moves"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(state="asked"), name="refund_asked"
            ),
        ]

    def __str__(self):
        return self.reference


class Dispute(models.Model):
    """The buyer's bank takes the money back, for now or for good."""

    activity_kind = "dispute"

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    payment = models.OneToOneField(
        Payment,
        on_delete=models.PROTECT,
        related_name="dispute",
        verbose_name=_("payment"),
    )
    amount = models.PositiveIntegerField(_("amount"))
    state = models.CharField(
        _("state"), max_length=4, choices=State, default=State.OPEN
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")

    def __str__(self):
        return f"{self.payment_id} {self.state}"


class Difference(models.Model):
    """Where a gateway's books and ours disagree: for a person to look at."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("Paid with another amount")
        UNKNOWN = "unknown", _("A notice about a payment we do not know")
        STATE = "state", _("Paid here, not at the gateway")
        REFUND = "refund", _("Given back here, not at the gateway")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    gateway = models.CharField(_("payment service"), max_length=20)
    reference = models.CharField(_("reference"), max_length=120)
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        null=True,
        related_name="differences",
        verbose_name=_("payment"),
    )
    ours = models.CharField(_("our books"), max_length=120)
    theirs = models.CharField(_("the gateway's"), max_length=120)
    # Of another amount than was asked for: how much it was.
    came = models.PositiveBigIntegerField(_("amount that came"), null=True, blank=True)
    found_at = models.DateTimeField(_("found at"), default=timezone.now)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )
    note = models.CharField(_("what was done"), max_length=300, blank=True)

    class Meta:
        ordering = ["-found_at"]
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "gateway", "reference"],
                condition=Q(resolved_at=None),
                name="difference_listed_once",
            ),
        ]

    def __str__(self):
        return f"{self.gateway} {self.reference}"


class TestCharge(models.Model):
    """What the test gateway, standing in for the world outside, knows of a charge."""

    __test__ = False  # not a test case, whatever pytest thinks

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"

    reference = models.CharField(max_length=80, unique=True)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    return_path = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    refunds = models.JSONField(default=dict)  # {reference: amount}
    # What later charges may use: "good", or "bad" for one that will be declined.
    method = models.CharField(max_length=10, blank=True)

    def __str__(self):
        return self.reference


class RefundRequest(models.Model):
    """A buyer asks for the money back; an operator decides."""

    activity_kind = "refund_request"

    order = models.OneToOneField(
        Order,
        on_delete=models.PROTECT,
        related_name="refund_request",
        verbose_name=_("order"),
    )
    words = models.CharField(_("why"), max_length=500)
    created_at = models.DateTimeField(_("asked at"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("request for a refund")
        verbose_name_plural = _("requests for refunds")

    def __str__(self):
        return str(self.order)
