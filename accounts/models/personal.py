"""Personal facts that nobody has to give: sealed, each for its own purpose."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PersonalKind(models.TextChoices):
    REAL_NAME = "real_name", _("Real name")
    PHONE = "phone", _("Phone")
    ADDRESS = "address", _("Postal address")
    CITY = "city", _("City")
    BIRTH_YEAR = "birth_year", _("Year of birth")
    GENDER = "gender", _("Gender")
    OCCUPATION = "occupation", _("Occupation")
    INDUSTRY = "industry", _("Industry")


class PersonalValue(models.Model):
    """One fact about one member, sealed (see `community.lib.sealed`).

    It is there exactly as long as the member agrees to its purpose.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="personal_values",
    )
    kind = models.CharField(max_length=12, choices=PersonalKind)
    sealed = models.BinaryField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        permissions = [("read_personal", "Can read members' personal facts")]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"], name="personal_value_once"
            ),
        ]

    def __str__(self):
        return f"{self.kind} of {self.member_id}"


class PersonalReading(models.Model):
    """That somebody looked at a member's personal facts, and why. Never changed."""

    activity_kind = "personal_reading"

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="personal_readings",
        verbose_name=_("member"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    kinds = ArrayField(
        models.CharField(max_length=12, choices=PersonalKind),
        verbose_name=_("facts that were read"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("reading of personal facts")
        verbose_name_plural = _("readings of personal facts")

    def __str__(self):
        return f"{self.by_id} read of {self.member_id}"
