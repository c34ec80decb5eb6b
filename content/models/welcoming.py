from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.discussions import Post


class Greeting(models.Model):
    """Who has taken it upon them to welcome a newcomer, so that two need not."""

    newcomer = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="greeting",
        verbose_name=_("newcomer"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="greetings",
        verbose_name=_("welcomed by"),
    )
    taken_at = models.DateTimeField(_("taken at"), default=timezone.now)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("greeting")
        verbose_name_plural = _("greetings")

    def __str__(self):
        return f"{self.by_id} welcomes {self.newcomer_id}"


class GoodExample(models.Model):
    """A post that shows how we talk here; met on the culture page and before the
    first post of one's own."""

    post = models.OneToOneField(
        Post, on_delete=models.PROTECT, related_name="+", verbose_name=_("post")
    )
    why = models.CharField(_("what is good about it"), max_length=300)
    added_at = models.DateTimeField(_("added at"), default=timezone.now)

    class Meta:
        verbose_name = _("good example")
        verbose_name_plural = _("good examples")
        ordering = ["-added_at", "-pk"]

    def __str__(self):
        return self.why
