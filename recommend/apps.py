from django.apps import AppConfig


class RecommendConfig(AppConfig):
    name = "recommend"

    def ready(self):
        from accounts.privacy import register
        from recommend import privacy, receivers  # noqa: F401 - connects

        register(privacy.HANDLER)
