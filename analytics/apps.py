from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = _("Understanding")

    def ready(self):
        from accounts.privacy import register
        from analytics.privacy import HANDLER

        register(HANDLER)
