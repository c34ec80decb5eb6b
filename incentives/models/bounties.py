import datetime as dt

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FEWEST = 5
OPEN_FOR = dt.timedelta(days=30)


def end_of_bounty() -> dt.datetime:
    return timezone.now() + OPEN_FOR


class Bounty(models.Model):
    """Points that a member put up for the answer to a question.

    The ledger holds them from the beginning. They are won when the asker accepts an
    answer, and paid after some days in which the asker may think again.
    """

    activity_kind = "bounty"

    class State(models.TextChoices):
        HELD = "held", _("Waiting for an answer")
        WON = "won", _("Won, and paid soon")
        PAID = "paid", _("Paid out")
        RETURNED = "returned", _("Given back")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="bounties",
        verbose_name=_("member"),
    )
    topic = models.BigIntegerField(_("number of the question"), db_index=True)
    points = models.PositiveIntegerField(
        _("points"), validators=[MinValueValidator(FEWEST)]
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.HELD
    )
    created_at = models.DateTimeField(_("put up at"), default=timezone.now)
    until = models.DateTimeField(_("until"), default=end_of_bounty)
    # The last deed of the log that counted for it: an older one, replayed, changes
    # nothing.
    as_of = models.DateTimeField(_("as of"), default=timezone.now)
    winner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="bounties_won",
        verbose_name=_("winner"),
    )
    answer = models.BigIntegerField(_("number of the answer"), null=True)
    pays_at = models.DateTimeField(_("paid from"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    form_key = models.UUIDField(_("form"), null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("bounty")
        verbose_name_plural = _("bounties")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "form_key"], name="bounty_once_a_form"
            ),
            models.CheckConstraint(
                condition=Q(points__gte=FEWEST), name="bounty_is_worth_it"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["held", "returned"],
                    winner=None,
                    answer=None,
                    pays_at=None,
                )
                | Q(
                    state__in=["won", "paid"],
                    winner__isnull=False,
                    answer__isnull=False,
                    pays_at__isnull=False,
                ),
                name="bounty_won_by_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(winner=None) | ~Q(winner=F("member")),
                name="bounty_won_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "won"], settled_at=None)
                | Q(state__in=["paid", "returned"], settled_at__isnull=False),
                name="bounty_settled_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"],
                condition=Q(state__in=["held", "won"]),
                name="bounty_running",
            ),
        ]

    def __str__(self):
        return f"{self.points} on topic {self.topic}"
