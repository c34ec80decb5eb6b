from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Verb
from community.lib.languages import in_language

POINTS = "points"


def measure_choices():
    """By name, so that a new verb needs no migration here."""
    return [(POINTS, _("Points earned")), *Verb.choices]


class Ladder(models.Model):
    """What levels there are from a day on, and what is counted for them.

    A ladder is not rewritten once it is in force: another begins after it, so that
    every change of a level can be explained.
    """

    measure = models.CharField(
        _("what counts"), max_length=30, choices=measure_choices, default=POINTS
    )
    days = models.PositiveSmallIntegerField(
        _("of the last days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(7)],
        help_text=_("Empty: everything since a member came."),
    )
    since = models.DateTimeField(_("since"), default=timezone.now, unique=True)

    class Meta:
        ordering = ["-since"]
        verbose_name = _("ladder of levels")
        verbose_name_plural = _("ladders of levels")
        constraints = [
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__gte=7),
                name="ladder_counts_a_week",
                violation_error_message=_("At least a week."),
            ),
        ]

    def __str__(self):
        return f"{self.get_measure_display()} ({self.since:%Y-%m-%d})"

    @property
    def is_in_force(self) -> bool:
        return self.since <= timezone.now()


class Level(models.Model):
    """A rung: from how much on, what it is called, and what it brings.

    It opens spaces and library items that ask for its number. It never gives power
    over others: that is a role, and roles are given by people.
    """

    ladder = models.ForeignKey(
        Ladder,
        on_delete=models.CASCADE,
        related_name="levels",
        verbose_name=_("ladder"),
    )
    number = models.PositiveSmallIntegerField(
        _("number"), validators=[MinValueValidator(1)]
    )
    threshold = models.PositiveIntegerField(_("from how much on"))
    title = models.CharField(_("title"), max_length=40)
    title_zh = models.CharField(_("title in Chinese"), max_length=40, blank=True)
    benefits = models.TextField(
        _("what it brings"), blank=True, help_text=_("One benefit a line.")
    )
    benefits_zh = models.TextField(_("what it brings, in Chinese"), blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        constraints = [
            models.UniqueConstraint(
                fields=["ladder", "number"], name="level_once_a_ladder"
            ),
            models.UniqueConstraint(
                fields=["ladder", "threshold"],
                name="level_threshold_once_a_ladder",
                violation_error_message=_("Two levels cannot begin at the same."),
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0, threshold__gt=0),
                name="level_is_reached",
                violation_error_message=_("Level 0 is where everybody begins."),
            ),
        ]

    def __str__(self):
        return self.title

    def title_in(self, language: str) -> str:
        return in_language(language, self.title, self.title_zh)

    def benefits_in(self, language: str) -> list[str]:
        text = in_language(language, self.benefits, self.benefits_zh)
        return [line.strip() for line in text.splitlines() if line.strip()]


class Standing(models.Model):
    """A member's level today, and what was counted for it when it was last looked at.

    Where the count has fallen below the level's threshold, it stays until
    `stays_until`, and the member is told so.
    """

    activity_kind = "standing"

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="standing",
        verbose_name=_("member"),
    )
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    value = models.BigIntegerField(_("counted"), default=0)
    stays_until = models.DateTimeField(_("stays until"), null=True, blank=True)

    class Meta:
        verbose_name = _("level of a member")
        verbose_name_plural = _("levels of members")
        indexes = [
            models.Index(
                fields=["stays_until"],
                condition=Q(stays_until__isnull=False),
                name="standing_that_ends",
            ),
        ]

    def __str__(self):
        return f"{self.member_id}: {self.level} ({self.value})"


class LevelChange(models.Model):
    """That a member came to another level: when, by which ladder, with what count."""

    activity_kind = "level_change"

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="level_changes",
        verbose_name=_("member"),
    )
    ladder = models.ForeignKey(
        Ladder,
        on_delete=models.PROTECT,
        related_name="changes",
        verbose_name=_("ladder"),
    )
    was = models.PositiveSmallIntegerField(_("level before"))
    became = models.PositiveSmallIntegerField(_("level after"))
    value = models.BigIntegerField(_("counted"))
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ["-at"]
        verbose_name = _("change of a level")
        verbose_name_plural = _("changes of levels")
        constraints = [
            models.CheckConstraint(
                condition=~Q(was=F("became")), name="level_change_changes"
            ),
        ]

    def __str__(self):
        return f"{self.member_id}: {self.was} → {self.became}"
