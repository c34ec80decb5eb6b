"""The double-entry ledger that money and points share.

Amounts are whole minor units of one `unit`: "points", or a currency ("CNY": fen).
Rows are written only by the Postgres function `accounts_ledger_post`, which
`accounts.services.ledger.post` calls, and are never changed afterwards.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LedgerAccount(models.Model):
    """Where value rests: a member's account of a kind, or a shard of the house's.

    House accounts ("issued", "revenue", a gateway) take part in nearly every
    transfer, so each is kept in shards that do not wait for one another; its
    balance is the sum of them. Members' accounts never fall below `floor`.
    """

    kind = models.CharField(_("account"), max_length=30)
    unit = models.CharField(_("unit"), max_length=10)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="ledger_accounts",
        verbose_name=_("member"),
    )
    shard = models.PositiveSmallIntegerField(_("shard"), default=0)
    balance = models.BigIntegerField(_("balance"), default=0)
    floor = models.BigIntegerField(_("lowest balance"), null=True)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "unit"],
                condition=Q(member__isnull=False),
                name="ledger_account_of_member_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "unit", "shard"],
                condition=Q(member=None),
                name="ledger_account_of_house_once",
            ),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(balance__gte=models.F("floor")),
                name="ledger_balance_above_floor",
            ),
        ]

    def __str__(self):
        whose = f"member {self.member_id}" if self.member_id else "house"
        return f"{self.kind} in {self.unit} ({whose})"


class Transfer(models.Model):
    """One movement between accounts, with its cause. Its entries sum to zero."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    unit = models.CharField(_("unit"), max_length=10)
    cause = models.CharField(_("cause"), max_length=60)
    object_kind = models.CharField(_("kind of thing"), max_length=20, blank=True)
    object_id = models.BigIntegerField(_("its number"), null=True)
    # What the lines were, so that the same key with other lines is noticed.
    fingerprint = models.CharField(_("fingerprint"), max_length=32)
    at = models.DateTimeField(_("at"), db_index=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")

    def __str__(self):
        return f"{self.cause} ({self.key})"


class Entry(models.Model):
    """One line of a transfer; `balance_after` makes a statement one plain query."""

    transfer = models.ForeignKey(
        Transfer,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("transfer"),
    )
    account = models.ForeignKey(
        LedgerAccount,
        on_delete=models.PROTECT,
        related_name="entries",
        db_index=False,
        verbose_name=_("account"),
    )
    amount = models.BigIntegerField(_("amount"))
    balance_after = models.BigIntegerField(_("balance after it"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [models.Index(fields=["account", "id"], name="entry_of_account")]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves"),
        ]

    def __str__(self):
        return f"{self.amount:+d} on account {self.account_id}"
