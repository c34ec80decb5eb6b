from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    MEMBER = "member", _("Member")
    MENTOR = "mentor", _("Mentor")
    VOLUNTEER = "volunteer", _("Volunteer")
    REVIEWER = "reviewer", _("Reviewer")
    PLANNER = "planner", _("Planner")
    # Reads what members told of themselves in confidence; given for a time only.
    STEWARD = "steward", _("Data steward")
    OPERATOR = "operator", _("Operator")


class RoleGrant(models.Model):
    """That somebody was given a role, by whom, why, from when to when. Never deleted.

    `ends_at` is when it will end by itself; `revoked_at` when it did end. Ended
    without anybody's doing, `revoked_by` stays empty.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="role_grants",
        verbose_name=_("member"),
    )
    role = models.CharField(_("role"), max_length=12, choices=Role)
    granted_at = models.DateTimeField(_("granted at"), default=timezone.now)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("given by"),
    )
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    reason = models.CharField(_("why given"), max_length=200, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    revoke_reason = models.CharField(_("why ended"), max_length=200, blank=True)

    class Meta:
        ordering = ["-granted_at"]
        verbose_name = _("role given")
        verbose_name_plural = _("roles given")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "role"],
                condition=Q(revoked_at=None),
                name="role_granted_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("granted_at")),
                name="role_ends_after_it_began",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} as {self.role}"
