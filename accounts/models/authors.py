from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuthorApplication(models.Model):
    """How a member becomes an author: asks or is invited, is accepted, agrees.

    An invitation begins as accepted: the asking is skipped, the agreement is not.
    """

    class Kind(models.TextChoices):
        LECTURER = "lecturer", _("Lecturer")
        EXPERT = "expert", _("Expert")
        OUTSTANDING = "outstanding", _("Outstanding member")

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for a decision")
        ACCEPTED = "accepted", _("Accepted, agreement open")
        AGREED = "agreed", _("Author")
        DECLINED = "declined", _("Declined")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="author_applications",
        verbose_name=_("member"),
    )
    kind = models.CharField(_("as"), max_length=12, choices=Kind)
    sample = models.TextField(
        _("samples"),
        max_length=2000,
        blank=True,
        help_text=_("Links to what you wrote or taught, or a short piece of it."),
    )
    why = models.TextField(
        _("what you want to teach here, and why"), max_length=2000, blank=True
    )
    is_invitation = models.BooleanField(_("invited"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.ASKED
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    agreed_at = models.DateTimeField(_("agreed at"), null=True, blank=True)
    agreed_version = models.PositiveIntegerField(
        _("agreed to version"), null=True, blank=True
    )

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("author application")
        verbose_name_plural = _("author applications")
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(state__in=["asked", "accepted"]),
                name="author_applies_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="asked")
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="author_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""),
                name="author_declined_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="agreed",
                    agreed_at__isnull=False,
                    agreed_version__isnull=False,
                )
                | ~Q(state="agreed") & Q(agreed_at=None, agreed_version=None),
                name="author_agreed_to_a_version",
            ),
        ]

    def __str__(self):
        return f"{self.member} · {self.get_kind_display()}"
