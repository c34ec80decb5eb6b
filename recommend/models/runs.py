from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RecommendRun(models.Model):
    """One night's training: on what, how good on what it had not seen, what is served.

    Pages read the lists of the current run. A night that goes wrong makes no run
    current, so yesterday's lists stay.
    """

    class Served(models.TextChoices):
        FILTER = "filter", _("Each member's own list")
        POPULARITY = "popularity", _("What is popular, for everybody")
        YESTERDAY = "yesterday", _("The lists of the night before")

    as_of = models.DateField(_("for the night after"))
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    seconds = models.FloatField(_("seconds"), default=0)
    members = models.PositiveIntegerField(_("members"), default=0)
    items = models.PositiveIntegerField(_("items"), default=0)
    pairs = models.PositiveIntegerField(_("member–item pairs"), default=0)
    # {"tested": n, "filter": {"ndcg": [low, mean, high], …}, "popularity": {…}}
    quality = models.JSONField(_("quality"), default=dict)
    served = models.CharField(_("served"), max_length=12, choices=Served)
    why = models.TextField(_("why"), blank=True)
    is_current = models.BooleanField(_("current"), default=False)

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("recommendation run")
        verbose_name_plural = _("recommendation runs")
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="one_current_recommend_run",
            ),
        ]

    def __str__(self):
        return f"{self.as_of:%Y-%m-%d}: {self.get_served_display()}"
