"""What weeks are about: proposed and chosen by members, led by a host."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Space
from content.models.discussions import BODY_LENGTH, TITLE_LENGTH, Topic

DAYS = 7


class Theme(models.Model):
    """What a member would like a week to be about, and how many want it too."""

    activity_kind = "theme"

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        CHOSEN = "chosen", _("Chosen")
        DECLINED = "declined", _("Not this time")

    title = models.CharField(_("theme"), max_length=120)
    why = models.CharField(_("why"), max_length=1000, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="themes",
        verbose_name=_("proposed by"),
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.PROPOSED
    )
    answer = models.CharField(_("answer to members"), max_length=300, blank=True)
    vote_count = models.PositiveIntegerField(_("votes"), default=0, editable=False)
    form_key = models.UUIDField(
        _("key of the form"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("proposed at"), default=timezone.now)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["-vote_count", "created_at", "pk"]
        indexes = [
            models.Index(
                models.F("vote_count").desc(),
                models.F("created_at"),
                models.F("id"),
                condition=Q(state="proposed"),
                name="theme_by_votes",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["proposed_by", "form_key"], name="theme_once_per_form"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == Theme.State.PROPOSED


class ThemeVote(models.Model):
    """That a member wants a theme."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="theme_votes"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "theme"], name="theme_wanted_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} wants {self.theme_id}"


class ThemeWeek(models.Model):
    """Seven days of a space about one theme: prompts, and at the end a summary."""

    title = models.CharField(_("theme"), max_length=120)
    theme = models.OneToOneField(
        Theme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="week",
        verbose_name=_("proposed theme"),
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        related_name="theme_weeks",
        verbose_name=_("space"),
    )
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="theme_weeks",
        verbose_name=_("host"),
        help_text=_("In whose name the prompts are posted."),
    )
    starts_on = models.DateField(_("first day"))
    summary = models.OneToOneField(
        Topic,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("summary"),
    )

    class Meta:
        verbose_name = _("themed week")
        verbose_name_plural = _("themed weeks")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["space", "starts_on"],
                name="theme_week_once_per_day",
                violation_error_message=_("A week begins there on that day already."),
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def ends_on(self) -> dt.date:
        return self.starts_on + dt.timedelta(days=DAYS - 1)


class Prompt(models.Model):
    """What a day of the week asks; posted in the morning as a topic of its own."""

    week = models.ForeignKey(
        ThemeWeek,
        on_delete=models.CASCADE,
        related_name="prompts",
        verbose_name=_("themed week"),
    )
    day = models.PositiveSmallIntegerField(_("day"), help_text=_("1 to 7"))
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    text = models.TextField(_("text"), max_length=BODY_LENGTH)
    topic = models.OneToOneField(
        Topic,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("topic"),
    )

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["week", "day"], name="prompt_once_per_day"),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=DAYS), name="prompt_within_the_week"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def asked_on(self) -> dt.date:
        return self.week.starts_on + dt.timedelta(days=self.day - 1)
