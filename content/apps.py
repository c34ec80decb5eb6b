from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "content"

    def ready(self):
        from accounts.privacy import register
        from content import privacy

        register(privacy.HANDLER)
