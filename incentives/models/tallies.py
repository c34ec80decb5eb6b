from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incentives.models.points import verb_choices


class Tally(models.Model):
    """How many things a member did on a day of the site's calendar, of one verb.

    Made of the activity log, and made anew for each day that something more of has
    arrived; what was taken back counts against it, so a day may stand below zero.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="tallies",
        verbose_name=_("member"),
    )
    verb = models.CharField(_("deed"), max_length=30)
    day = models.DateField(_("day"))
    number = models.IntegerField(_("how often"))

    class Meta:
        verbose_name = _("tally of a day")
        verbose_name_plural = _("tallies of days")
        constraints = [
            models.UniqueConstraint(
                fields=["verb", "member", "day"], name="tally_once_a_day"
            ),
        ]
        indexes = [models.Index(fields=["verb", "day"], name="tally_of_day")]

    def __str__(self):
        return f"{self.member_id} {self.verb} {self.day}: {self.number}"


class Tallied(models.Model):
    """Up to when the log's arrivals of a verb are in the tallies."""

    verb = models.CharField(
        _("deed"), max_length=30, choices=verb_choices, primary_key=True
    )
    through = models.DateTimeField(_("counted through"))

    class Meta:
        verbose_name = _("counted deed")
        verbose_name_plural = _("counted deeds")

    def __str__(self):
        return f"{self.verb} through {self.through}"
