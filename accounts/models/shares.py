import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.ledger import LedgerAccount
from accounts.models.offers import Offer

WHOLE = 1000  # ‰
MORE_THAN_ALL = _("Together with the other shares that is more than 1000 ‰.")


class ShareAgreement(models.Model):
    """What part of what is paid for their work a creator gets, from when to when."""

    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="share_agreements",
        verbose_name=_("creator"),
    )
    offer = models.ForeignKey(
        Offer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="share_agreements",
        verbose_name=_("offer"),
        help_text=_("Empty: everything whose creator they are."),
    )
    per_mille = models.PositiveSmallIntegerField(
        _("share in ‰"),
        validators=[MaxValueValidator(1000)],
        help_text=_("700 is 70 % of what was paid, before the gateway's fee."),
    )
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["-starts_on"]
        verbose_name = _("share agreement")
        verbose_name_plural = _("share agreements")
        constraints = [
            models.CheckConstraint(
                condition=Q(per_mille__gt=0, per_mille__lte=1000),
                name="share_is_a_part",
                violation_error_message=_("More than 0 and at most 1000 ‰."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="share_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self):
        return f"{self.creator} {self.per_mille} ‰"

    def clean(self):
        """With the others on the offer it may not come to more than all of it."""
        if not (self.offer_id and self.creator_id and self.per_mille):
            return
        others = ShareAgreement.objects.filter(offer=self.offer_id).exclude(pk=self.pk)
        if most_shared([*others, self]) > WHOLE:
            raise ValidationError({"per_mille": MORE_THAN_ALL})


def most_shared(agreements: Iterable[ShareAgreement]) -> int:
    """The most ‰ that agreements on one offer come to on a day; of those with the same
    creator the later one counts."""
    in_order = sorted(agreements, key=lambda each: each.starts_on)
    return max((_shared_on(it.starts_on, in_order) for it in in_order), default=0)


def _shared_on(day: dt.date, in_order: list[ShareAgreement]) -> int:
    in_force = {
        each.creator_id: each.per_mille
        for each in in_order
        if each.starts_on <= day and (each.ends_on is None or each.ends_on >= day)
    }
    return sum(in_force.values())


class Payout(models.Model):
    """That a creator was paid what they had earned, outside of this software."""

    activity_kind = "payout"

    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="payouts",
        verbose_name=_("creator"),
    )
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    paid_at = models.DateTimeField(_("paid at"), default=timezone.now)
    note = models.CharField(
        _("note"), max_length=200, blank=True, help_text=_("The transfer's number.")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    # It was noted by mistake: the ledger has an opposite line since then.
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        ordering = ["-paid_at"]
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="payout_moves"),
        ]

    def __str__(self):
        return f"{self.creator_id} {self.amount} {self.currency}"


class CreatorAccount(LedgerAccount):
    """What the community owes its creators, one line each."""

    class Meta:
        proxy = True
        verbose_name = _("creator's account")
        verbose_name_plural = _("creators' accounts")

    def __str__(self):
        return str(self.member)
