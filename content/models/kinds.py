"""What only one kind of item has."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.models.items import Item


class CaseStudy(models.Model):
    """A case: what was there, what was wrong, what was done, what came of it."""

    PARTS = ("context", "problem", "method", "result", "lesson")

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="case")
    context = models.TextField(_("context"))
    problem = models.TextField(_("problem"))
    method = models.TextField(_("method"))
    result = models.TextField(_("result"))
    lesson = models.TextField(_("lesson"))

    class Meta:
        verbose_name = _("case study")

    def __str__(self):
        return f"case {self.item_id}"


class News(models.Model):
    """Where a piece of news comes from, and when what it tells of happened."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="news")
    source = models.CharField(_("source"), max_length=120)
    url = models.URLField(_("address of the source"), max_length=500, blank=True)
    happened_on = models.DateField(_("happened on"))

    class Meta:
        verbose_name = _("news")
        verbose_name_plural = _("news")

    def __str__(self):
        return f"news {self.item_id}"


class Report(models.Model):
    """Which edition of a report that comes again and again."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="report")
    edition = models.CharField(_("edition"), max_length=60)
    series = models.SlugField(
        _("series"),
        max_length=60,
        blank=True,
        allow_unicode=True,
        help_text=_("The same word for every edition of one report."),
    )

    class Meta:
        verbose_name = _("report")
        constraints = [
            models.UniqueConstraint(
                fields=["series", "edition"],
                condition=~Q(series=""),
                name="report_edition_once_a_series",
            ),
        ]

    def __str__(self):
        return f"report {self.item_id} {self.edition}"


class Recording(models.Model):
    """When something was recorded, and how long it is."""

    item = models.OneToOneField(
        Item, on_delete=models.CASCADE, related_name="recording"
    )
    held_on = models.DateField(_("held on"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))

    class Meta:
        verbose_name = _("recording")

    def __str__(self):
        return f"recording {self.item_id}"
