from operator import attrgetter

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = _("Content")

    def ready(self):
        from django.db.models.signals import post_migrate

        from accounts import sellable
        from accounts.privacy import register
        from accounts.services import interests, keys
        from content import privacy, receivers  # noqa: F401 - they connect themselves
        from content.models import Certificate, Item
        from content.services import (
            checklists,
            feedback,
            library,
            search_changes,
            surveys,
        )

        register(privacy.HANDLER)
        sellable.register(sellable.Kind("item", _("Library"), Item.objects.listed))
        keys.SEALED.append((Certificate, "sealed_name", attrgetter("place")))
        search_changes.connect()
        interests.register(library.most_used_tags)
        post_migrate.connect(checklists.make_defaults, sender=self)
        post_migrate.connect(checklists.make_default_reasons, sender=self)
        post_migrate.connect(feedback.make_defaults, sender=self)
        post_migrate.connect(surveys.make_defaults, sender=self)
