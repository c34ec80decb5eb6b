from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JournalEntry(models.Model):
    """Why the strategy was changed: what was expected, and what came of it.

    It names what it is about by its kind and number, for it lies in any app. What was
    expected is never rewritten: only so can it turn out wrong.
    """

    class Deed(models.TextChoices):
        ADDED = "added", _("Begun")
        CHANGED = "changed", _("Changed")
        STARTED = "started", _("Started")
        STOPPED = "stopped", _("Stopped")

    object_kind = models.CharField(_("kind of thing"), max_length=60)
    object_id = models.BigIntegerField(_("its number"))
    name = models.CharField(_("what"), max_length=120)
    deed = models.CharField(_("what was done"), max_length=8, choices=Deed)
    # Of each changed field what it was and is.
    changed = models.JSONField(_("what has changed"), default=dict)
    hypothesis = models.TextField(_("what is expected, and why"))
    look_on = models.DateField(_("look again on"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="journal_entries",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    # The effect as it was measured, in numbers: put into words for each reader.
    finding = models.JSONField(_("what was measured"), null=True)
    learned = models.TextField(_("what was learned"), blank=True)
    learned_at = models.DateTimeField(_("noted at"), null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("entry of the strategy journal")
        verbose_name_plural = _("strategy journal")
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="journal_of_object"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(hypothesis=""), name="journal_expects_something"
            ),
            models.CheckConstraint(
                condition=Q(learned="", learned_at=None)
                | ~Q(learned="") & Q(learned_at__isnull=False),
                name="journal_learned_at",
            ),
        ]

    def __str__(self):
        return self.name
