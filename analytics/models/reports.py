"""Reports that have a place, and a permission, of their own in the admin."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Channel, Interest, SubscriptionPhase
from content.models import Event, Item


class Figures(models.Model):
    """What the night counted for a report whose figures cost more than a page may."""

    report = models.CharField(max_length=30, primary_key=True)
    as_of = models.DateField()  # the last day that is in them
    made_at = models.DateTimeField(default=timezone.now)
    figures = models.JSONField()

    def __str__(self):
        return f"{self.report} {self.as_of}"


class Catalogue(Item):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("the catalogue in numbers")


class Coverage(Interest):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("coverage of interests")


class Events(Event):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("what events are worth")


class Recruiting(Channel):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("from the click to staying")


class Revenue(SubscriptionPhase):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("revenue")
