"""The double-entry ledger that money and points share.

Amounts are whole minor units of one `unit`: "points", or a currency ("CNY": fen).
Rows are written only by the Postgres function `accounts_ledger_post`, which
`accounts.services.ledger.post` calls, and are never changed afterwards.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q


class LedgerAccount(models.Model):
    """Where value rests: a member's account of a kind, or a shard of the house's.

    House accounts ("issued", "revenue", a gateway) take part in nearly every
    transfer, so each is kept in shards that do not wait for one another; its
    balance is the sum of them. Members' accounts never fall below `floor`.
    """

    kind = models.CharField(max_length=30)
    unit = models.CharField(max_length=10)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="ledger_accounts",
    )
    shard = models.PositiveSmallIntegerField(default=0)
    balance = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(null=True)

    class Meta:
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

    key = models.CharField(max_length=120, unique=True)
    unit = models.CharField(max_length=10)
    cause = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=20, blank=True)
    object_id = models.BigIntegerField(null=True)
    # What the lines were, so that the same key with other lines is noticed.
    fingerprint = models.CharField(max_length=32)
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.cause} ({self.key})"


class Entry(models.Model):
    """One line of a transfer; `balance_after` makes a statement one plain query."""

    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, related_name="entries"
    )
    account = models.ForeignKey(
        LedgerAccount,
        on_delete=models.PROTECT,
        related_name="entries",
        db_index=False,
    )
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["account", "id"], name="entry_of_account")]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves"),
        ]

    def __str__(self):
        return f"{self.amount:+d} on account {self.account_id}"
