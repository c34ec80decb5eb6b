"""Reports that have a place, and a permission, of their own in the admin."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Channel, Interest, SubscriptionPhase


class Coverage(Interest):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("coverage of interests")


class Recruiting(Channel):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("from the click to staying")


class Revenue(SubscriptionPhase):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("revenue")
