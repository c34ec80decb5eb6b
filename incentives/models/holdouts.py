import datetime as dt
import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incentives.models.campaigns import Campaign
from incentives.models.points import PointRule

# Days over which the outcome of each member is counted.
WINDOW = dt.timedelta(days=28)


def new_salt() -> str:
    return secrets.token_hex(32)


class HoldOut(models.Model):
    """That chance keeps some members out of a rule or a campaign, to learn its effect.

    What is measured and when it is decided are named before; from the start on the
    database keeps them as they are. Held out is a deed done from the start to the end,
    also when it is looked at later.
    """

    class Outcome(models.TextChoices):
        ACTIVE_DAYS = "active_days", _("Active days in the next 28 days")
        DAYS_TAKING_PART = "days_taking_part", _("Days taking part in the next 28 days")
        PAID = "paid", _("Share of those who pay something in the next 28 days")

    rule = models.ForeignKey(
        PointRule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hold_outs",
        verbose_name=_("point rule"),
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hold_outs",
        verbose_name=_("campaign"),
    )
    percent = models.PositiveSmallIntegerField(
        _("per cent held out"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text=_("Of the eligible members, by chance."),
    )
    outcome = models.CharField(
        _("what is measured"),
        max_length=20,
        choices=Outcome,
        default=Outcome.ACTIVE_DAYS,
    )
    smallest_effect = models.FloatField(
        _("smallest effect that matters"),
        default=1.0,
        validators=[MinValueValidator(0.001)],
        help_text=_("In days, or for who pays as a share: 0.02 is two in a hundred."),
    )
    until = models.DateField(
        _("members are counted in until"),
        help_text=_("It is decided 28 days after this day, and not before."),
    )
    # Who knows it could tell who will be held out.
    salt = models.CharField(
        _("secret"), max_length=64, default=new_salt, editable=False
    )
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("trial with a group held out")
        verbose_name_plural = _("trials with a group held out")
        constraints = [
            models.CheckConstraint(
                condition=Q(rule=None, campaign__isnull=False)
                | Q(rule__isnull=False, campaign=None),
                name="hold_out_of_one_thing",
                violation_error_message=_("Choose a rule or a campaign, one of them."),
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=50),
                name="hold_out_at_most_half",
                violation_error_message=_("Between one and fifty per cent."),
            ),
            models.CheckConstraint(
                condition=Q(smallest_effect__gt=0),
                name="hold_out_looks_for_something",
                violation_error_message=_("Name an effect above zero."),
            ),
            models.UniqueConstraint(
                fields=["rule"],
                condition=Q(ended_at=None),
                name="hold_out_once_a_rule",
                violation_error_message=_("There is one that has not ended."),
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                name="hold_out_once_a_campaign",
                violation_error_message=_("There is one already."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(started_at__isnull=False, ended_at__gte=F("started_at")),
                name="hold_out_ends_after_it_starts",
            ),
        ]

    def __str__(self):
        return f"{self.percent} % · {self.subject}"

    @property
    def subject(self) -> PointRule | Campaign:
        subject = self.rule or self.campaign
        assert subject is not None  # noqa: S101 - a constraint says so
        return subject

    @property
    def decided_on(self) -> dt.date:
        """The first day on which all that happened in every window is known."""
        return self.until + WINDOW + dt.timedelta(days=1)


class Exposure(models.Model):
    """In which group chance has put a member, written once, when they were eligible."""

    class Arm(models.TextChoices):
        TREATED = "treated", _("receives it")
        HELD_OUT = "held_out", _("held out")

    hold_out = models.ForeignKey(
        HoldOut,
        on_delete=models.PROTECT,
        related_name="exposures",
        verbose_name=_("trial with a group held out"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="exposures",
        verbose_name=_("member"),
    )
    arm = models.CharField(_("group"), max_length=8, choices=Arm)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("group of a member")
        verbose_name_plural = _("groups of members")
        constraints = [
            models.UniqueConstraint(
                fields=["hold_out", "member"], name="exposure_once_a_member"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.arm} in {self.hold_out_id}"
