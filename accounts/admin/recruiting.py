from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.forms.desk import CampaignForm, LinkForm
from accounts.models import Campaign, Channel, Origin, Referral, TrackedLink
from accounts.services import recruiting
from community.lib.admin import ReadOnlyAdmin, ShowsMoney, TellsChanges
from community.templatetags.qr import qr


@admin.register(Channel)
class ChannelAdmin(TellsChanges, ModelAdmin):
    list_display = ["name", "kind"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(Campaign)
class CampaignAdmin(TellsChanges, ShowsMoney, ModelAdmin):
    form = CampaignForm
    money = ["cost"]
    list_display = ["name", "channel", "starts_on", "ends_on", "cost"]
    list_filter = ["channel"]
    list_select_related = ["channel"]
    search_fields = ["name"]


@admin.register(TrackedLink)
class TrackedLinkAdmin(TellsChanges, ModelAdmin):
    form = LinkForm
    list_display = ["address", "channel", "campaign", "path", "note", "ended_at"]
    list_filter = ["channel", "campaign"]
    list_select_related = ["channel", "campaign"]
    search_fields = ["code", "note"]
    readonly_fields = ["address", "code_to_scan", "created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(owner=None)

    @admin.display(description=_("address"))
    def address(self, link):
        if not link.code:
            return "–"
        return settings.SITE_URL + reverse("accounts:link", args=[link.code])

    @admin.display(description=_("QR code"))
    def code_to_scan(self, link):
        return qr(self.address(link)) if link.code else "–"

    def save_model(self, request, obj, form, change):
        if not change:
            obj.code = recruiting.new_code()
        super().save_model(request, obj, form, change)


@admin.register(Origin)
class OriginAdmin(ReadOnlyAdmin):
    list_display = [
        "member",
        "channel",
        "first_link",
        "first_at",
        "last_link",
        "last_at",
    ]
    list_filter = ["channel"]
    list_select_related = ["member", "channel", "first_link", "last_link"]


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    list_display = ["referrer", "member", "at", "stayed_at"]
    list_select_related = ["referrer", "member"]
