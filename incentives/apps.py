from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IncentivesConfig(AppConfig):
    name = "incentives"

    def ready(self):
        from accounts.privacy import register
        from incentives import privacy, receivers, rules  # noqa: F401 - connects

        register(privacy.HANDLER)
        post_migrate.connect(rules.make_defaults, sender=self)
