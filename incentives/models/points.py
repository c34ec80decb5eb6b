from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Space, Verb


def verb_choices():
    """By name, so that a new verb needs no migration here."""
    return Verb.choices


class PointRuleQuerySet(models.QuerySet["PointRule"]):
    def in_force(self, at) -> "PointRuleQuerySet":
        return self.filter(Q(until=None) | Q(until__gt=at), since__lte=at)


class PointRule(models.Model):
    """What a deed is worth, from when to when.

    A rule is not rewritten: to change it, end it and begin another, so that a
    replay pays every deed by the rule in force at the time of the deed.
    """

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
    points = models.PositiveIntegerField(_("points"))
    since = models.DateTimeField(_("since"), default=timezone.now)
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
                condition=Q(until=None) | Q(until__gt=models.F("since")),
                name="rule_ends_after_it_begins",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.UniqueConstraint(
                fields=["verb"],
                condition=Q(until=None),
                name="rule_without_end_once_a_verb",
                violation_error_message=_("End the rule that pays for it now first."),
            ),
        ]

    def __str__(self):
        return f"{self.title} (+{self.points})"

    def title_in(self, language: str) -> str:
        return (
            self.title_zh if language.startswith("zh") and self.title_zh else self.title
        )


class Award(models.Model):
    """That a deed was paid, by which rule; the ledger holds the points themselves."""

    activity_kind = "award"

    rule = models.ForeignKey(
        PointRule,
        on_delete=models.PROTECT,
        related_name="awards",
        verbose_name=_("rule"),
    )
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
    points = models.PositiveIntegerField(_("points"))
    awarded_at = models.DateTimeField(_("awarded at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        ordering = ["-awarded_at"]
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            # However often the sweep replays it, a deed is paid once.
            models.UniqueConstraint(
                fields=["activity_id", "rule"], name="award_once_a_deed"
            ),
            # Doing it again to the same thing pays nothing more.
            models.UniqueConstraint(
                fields=["member", "rule", "object_kind", "object_id"],
                condition=Q(undone_at=None),
                name="award_stands_once_a_thing",
            ),
        ]

    def __str__(self):
        return (
            f"{self.points} to {self.member_id} for {self.object_kind}:{self.object_id}"
        )
