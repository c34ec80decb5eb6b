from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = _("Incentives")

    def ready(self):
        from operator import attrgetter

        from accounts import reductions
        from accounts.models import Lot
        from accounts.privacy import register
        from accounts.services import held, journal, keys, ledger, news
        from incentives import checks, privacy, receivers, rules, starters  # noqa: F401 - connects
        from incentives.models import (
            Badge,
            Bounty,
            Campaign,
            Coupon,
            HoldOut,
            Ladder,
            LevelChange,
            Parcel,
            PointRule,
            PointsTerms,
            Redemption,
            Reward,
            Standing,
            Suspicion,
        )
        from incentives.services import (
            badges,
            bounties,
            campaigns,
            levels,
            lots,
            points,
            redemptions,
            suspicions,
        )
        from incentives.services.checkout import Checkout

        reductions.register(Checkout(takes_codes=True))
        register(privacy.HANDLER)
        ledger.add_checks(checks.CHECKS)
        held.on_return(points.settle_returned)
        news.register_target(Bounty.activity_kind, bounties.shown_to)
        news.register_target(Redemption.activity_kind, redemptions.shown_to)
        keys.SEALED.append((Parcel, "sealed", attrgetter("place")))
        news.register_target(Lot.activity_kind, lots.shown_to)
        news.register_target(Badge.activity_kind, badges.shown_to)
        news.register_target(LevelChange.activity_kind, levels.shown_changes)
        news.register_target(Standing.activity_kind, levels.shown_standings)
        news.register_target(Suspicion.activity_kind, suspicions.shown_to)
        news.register_target(Campaign.activity_kind, campaigns.shown_to)
        journal.watch(Campaign, Coupon, HoldOut, Ladder, PointRule, PointsTerms, Reward)
        post_migrate.connect(rules.make_defaults, sender=self)
        post_migrate.connect(starters.make, sender=self)
