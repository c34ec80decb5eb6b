from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self):
        from accounts.privacy import register
        from analytics.privacy import HANDLER

        register(HANDLER)
