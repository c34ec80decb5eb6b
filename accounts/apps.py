from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from accounts import own_data, privacy, roles

        post_migrate.connect(roles.sync_groups, sender=self)
        privacy.register(own_data.HANDLER)
