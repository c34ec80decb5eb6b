from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommendConfig(AppConfig):
    name = "recommend"
    verbose_name = _("Recommendations")

    def ready(self):
        from accounts.privacy import register
        from recommend import privacy, receivers  # noqa: F401 - connects

        register(privacy.HANDLER)
