import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

APPEALED_WITHIN = dt.timedelta(days=30)
LONGEST_WORDS = 2000


class SuspicionQuerySet(models.QuerySet):
    def holding(self):
        """Those while which a member's new points wait."""
        return self.filter(state=Suspicion.State.OPEN)

    def settled(self):
        return self.exclude(state=Suspicion.State.OPEN)

    def for_member(self, member):
        return self.filter(member=member).order_by("-found_at", "-pk")


class Suspicion(models.Model):
    """Points that look as if they were made and not earned, until a person has looked.

    Nothing is taken for it. `numbers` names the awards it is about and says why, in
    ids and counts.
    """

    activity_kind = "suspicion"

    class Kind(models.TextChoices):
        RING = "ring", _("Points given in a circle")
        FARM = "farm", _("Points from accounts made for it")
        PACE = "pace", _("Faster than possible")
        REFERRALS = "referrals", _("Brought members who were hardly here")

    class State(models.TextChoices):
        OPEN = "open", _("To be looked at")
        CLEARED = "cleared", _("All is well")
        CONFIRMED = "confirmed", _("The points were taken back")
        APPEALED = "appealed", _("To be looked at again")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="suspicions",
        verbose_name=_("member"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.OPEN
    )
    numbers = models.JSONField(_("numbers"), default=dict)
    found_at = models.DateTimeField(_("found at"), default=timezone.now)
    statement = models.TextField(_("the member's word"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.TextField(_("word to the member"), blank=True)
    appeal = models.TextField(_("appeal"), blank=True)
    appealed_at = models.DateTimeField(_("appealed at"), null=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("appeal decided by"),
    )
    appeal_decided_at = models.DateTimeField(_("appeal decided at"), null=True)
    appeal_answer = models.TextField(_("answer to the appeal"), blank=True)

    objects = SuspicionQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-pk"]
        verbose_name = _("suspicion")
        verbose_name_plural = _("suspicions")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"],
                condition=Q(state="open"),
                name="suspicion_open_once_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None, decided_at=None)
                | ~Q(state="open")
                & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="suspicion_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("member")),
                name="suspicion_not_decided_by_its_member",
            ),
            models.CheckConstraint(
                condition=Q(appeal_decided_by=None)
                | ~Q(appeal_decided_by=F("decided_by"))
                & ~Q(appeal_decided_by=F("member")),
                name="suspicion_appeal_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="appealed", appealed_at__isnull=False)
                & Q(appeal_decided_by=None, appeal_decided_at=None)
                | Q(state__in=["cleared", "confirmed"], appealed_at__isnull=False)
                & Q(appeal_decided_by__isnull=False, appeal_decided_at__isnull=False)
                | ~Q(state="appealed")
                & Q(appealed_at=None, appeal_decided_by=None, appeal_decided_at=None),
                name="suspicion_appealed_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.member}"

    def get_absolute_url(self):
        return reverse("incentives:check", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def may_be_appealed(self) -> bool:
        return (
            self.state == self.State.CONFIRMED
            and self.appealed_at is None
            and self.decided_at is not None
            and timezone.now() < self.decided_at + APPEALED_WITHIN
        )

    @property
    def awards(self) -> list[int]:
        return self.numbers["awards"]

    @property
    def points(self) -> int:
        return self.numbers["points"]
