from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Title(models.Model):
    """A word of honour that operators give for what somebody does for the rest."""

    activity_kind = "title"

    name = models.CharField(_("name"), max_length=40, unique=True)
    meaning = models.CharField(_("what it is given for"), max_length=200)

    class Meta:
        ordering = ["name"]
        verbose_name = _("title of honour")
        verbose_name_plural = _("titles of honour")

    def __str__(self):
        return self.name


class TitleHolder(models.Model):
    """Who bears a title, from when to when, and what for."""

    title = models.ForeignKey(
        Title,
        on_delete=models.PROTECT,
        related_name="holders",
        verbose_name=_("title of honour"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="titles",
        verbose_name=_("member"),
    )
    reason = models.CharField(_("what for"), max_length=300, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("given by"),
    )
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        ordering = ["-given_at", "-pk"]
        verbose_name = _("bearer of a title")
        verbose_name_plural = _("bearers of titles")
        constraints = [
            models.UniqueConstraint(
                fields=["title", "member"],
                condition=Q(ended_at=None),
                name="title_borne_once",
                violation_error_message=_("This member bears the title already."),
            ),
        ]

    def __str__(self):
        return f"{self.member}: {self.title}"
