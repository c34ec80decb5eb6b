from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.offers import Offer


class Subscription(models.Model):
    """That a plan goes on from period to period until the member says no more.

    Says when the period at hand ends and what happens then; whether anything is open
    is said by entitlements alone.
    """

    activity_kind = "subscription"

    class State(models.TextChoices):
        TRIAL = "trial", _("Trial")
        PAYING = "paying", _("Paid")
        GRACE = "grace", _("Waiting for a late payment")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Reason(models.TextChoices):
        PRICE = "price", _("It costs too much")
        TIME = "time", _("I have no time for it")
        CONTENT = "content", _("I did not find what I need")
        QUALITY = "quality", _("It is not as good as I hoped")
        DONE = "done", _("I learned what I came for")
        OTHER = "other", _("Something else")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="subscriptions",
        verbose_name=_("member"),
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="+", verbose_name=_("offer")
    )
    # Takes the place of `offer` when the period ends.
    next_offer = models.ForeignKey(
        Offer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("next offer"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State)
    renews = models.BooleanField(_("renews"), default=True)
    started_at = models.DateTimeField(_("began"), default=timezone.now)
    # Periods are counted from here.
    anchor_at = models.DateTimeField(_("periods counted from"))
    period_ends_at = models.DateTimeField(_("period ends"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # Who can charge the next period, and what to charge; empty: the member is asked.
    gateway = models.CharField(_("payment service"), max_length=20, blank=True)
    method = models.BinaryField(_("saved way to pay"), null=True)  # sealed
    failed_charges = models.PositiveSmallIntegerField(_("failed charges"), default=0)
    next_charge_at = models.DateTimeField(_("next charge at"), null=True, blank=True)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancel_reason = models.CharField(
        _("why it was cancelled"), max_length=10, choices=Reason, blank=True
    )
    cancel_words = models.CharField(_("why, in words"), max_length=500, blank=True)
    saved_at = models.DateTimeField(
        _("took days for staying at"), null=True, blank=True
    )  # took days for staying

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(ended_at=None),
                name="subscription_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | (~Q(state="ended") & Q(ended_at=None)),
                name="subscription_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="paused", paused_until__isnull=False)
                | (~Q(state="paused") & Q(paused_until=None)),
                name="subscription_paused_until_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["period_ends_at"],
                condition=Q(ended_at=None),
                name="subscription_running",
            ),
        ]

    def __str__(self):
        return f"{self.offer} of {self.member_id}"


class SubscriptionPhase(models.Model):
    """What a subscription was worth a month, from when to when: the base of MRR."""

    subscription = models.ForeignKey(
        Subscription,
        on_delete=models.PROTECT,
        related_name="phases",
        verbose_name=_("subscription"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("member"),
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="+", verbose_name=_("offer")
    )
    state = models.CharField(_("state"), max_length=8, choices=Subscription.State)
    # Minor units a month of 365.25 / 12 days; 0 while tried or paused.
    monthly = models.PositiveIntegerField(_("worth a month"))
    currency = models.CharField(_("currency"), max_length=3)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        verbose_name = _("phase of a subscription")
        verbose_name_plural = _("phases of subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(ends_at=None),
                name="phase_open_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")),
                name="phase_ends_after_it_starts",
            ),
        ]

    def __str__(self):
        return f"{self.subscription_id} {self.state}"
