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
    balance is the sum of them. Members' accounts and those of budgets never fall
    below `floor`. Of a balance, `expiring` is what lies in lots with an end.
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
    expiring = models.BigIntegerField(_("of it with an end"), db_default=0)

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
            models.CheckConstraint(
                condition=Q(expiring=0)
                | Q(expiring__gt=0, expiring__lte=models.F("balance")),
                name="ledger_lots_within_balance",
            ),
            models.CheckConstraint(
                condition=~Q(kind__startswith="budget:")
                | Q(floor__isnull=False, floor=0),
                name="ledger_budget_has_a_floor",
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
    undoes = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="undone_by",
        db_index=False,
        verbose_name=_("undoes"),
    )

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes = [
            models.Index(
                fields=["undoes"],
                condition=Q(undoes__isnull=False),
                name="transfer_undone",
            )
        ]

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


class Lot(models.Model):
    """Points that came together and can be used until one date.

    Only what has an end lies in lots; the rest of a balance lasts. A member's use takes
    the lot that ends first, then the older one. The posting function keeps `remaining`.
    """

    activity_kind = "lot"

    account = models.ForeignKey(
        LedgerAccount,
        on_delete=models.PROTECT,
        related_name="lots",
        db_index=False,
        verbose_name=_("account"),
    )
    transfer = models.ForeignKey(
        Transfer,
        on_delete=models.PROTECT,
        related_name="lots",
        db_index=False,
        verbose_name=_("came by"),
    )
    remaining = models.BigIntegerField(_("remaining"))
    expires_at = models.DateTimeField(_("can be used until"))

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        indexes = [
            models.Index(
                fields=["account", "expires_at", "id"],
                condition=Q(remaining__gt=0),
                name="lot_of_account",
            ),
            models.Index(
                fields=["expires_at"], condition=Q(remaining__gt=0), name="lot_to_end"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0), name="lot_never_below_zero"
            ),
        ]

    def __str__(self):
        return f"{self.remaining} until {self.expires_at:%Y-%m-%d}"


class LotMove(models.Model):
    """How a transfer filled a lot, used it or gave back to it; never changed."""

    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, related_name="moves", verbose_name=_("lot")
    )
    transfer = models.ForeignKey(
        Transfer,
        on_delete=models.PROTECT,
        related_name="lot_moves",
        verbose_name=_("transfer"),
    )
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("movement of a lot")
        verbose_name_plural = _("movements of lots")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="lot_move_moves"),
        ]

    def __str__(self):
        return f"{self.amount:+d} in lot {self.lot_id}"
