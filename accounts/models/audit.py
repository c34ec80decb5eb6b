from django.conf import settings
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditRecord(models.Model):
    """One act of the staff, or one anchor of the ledger, chained to the one before.

    `hash` is made of everything else in the row and of the hash before it, with a key
    that is not in the database: whoever changes, drops, adds or reorders a row behind
    our back cannot make the chain fit again (see `accounts.services.audit`).
    """

    number = models.BigIntegerField(_("number"), unique=True)
    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="audit_records",
        verbose_name=_("who"),
    )
    act = models.CharField(_("act"), max_length=60)
    object_kind = models.CharField(_("what"), max_length=60, blank=True)
    object_id = models.CharField(_("its number"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    previous_hash = models.CharField(
        _("hash of the one before"), max_length=64, blank=True
    )
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("audit record")
        verbose_name_plural = _("audit records")
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="audit_of_object"),
            models.Index(KeyTransform("member", "facts"), name="audit_of_member"),
        ]

    def __str__(self):
        return f"{self.number} {self.act}"
