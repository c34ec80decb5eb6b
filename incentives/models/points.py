import datetime as dt
import uuid

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Space, Verb
from community.lib.languages import in_language
from incentives.models.budgets import Budget

LONGEST_STREAK = 60


def verb_choices():
    """By name, so that a new verb needs no migration here."""
    return Verb.choices


class PointRuleQuerySet(models.QuerySet["PointRule"]):
    def in_force(self, at: dt.datetime) -> "PointRuleQuerySet":
        return self.filter(Q(until=None) | Q(until__gt=at), since__lte=at)

    def drafts(self) -> "PointRuleQuerySet":
        return self.filter(since=None)


class PointRule(models.Model):
    """One version of what a deed is worth, from when to when.

    Without `since` it is a draft that pays nothing. Once it pays it is not rewritten:
    a new version of the same `family` ends it, so that a replay pays every deed by
    the rule in force at the time of the deed.
    """

    class Turn(models.TextChoices):
        EVERY = "every", _("Every time")
        NTH = "nth", _("Only the nth time")
        EACH_NTH = "each_nth", _("Each nth time")
        STREAK = "streak", _("After n days in a row")

    class Window(models.TextChoices):
        DAY = "day", _("on the same day")
        WEEK = "week", _("in the same week")

    family = models.UUIDField(_("rule"), default=uuid.uuid4, editable=False)
    version = models.PositiveSmallIntegerField(
        _("version"), default=1, db_default=1, editable=False
    )
    verb = models.CharField(_("for"), max_length=30, choices=verb_choices)
    # Taken back when this happens to the same thing.
    undone_by = models.CharField(
        _("taken back by"), max_length=30, choices=verb_choices, blank=True
    )
    title = models.CharField(
        _("title"),
        max_length=80,
        help_text=_("The reason as the member reads it."),
    )
    title_zh = models.CharField(_("title in Chinese"), max_length=80, blank=True)

    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only in this space"),
    )
    kind = models.CharField(
        _("only for things of this kind"), max_length=20, blank=True
    )
    role = models.CharField(
        _("only for members with this role"), max_length=12, choices=Role, blank=True
    )
    detail = models.CharField(
        _("only by this detail of the deed"),
        max_length=30,
        blank=True,
        help_text=_("Its name in the log, such as “item” or “stars”."),
    )
    detail_from = models.IntegerField(_("from"), null=True, blank=True)
    detail_to = models.IntegerField(_("to"), null=True, blank=True)
    turn = models.CharField(
        _("how often"),
        max_length=8,
        choices=Turn,
        default=Turn.EVERY,
        db_default=Turn.EVERY,
    )
    turn_number = models.PositiveSmallIntegerField(
        _("n"),
        default=1,
        db_default=1,
        validators=[MinValueValidator(1)],
    )
    once_a_thing = models.BooleanField(
        _("once for the same thing"),
        default=True,
        db_default=True,
        help_text=_("Doing it again to the same thing counts for nothing."),
    )

    points = models.PositiveIntegerField(_("points"))
    per = models.CharField(
        _("times"),
        max_length=30,
        blank=True,
        help_text=_(
            "Empty: as they stand. “count”: for each time the deed counts; else the "
            "name of a detail of the deed."
        ),
    )
    most = models.PositiveIntegerField(
        _("at most points for one deed"), null=True, blank=True
    )
    further_percent = models.PositiveSmallIntegerField(
        _("each further one pays, in percent of the one before"),
        default=100,
        db_default=100,
        validators=[MaxValueValidator(100)],
    )
    further_in = models.CharField(
        _("further one"),
        max_length=4,
        choices=Window,
        default=Window.DAY,
        db_default=Window.DAY,
    )

    cap_day = models.PositiveIntegerField(
        _("at most points a day"), null=True, blank=True
    )
    cap_week = models.PositiveIntegerField(
        _("at most points a week"), null=True, blank=True
    )
    cap_all = models.PositiveIntegerField(
        _("at most points in all"), null=True, blank=True
    )
    rest_minutes = models.PositiveIntegerField(
        _("pause after a payment, in minutes"), default=0, db_default=0
    )
    wait_days = models.PositiveSmallIntegerField(
        _("days until they can be spent"), default=0, db_default=0
    )
    budget = models.ForeignKey(
        Budget,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("paid from this budget"),
        help_text=_("Without one, what the rule gives has no end."),
    )
    valid_months = models.PositiveSmallIntegerField(
        _("months that they are valid"), null=True, blank=True
    )

    since = models.DateTimeField(_("since"), default=timezone.now, null=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = PointRuleQuerySet.as_manager()

    class Meta:
        ordering = ["verb", "-since"]
        verbose_name = _("point rule")
        verbose_name_plural = _("point rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0),
                name="rule_pays",
                violation_error_message=_("A rule gives at least one point."),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="rule_ends_after_it_begins",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(since__isnull=False),
                name="rule_draft_has_no_end",
            ),
            models.UniqueConstraint(
                fields=["family", "version"], name="rule_version_once"
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(until=None, since__isnull=False),
                name="rule_without_end_once_a_family",
                violation_error_message=_("End the rule that pays for it now first."),
            ),
            models.UniqueConstraint(
                fields=["family"],
                condition=Q(since=None),
                name="rule_draft_once_a_family",
                violation_error_message=_("There is a draft of it already."),
            ),
            models.CheckConstraint(
                condition=Q(further_percent__lte=100),
                name="rule_further_pays_no_more",
            ),
            models.CheckConstraint(
                condition=Q(turn_number__gte=1)
                & (~Q(turn="streak") | Q(turn_number__lte=LONGEST_STREAK)),
                name="rule_turn_can_come",
                violation_error_message=_("A streak has at most 60 days."),
            ),
            models.CheckConstraint(
                condition=~Q(detail="", detail_from__isnull=False)
                & ~Q(detail="", detail_to__isnull=False),
                name="rule_bounds_of_a_detail",
                violation_error_message=_("Name the detail that is bounded."),
            ),
        ]

    def __str__(self):
        return f"{self.title} (+{self.points})"

    @property
    def is_draft(self) -> bool:
        return self.since is None

    def title_in(self, language: str) -> str:
        return in_language(language, self.title, self.title_zh)


