from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from accounts.admin.journal import Journaled
from accounts.forms.desk import BundleForm, OfferForm, SharesFormSet
from accounts.models import Bundle, Offer, ShareAgreement
from community.lib.admin import ShowsMoney, TellsChanges


class ShareAgreementInline(TabularInline):
    model = ShareAgreement
    formset = SharesFormSet
    extra = 0
    autocomplete_fields = ["creator"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("creator")


@admin.register(Offer)
class OfferAdmin(Journaled, ShowsMoney, ModelAdmin):
    # Words may be mended without a reason.
    journaled = [
        *("price", "currency", "months", "days", "renews", "trial_days"),
        *("grace_days", "save_days", "left", "is_active"),
    ]
    untold = ["note"]
    form = OfferForm
    money = ["price"]
    list_display = [
        *("title", "what", "price", "months", "days"),
        *("renews", "left", "is_active"),
    ]
    list_filter = ["is_active", "renews", "currency"]
    search_fields = ["title", "what"]
    prepopulated_fields = {"slug": ["title"]}
    autocomplete_fields = ["creator"]
    inlines = [ShareAgreementInline]

    def get_readonly_fields(self, request, obj=None):
        """What was sold stays what it was: end the offer, and make another."""
        if obj is None or not obj.orders.exists():
            return []
        return ["what", "months", "days", "renews", "currency"]


@admin.register(Bundle)
class BundleAdmin(TellsChanges, ModelAdmin):
    form = BundleForm
    list_display = ["title", "key", "opens", "position"]
    search_fields = ["title", "key"]
