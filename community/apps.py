from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    name = "community"
    verbose_name = _("House")

    def ready(self):
        from community import checks  # noqa: F401  (registers them)