class Award(models.Model):
    """What a deed came to by a rule; the ledger holds the points themselves.

    Also a deed that is only counted (for the third time, for a streak), and one that
    a cap or a pause left without points: it says why nothing came of it.
    """

    activity_kind = "award"

    class Outcome(models.TextChoices):
        PAID = "paid", _("Paid")
        NOT_YET = "not_yet", _("Counted, paid later")
        CAPPED = "capped", _("Over the limit")
        RESTING = "resting", _("In the pause after a payment")
        NO_BUDGET = "no_budget", _("No budget left")
        HELD_OUT = "held_out", _("Not paid: held out, or not of the campaign")

    # Taken back because a replay found another result, which stands beside it.
    CORRECTED = "corrected"
    # Taken back because somebody found that it was made and not earned.
    GAMED = "gaming"

    rule = models.ForeignKey(
        PointRule,
        on_delete=models.PROTECT,
        related_name="awards",
        verbose_name=_("rule"),
    )
    family = models.UUIDField(_("rule, all versions"))
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="awards",
        verbose_name=_("member"),
    )
    activity_id = models.BigIntegerField(_("number of the deed"))
    object_kind = models.CharField(_("kind of thing"), max_length=20)
    object_id = models.BigIntegerField(_("its number"))
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("space"),
    )
    # The deed, where the same thing may be paid again; else 0.
    occasion = models.BigIntegerField(_("occasion"), default=0, db_default=0)
    points = models.PositiveIntegerField(_("points"))
    outcome = models.CharField(
        _("outcome"),
        max_length=9,
        choices=Outcome,
        default=Outcome.PAID,
        db_default=Outcome.PAID,
    )
    awarded_at = models.DateTimeField(_("awarded at"))
    # When the waiting time began: with the deed, or with the first of a returned one.
    counts_from = models.DateTimeField(_("counts from"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    fell_by = models.CharField(
        _("taken back by"), max_length=30, blank=True, default="", db_default=""
    )

    class Meta:
        ordering = ["-awarded_at"]
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            # However often the sweep replays it, a deed is paid once.
            models.UniqueConstraint(
                fields=["activity_id", "family"],
                condition=~Q(fell_by="corrected"),
                name="award_once_a_deed",
            ),
            # Doing it again to the same thing pays nothing more.
            models.UniqueConstraint(
                fields=["member", "family", "object_kind", "object_id", "occasion"],
                condition=Q(undone_at=None, outcome__in=["paid", "not_yet"]),
                name="award_stands_once_a_thing",
            ),
            models.CheckConstraint(
                condition=Q(outcome="paid", points__gt=0)
                | ~Q(outcome="paid") & Q(points=0),
                name="award_pays_what_it_says",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "awarded_at"], name="award_of_member"),
            # In the order of the log, for a window of days.
            BrinIndex(fields=["awarded_at"], name="award_by_day"),
        ]

    def __str__(self):
        return (
            f"{self.points} to {self.member_id} for {self.object_kind}:{self.object_id}"
        )
