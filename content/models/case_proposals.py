"""What members would tell of at a case sharing."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.events import Event

TEXT_LENGTH = 5000
REASON_LENGTH = 300


class CaseProposal(models.Model):
    """One case that a member offers to tell; its host decides, and gives it a place in
    the agenda. Its text is for the two of them."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        related_name="proposals",
        verbose_name=_("event"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cases_proposed",
        verbose_name=_("member"),
    )
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("what it is about"), max_length=TEXT_LENGTH)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(5), MaxValueValidator(120)]
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.PROPOSED
    )
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    created_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    # Names the form it came from, so that a double click proposes once.
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("proposed case")
        verbose_name_plural = _("proposed cases")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "form_key"], name="case_proposed_once_a_form"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["accepted", "declined"], decided_at__isnull=False
                )
                | Q(state__in=["proposed", "withdrawn"], decided_at=None),
                name="case_proposal_decided_when",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.PROPOSED
