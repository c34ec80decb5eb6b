"""Experts: what they say of themselves, and that somebody looked at the proof."""

import uuid
from pathlib import PurePosixPath

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def document_path(credential: "Credential", filename: str) -> str:
    """A name that says nothing about the person."""
    return f"credentials/{uuid.uuid4().hex}{PurePosixPath(filename).suffix.lower()[:8]}"


class Field(models.Model):
    """A field of knowledge, by which experts and the library's items are found."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    slug = models.SlugField(
        _("name in the address"), max_length=60, unique=True, allow_unicode=True
    )
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("field of knowledge")
        verbose_name_plural = _("fields of knowledge")

    def __str__(self):
        return self.name


class ExpertQuerySet(models.QuerySet["Expert"]):
    def verified(self):
        """Those whose mark stands today."""
        return self.filter(
            state=Expert.State.VERIFIED, verified_until__gt=timezone.now()
        )


class Expert(models.Model):
    """What a member says they know, and whether an operator has seen the proof.

    What was verified is not edited: a change makes it a draft again, to be asked
    about anew. The mark stands only until `verified_until`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ASKED = "asked", _("Waiting for a decision")
        VERIFIED = "verified", _("Verified")
        REFUSED = "refused", _("Refused")

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="expert",
        verbose_name=_("member"),
    )
    headline = models.CharField(
        _("headline"),
        max_length=120,
        help_text=_("What you do, in one line, such as “Teaches statistics at …”."),
    )
    fields = models.ManyToManyField(
        Field, related_name="experts", verbose_name=_("fields of knowledge")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT
    )
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    verified_until = models.DateTimeField(_("verified until"), null=True, blank=True)
    reason = models.CharField(_("why refused"), max_length=300, blank=True)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = _("expert profile")
        verbose_name_plural = _("expert profiles")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="verified")
                | Q(
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    verified_until__gt=models.F("decided_at"),
                ),
                name="expert_verified_by_whom_and_until",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused")
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
                name="expert_refused_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(asked_at__isnull=False),
                name="expert_asked_before_decided",
            ),
        ]

    def __str__(self):
        return f"{self.member}: {self.headline}"

    @property
    def is_verified(self) -> bool:
        until = self.verified_until
        stands = until is not None and until > timezone.now()
        return stands and self.state == self.State.VERIFIED

    @property
    def has_lapsed(self) -> bool:
        return self.state == self.State.VERIFIED and not self.is_verified


class Credential(models.Model):
    """One proof: a degree, a post held, a prize. Its document is for operators only."""

    expert = models.ForeignKey(
        Expert,
        on_delete=models.CASCADE,
        related_name="credentials",
        verbose_name=_("expert profile"),
    )
    what = models.CharField(_("what"), max_length=160)
    issuer = models.CharField(_("issued by"), max_length=160)
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1900), MaxValueValidator(2100)]
    )
    document = models.FileField(_("document"), upload_to=document_path, blank=True)

    class Meta:
        ordering = ["-year", "pk"]
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=1900, year__lte=2100),
                name="credential_year_plausible",
            ),
        ]

    def __str__(self):
        return f"{self.what}, {self.issuer} ({self.year})"
