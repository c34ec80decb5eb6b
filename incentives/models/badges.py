from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.lib.languages import in_language
from incentives.models.points import verb_choices


class Badge(models.Model):
    """What is earned by a rule: a deed so many times, or on so many days in a row.

    What people are honoured for by hand is a title (`accounts.models.titles`).
    """

    activity_kind = "badge"

    class How(models.TextChoices):
        TIMES = "times", _("So many times")
        DAYS = "days", _("On so many days in a row")

    name = models.CharField(_("name"), max_length=40, unique=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=40, blank=True)
    meaning = models.CharField(_("what it is given for"), max_length=200)
    meaning_zh = models.CharField(
        _("what it is given for, in Chinese"), max_length=200, blank=True
    )
    verb = models.CharField(_("for"), max_length=30, choices=verb_choices)
    how = models.CharField(_("how"), max_length=5, choices=How, default=How.TIMES)
    number = models.PositiveIntegerField(
        _("how many"), validators=[MinValueValidator(1)]
    )
    rest_days = models.PositiveSmallIntegerField(
        _("rest days"),
        default=0,
        help_text=_("So many days between may be left out without harm."),
    )
    is_active = models.BooleanField(_("can be earned"), default=True)
    # Until when all were looked at; empty: the whole past is looked at.
    looked_through = models.DateField(_("looked through"), null=True, editable=False)

    class Meta:
        ordering = ["verb", "how", "number"]
        verbose_name = _("badge")
        verbose_name_plural = _("badges")
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gt=0),
                name="badge_asks_for_something",
                violation_error_message=_("At least once."),
            ),
            models.CheckConstraint(
                condition=Q(rest_days=0) | Q(how="days"),
                name="badge_rests_in_a_row",
                violation_error_message=_("Only days in a row have rest days."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        if self.number and self.rest_days >= self.number:
            raise ValidationError(
                {"rest_days": _("More days done than days of rest, please.")}
            )

    def name_in(self, language: str) -> str:
        return in_language(language, self.name, self.name_zh)

    def meaning_in(self, language: str) -> str:
        return in_language(language, self.meaning, self.meaning_zh)


class BadgeHolder(models.Model):
    """Who has earned a badge, and when; once earned, it stays."""

    badge = models.ForeignKey(
        Badge,
        on_delete=models.PROTECT,
        related_name="holders",
        verbose_name=_("badge"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="badges",
        verbose_name=_("member"),
    )
    earned_at = models.DateTimeField(_("earned at"), default=timezone.now)

    class Meta:
        ordering = ["-earned_at", "-pk"]
        verbose_name = _("holder of a badge")
        verbose_name_plural = _("holders of badges")
        constraints = [
            models.UniqueConstraint(
                fields=["badge", "member"], name="badge_earned_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id}: {self.badge_id}"
