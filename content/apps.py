from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "content"

    def ready(self):
        from django.db.models.signals import post_migrate

        from accounts.privacy import register
        from content import privacy, receivers  # noqa: F401 - they connect themselves
        from content.services import checklists, search_changes

        register(privacy.HANDLER)
        search_changes.connect()
        post_migrate.connect(checklists.make_defaults, sender=self)
