from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from content.models.items import Item


class LearningPath(models.Model):
    """Items in the order in which they are best learnt, on the way to one goal."""

    title = models.CharField(_("title"), max_length=160)
    slug = models.SlugField(
        _("name in the address"), max_length=80, unique=True, allow_unicode=True
    )
    goal = models.CharField(
        _("goal"), max_length=400, help_text=_("What one can do at its end.")
    )
    is_shown = models.BooleanField(_("shown to members"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("learning path")
        verbose_name_plural = _("learning paths")

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:path", args=[self.slug])


class PathStep(models.Model):
    """One item on the way."""

    path = models.ForeignKey(
        LearningPath,
        on_delete=models.CASCADE,
        related_name="steps",
        verbose_name=_("learning path"),
    )
    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="path_steps",
        verbose_name=_("item"),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("step of a path")
        verbose_name_plural = _("steps of a path")
        constraints = [
            models.UniqueConstraint(fields=["path", "item"], name="on_a_path_once"),
        ]

    def __str__(self):
        return f"{self.path_id}: {self.item_id}"
