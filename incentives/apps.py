from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = _("Incentives")

    def ready(self):
        from accounts.models import Lot
        from accounts.privacy import register
        from accounts.services import journal, ledger, news
        from incentives import checks, privacy, receivers, rules  # noqa: F401 - connects
        from incentives.models import Bounty, Campaign, HoldOut, PointRule
        from incentives.services import bounties, campaigns, lots

        register(privacy.HANDLER)
        ledger.add_checks(checks.CHECKS)
        news.register_target(Bounty.activity_kind, bounties.shown_to)
        news.register_target(Campaign.activity_kind, campaigns.shown_to)
        journal.watch(PointRule, Campaign, HoldOut)
        news.register_target(Lot.activity_kind, lots.shown_to)
        post_migrate.connect(rules.make_defaults, sender=self)
