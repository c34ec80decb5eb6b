"""The admin's sidebar: what operators look for, grouped as they think of it."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _

from accounts.services import community

# Group → (model, icon). What is not registered, or not this person's, is left out.
GROUPS = {
    "People": [
        ("accounts.user", "group"),
        ("analytics.recruiting", "filter_alt"),
        ("accounts.origin", "start"),
        ("accounts.channel", "campaign"),
        ("accounts.campaign", "event_note"),
        ("accounts.trackedlink", "qr_code_2"),
        ("accounts.referral", "group_add"),
        ("accounts.application", "door_open"),
        ("accounts.invitation", "mail"),
        ("accounts.joinquestion", "quiz"),
        ("accounts.space", "forum"),
        ("accounts.spacemember", "how_to_reg"),
        ("accounts.consent", "verified_user"),
        ("accounts.messagereport", "report"),
        ("accounts.personalreading", "visibility"),
        ("accounts.rolegrant", "badge"),
        ("accounts.sanction", "gavel"),
        ("accounts.appeal", "balance"),
        ("accounts.authorapplication", "edit_note"),
        ("accounts.expert", "workspace_premium"),
        ("accounts.title", "military_tech"),
        ("accounts.titleholder", "stars"),
        ("accounts.field", "category"),
    ],
    "Content": [
        ("content.item", "library_books"),
        ("content.section", "segment"),
        ("content.lesson", "menu_book"),
        ("content.learningpath", "route"),
        ("content.enrolment", "school"),
        ("content.cohort", "groups"),
        ("content.nudge", "waving_hand"),
        ("content.checklistpoint", "checklist"),
        ("content.returnreason", "reply"),
        ("content.question", "quiz"),
        ("content.quiz", "assignment"),
        ("content.attempt", "fact_check"),
        ("content.moreattempts", "replay"),
        ("content.handedin", "assignment_turned_in"),
        ("content.certificate", "workspace_premium"),
        ("content.topic", "chat"),
        ("content.post", "comment"),
        ("content.questionduty", "assignment_late"),
        ("content.paidquestion", "live_help"),
        ("content.readalong", "visibility"),
        ("content.askingterms", "request_quote"),
        ("content.poll", "ballot"),
        ("content.rating", "star"),
        ("content.case", "gavel"),
        ("content.moderationpolicy", "tune"),
        ("content.watchedword", "visibility"),
        ("content.knowndomain", "link"),
        ("content.cannedreason", "reply"),
        ("content.feedback", "feedback"),
        ("content.suggestion", "lightbulb"),
        ("content.change", "task_alt"),
        ("content.feedbackarea", "category"),
        ("content.feedbacksubject", "sell"),
        ("content.feedbackreply", "reply"),
        ("content.survey", "ballot"),
        ("content.theme", "lightbulb"),
        ("content.themeweek", "date_range"),
        ("content.event", "event"),
        ("content.eventseries", "event_repeat"),
        ("content.registration", "how_to_reg"),
        ("content.eventreminder", "alarm"),
        ("content.eventoutcome", "fact_check"),
        ("content.eventrating", "star"),
        ("content.caseproposal", "present_to_all"),
        ("content.liveroom", "live_tv"),
        ("content.livemessage", "chat"),
        ("content.livequestion", "contact_support"),
        ("content.livepoll", "bar_chart"),
        ("content.livemute", "volume_off"),
        ("content.consultation", "support_agent"),
        ("content.appointment", "schedule"),
        ("content.challenge", "local_fire_department"),
        ("content.challengemember", "directions_run"),
        ("content.challengeticket", "confirmation_number"),
        ("content.goodexample", "thumb_up"),
        ("content.greeting", "waving_hand"),
        ("taggit.tag", "label"),
        ("content.searchsynonyms", "search"),
    ],
    "Money": [
        ("analytics.revenue", "trending_up"),
        ("accounts.offer", "sell"),
        ("accounts.bundle", "inventory_2"),
        ("accounts.order", "shopping_cart"),
        ("accounts.subscription", "autorenew"),
        ("accounts.refundrequest", "contact_support"),
        ("accounts.payment", "payments"),
        ("accounts.refund", "undo"),
        ("accounts.dispute", "gavel"),
        ("accounts.difference", "difference"),
        ("accounts.notice", "mark_email_read"),
        ("accounts.receipt", "receipt_long"),
        ("accounts.gift", "redeem"),
        ("accounts.entitlement", "key"),
        ("accounts.shareagreement", "handshake"),
        ("accounts.creatoraccount", "account_balance_wallet"),
        ("accounts.payout", "outbox"),
        ("accounts.concentration", "pie_chart"),
        ("accounts.ledgeraccount", "account_balance"),
        ("accounts.transfer", "sync_alt"),
    ],
    "Incentives": [
        ("incentives.pointrule", "rule"),
        ("incentives.award", "military_tech"),
        ("incentives.grant", "stars"),
        ("incentives.suspicion", "policy"),
        ("incentives.budget", "savings"),
        ("incentives.bounty", "redeem"),
        ("incentives.ladder", "stairs"),
        ("incentives.standing", "social_leaderboard"),
        ("incentives.levelchange", "trending_up"),
        ("incentives.badge", "workspace_premium"),
        ("incentives.badgeholder", "award_star"),
        ("incentives.reward", "storefront"),
        ("incentives.redemption", "local_shipping"),
        ("incentives.coupon", "sell"),
        ("incentives.couponuse", "receipt_long"),
        ("incentives.couponcode", "confirmation_number"),
        ("incentives.pointsterms", "currency_exchange"),
        ("incentives.pointspaid", "toll"),
        ("incentives.campaign", "campaign"),
        ("incentives.holdout", "science"),
        ("accounts.journalentry", "menu_book"),
    ],
    "Understanding": [
        ("analytics.catalogue", "balance"),
        ("analytics.coverage", "travel_explore"),
        ("analytics.events", "event_available"),
        ("content.feedbackreport", "feedback"),
        ("content.surveyreport", "sentiment_satisfied"),
        ("analytics.modelrun", "model_training"),
        ("analytics.activityscore", "monitoring"),
        ("analytics.effectrun", "compare_arrows"),
        ("analytics.trial", "science"),
        ("analytics.triagerun", "rule_settings"),
        ("recommend.recommendrun", "recommend"),
        ("accounts.activity", "history"),
    ],
    "House": [
        ("accounts.community", "home"),
        ("accounts.auditrecord", "link"),
        ("accounts.policyversion", "policy"),
        ("accounts.mail", "outgoing_mail"),
        ("accounts.robot", "smart_toy"),
        ("accounts.robotmessage", "forward_to_inbox"),
        ("accounts.erasure", "person_remove"),
        ("accounts.retentionrule", "auto_delete"),
        ("community.steprun", "nightlight"),
        ("community.backup", "backup"),
    ],
}


def titles():
    """The names of the groups in the reader's language."""
    return {
        "People": _("People"),
        "Content": _("Content"),
        "Money": _("Money"),
        "Incentives": _("Incentives"),
        "Understanding": _("Understanding"),
        "House": _("House"),
    }


def site_title(request):
    return community.current().name


def stylesheet(request):
    return static("css/admin.css")


def favicon(request):
    return static("img/seal.svg")


def navigation(request):
    registered = {model._meta.label_lower: model for model in admin.site._registry}
    today = {"title": _("Today"), "icon": "today", "link": reverse_lazy("admin:index")}
    groups = [{"items": [today]}]
    for name, title in titles().items():
        items = [
            _link(registered[label]._meta, icon)
            for label, icon in GROUPS[name]
            if label in registered and _may_view(request, registered[label])
        ]
        if items:
            groups.append({"title": title, "items": items, "separator": True})
    return groups


def _may_view(request, model):
    return admin.site._registry[model].has_view_permission(request)


def _link(meta, icon):
    link = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    title = str(meta.verbose_name_plural)
    return {"title": title[:1].upper() + title[1:], "icon": icon, "link": link}
