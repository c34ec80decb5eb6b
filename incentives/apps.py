from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = _("Incentives")

    def ready(self):
        from accounts.privacy import register
        from incentives import privacy, receivers, rules  # noqa: F401 - connects

        register(privacy.HANDLER)
        post_migrate.connect(rules.make_defaults, sender=self)
