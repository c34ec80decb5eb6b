from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.errors import TooMuch
from accounts.forms.desk import PayoutForm
from accounts.models import CreatorAccount, Payout, ShareAgreement
from accounts.services import books, shares
from community.lib.admin import ReadOnlyAdmin, ask_first, row_or_404
from community.lib.money import shown


@admin.register(ShareAgreement)
class ShareAgreementAdmin(ModelAdmin):
    """Ended by a date and agreed anew: what was earned by it is not rewritten."""

    list_display = ["creator", "offer", "per_mille", "starts_on", "ends_on"]
    list_select_related = ["creator", "offer"]
    search_fields = ["creator__name", "creator__username"]
    autocomplete_fields = ["creator", "offer"]

    def get_readonly_fields(self, request, obj=None):
        return ["creator", "offer", "per_mille", "starts_on"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ["creator", "amount", "paid_at", "note", "by"]
    money = ["amount"]
    list_select_related = ["creator", "by"]
    search_fields = ["creator__name", "creator__username", "note"]
    date_hierarchy = "paid_at"


@admin.register(CreatorAccount)
class CreatorAccountAdmin(ReadOnlyAdmin):
    list_display = fields = readonly_fields = ["member", "owed"]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]
    actions_detail = ["pay_out"]
    acts_on = {"pay_out": lambda account: account.balance < 0}

    def get_queryset(self, request):
        return super().get_queryset(request).filter(kind=books.PAYABLE)

    @admin.display(description=_("owed"), ordering="-balance")
    def owed(self, account):
        """Less than nothing: a refund came after the payout."""
        return shown(-account.balance, account.unit)

    @action(description=_("Paid out"), url_path="pay-out", permissions=["pay_out"])
    def pay_out(self, request, object_id):
        account = row_or_404(self, request, object_id)
        if account.balance >= 0:
            messages.info(request, _("Nothing is owed."))
            return redirect("admin:accounts_creatoraccount_changelist")

        def act(data):
            try:
                shares.pay_out(
                    creator=account.member,
                    currency=account.unit,
                    by=request.user,
                    **data,
                )
            except TooMuch as error:
                raise ValidationError(_("That is more than is owed.")) from error

        form = PayoutForm(
            request.POST or None, owed=-account.balance, currency=account.unit
        )
        return ask_first(
            request, admin=self, row=account, form=form, title=_("Paid out"), act=act
        )

    def has_pay_out_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.add_payout")
