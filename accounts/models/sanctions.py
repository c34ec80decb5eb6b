"""What follows when somebody breaks a rule: a ladder, each step citing the rule."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.consent import Rule


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def in_force(self) -> "SanctionQuerySet":
        """What binds its member now: begun, not lifted, and not over."""
        now = timezone.now()
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=now), begins_at__lte=now, lifted_at=None
        )

    def waiting(self) -> "SanctionQuerySet":
        """Those that a second person has to look at before they begin."""
        return self.filter(begins_at=None, lifted_at=None)


class Sanction(models.Model):
    """One step of the ladder, imposed on a member for a rule they broke.

    What it does to the member is kept on their row (`muted_until`, `suspended_at`,
    `removed_at`) and follows from the sanctions in force alone. Whoever pays for being
    here is removed by two people: until the second has agreed, nothing begins.
    """

    activity_kind = "sanction"

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("Reminder")
        MUTE = "mute", _("Reads, but does not write in the talk")
        SUSPENSION = "suspension", _("Reads only")
        REMOVAL = "removal", _("Is no member any more")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="sanctions",
        verbose_name=_("member"),
    )
    kind = models.CharField(_("step"), max_length=10, choices=Kind)
    rule = models.ForeignKey(
        Rule,
        on_delete=models.PROTECT,
        related_name="sanctions",
        verbose_name=_("rule"),
    )
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="sanctions_imposed",
        verbose_name=_("imposed by"),
    )
    needs_second = models.BooleanField(_("needs a second person"), default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sanctions_confirmed",
        verbose_name=_("confirmed by"),
    )
    created_at = models.DateTimeField(_("imposed at"), default=timezone.now)
    begins_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sanctions_lifted",
        verbose_name=_("lifted by"),
    )

    objects = SanctionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=Q(lifted_at=None, ends_at__isnull=False),
                name="sanction_to_end",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["mute", "suspension"], ends_at__isnull=False)
                | Q(kind__in=["reminder", "removal"], ends_at=None),
                name="sanction_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("created_at")),
                name="sanction_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(begins_at=None)
                | Q(needs_second=False)
                | Q(confirmed_by__isnull=False),
                name="sanction_by_two_where_needed",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("by")),
                name="sanction_confirmed_by_another",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.member}"


class Appeal(models.Model):
    """A member's word against a sanction; one each, decided by somebody else."""

    activity_kind = "appeal"

    sanction = models.OneToOneField(
        Sanction,
        on_delete=models.PROTECT,
        related_name="appeal",
        verbose_name=_("sanction"),
    )
    words = models.TextField(_("what the member says"), max_length=2000)
    created_at = models.DateTimeField(_("appealed at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appeals_decided",
        verbose_name=_("decided by"),
    )
    is_granted = models.BooleanField(_("granted"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, is_granted=None, decided_by=None)
                | Q(
                    decided_at__isnull=False,
                    is_granted__isnull=False,
                    decided_by__isnull=False,
                ),
                name="appeal_decided_wholly",
            ),
        ]

    def __str__(self):
        return str(self.sanction)
