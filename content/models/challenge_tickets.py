"""What is paid for taking part in a challenge."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.challenges import Challenge
from content.models.paying import PaidFor


class ChallengeTicket(PaidFor):
    """What one member pays for one challenge, in money or in points.

    As long as it is paid and not settled it keeps a place, whether they take part at
    the moment or not. Once settled, what was paid is earned or has gone back.
    """

    activity_kind = "challenge_ticket"

    challenge = models.ForeignKey(
        Challenge,
        on_delete=models.PROTECT,
        related_name="tickets",
        verbose_name=_("challenge"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="challenge_tickets",
        verbose_name=_("member"),
    )
    # How often points went up for it: each time has a key of its own in the ledger.
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    # They went before it began: all of it is to go back.
    given_up_at = models.DateTimeField(_("given up at"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("ticket of a challenge")
        verbose_name_plural = _("tickets of challenges")
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "member"], name="challenge_ticket_once"
            ),
            models.CheckConstraint(
                condition=Q(paid_at=None, order=None, paid_points=None)
                | Q(paid_at__isnull=False, order__isnull=False, paid_points=None)
                | Q(paid_at__isnull=False, order=None, paid_points__gt=0),
                name="challenge_ticket_paid_in_one_way",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} for {self.challenge_id}"

    @property
    def is_good(self) -> bool:
        """Whether who has it may take part."""
        has_ended = self.challenge.is_cancelled or self.given_up_at
        return self.paid_at is not None and not has_ended
