from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.admin.decisions import ReasonForm, decided_by
from accounts.errors import TooMuch
from accounts.forms.desk import PayoutForm
from accounts.models import CreatorAccount, Payout, ShareAgreement
from accounts.services import books, shares
from community.lib.admin import ReadOnlyAdmin, TellsChanges, ask_first, row_or_404
from community.lib.dates import site_time
from community.lib.money import shown


@admin.register(ShareAgreement)
class ShareAgreementAdmin(TellsChanges, ModelAdmin):
    """Ended by a date and agreed anew: what was earned by it is not rewritten."""

    untold = ["note"]
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
    list_display = ["creator", "amount", "paid_at", "note", "by", "undone_at"]
    money = ["amount"]
    actions_detail = ["undo"]
    acts_on = {"undo": lambda payout: payout.undone_at is None}
    list_select_related = ["creator", "by"]
    search_fields = ["creator__name", "creator__username", "note"]
    date_hierarchy = "paid_at"

    @action(description=_("Undo"), url_path="undo", permissions=["undo"])
    def undo(self, request, object_id):
        """Of one that was mistyped: what it took is owed again."""
        payout = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=payout,
            form=ReasonForm(request.POST or None),
            title=_("Undo"),
            facts=[
                (_("creator"), payout.creator),
                (_("amount"), shown(payout.amount, payout.currency)),
                (_("note"), payout.note),
            ],
            act=decided_by(shares.undo_payout, request.user, payout=payout),
        )

    def has_undo_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.add_payout")


@admin.register(CreatorAccount)
class CreatorAccountAdmin(ReadOnlyAdmin):
    list_display = ["member", "owed"]
    fields = readonly_fields = [
        *("member", "owed", "agreements", "statement", "payouts"),
    ]
    list_select_related = ["member"]
    search_fields = ["member__name", "member__username"]
    actions_detail = ["pay_out"]
    acts_on = {"pay_out": lambda account: account.balance < 0}

    def get_queryset(self, request):
        return super().get_queryset(request).filter(kind=books.PAYABLE)

    @admin.display(description=_("owed"), ordering="-balance")
    def owed(self, account):
        owed = shown(-account.balance, account.unit)
        if account.balance <= 0:
            return owed
        return _("%(sum)s: a refund came after the payout") % {"sum": owed}

    @admin.display(description=_("share agreements"))
    def agreements(self, account):
        rows = account.member.share_agreements.select_related("offer")
        lines = [
            (
                reverse("admin:accounts_shareagreement_change", args=[it.pk]),
                f"{it.per_mille / 10:g} %",
                it.offer or _("everything whose creator they are"),
                f"{it.starts_on} – {it.ends_on or ''}",
            )
            for it in rows
        ]
        page = '<p><a href="{}">{}</a> {} · {}</p>'
        return format_html_join("", page, lines) or "–"

    @admin.display(description=_("by month"))
    def statement(self, account):
        lines = [
            (
                f"{it.month:%Y-%m}",
                *(_("earned"), shown(it.earned, it.currency)),
                *(_("taken back"), shown(it.taken_back, it.currency)),
                *(_("paid out"), shown(it.paid_out, it.currency)),
            )
            for it in shares.statement(account.member)
            if it.currency == account.unit
        ]
        return format_html_join("", "<p>{}: {} {}, {} {}, {} {}</p>", lines) or "–"

    @admin.display(description=_("payouts"))
    def payouts(self, account):
        lines = [
            (
                reverse("admin:accounts_payout_change", args=[it.pk]),
                shown(it.amount, it.currency),
                f"{site_time(it.paid_at):%Y-%m-%d}",
                it.note,
            )
            for it in shares.payouts_to(account.member)
            if it.currency == account.unit
        ]
        page = '<p><a href="{}">{}</a> {} {}</p>'
        return format_html_join("", page, lines) or "–"

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
