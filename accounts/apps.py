from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and money")

    def ready(self):
        from allauth.account.signals import email_confirmed
        from allauth.mfa.models import Authenticator
        from django.contrib.admin.models import LogEntry, LogEntryManager
        from django.contrib.auth.signals import user_logged_in

        from accounts import checks, own_data, own_money, privacy, roles
        from accounts.models import Conversation, Invitation, Sanction, Title
        from accounts.services import (
            audit,
            bounces,
            community,
            digests,
            factors,
            joining,
            mails,
            messages,
            news,
            news_mails,
            policies,
            recruiting,
            retention,
            sanctions,
            titles,
        )

        register(checks.gateways_are_set_up)
        post_save.connect(factors.tell_operators, sender=Authenticator)
        email_confirmed.connect(bounces.trust_confirmed)
        mails.register("news", news_mails.words_of_news)
        mails.register("digest", digests.words_of_digest)
        news.register_target(Conversation.activity_kind, messages.shown_to)
        news.register_target(Invitation.activity_kind, joining.shown_to)
        news.register_target(Title.activity_kind, titles.shown_to)
        news.register_target(Sanction.activity_kind, sanctions.shown_to)
        user_logged_in.connect(joining.redeem_kept)
        post_save.connect(audit.record_admin_act, sender=LogEntry)
        setattr(  # noqa: B010 (mypy forbids the plain way)
            LogEntryManager,
            "log_actions",
            audit.one_by_one(LogEntryManager.log_actions),
        )
        post_migrate.connect(roles.sync_groups, sender=self)
        post_migrate.connect(community.name_the_site, sender=self)
        post_migrate.connect(policies.publish_defaults, sender=self)
        post_migrate.connect(recruiting.make_defaults, sender=self)
        post_migrate.connect(retention.make_defaults, sender=self)
        privacy.register(own_data.HANDLER)
        privacy.register(own_money.HANDLER)
