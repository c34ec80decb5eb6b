from decimal import Decimal, InvalidOperation
from operator import attrgetter

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.decisions import decided_by
from accounts.errors import NotNow
from accounts.forms.desk import NoteForm, TransferForm
from accounts.models import Difference, Dispute, Notice, Payment, Refund
from accounts.services import differences, payments, refunds, transfers
from community.lib.admin import (
    ReadOnlyAdmin,
    ask_first,
    ask_first_of_rows,
    row_or_404,
)
from community.lib.money import shown, to_minor

NOT_AWAITED = _("This payment waits for no transfer.")

NOT_WANTED = _(
    "The order was paid already, or cannot be fulfilled any more: the money goes back."
)

BUYS_NOTHING = _("The order cannot be fulfilled any more: send the money back.")

HOW_TAKEN = _(
    "The order counts as paid. What is missing is booked as the bank's fee; what is too"
    " much you send back by hand."
)

HOW_SENT = _("The order waits on for the right amount, and the member is told.")

ANOTHER_AMOUNT = _("Another amount has come than was asked for. The order waits on.")


def _is_awaited(payment):
    """Only bank transfers: of the others the gateway tells us."""
    return payment.gateway == "bank" and not payment.is_ours


def _check_is_awaited(payment):
    if not _is_awaited(payment):
        raise ValidationError(NOT_AWAITED)


def _sum(row):
    return shown(row.amount, row.currency)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = [
        *("reference", "gateway", "order", "amount"),
        *("state", "refunded", "created_at"),
    ]
    money = ["amount", "fee", "refunded"]
    list_filter = ["state", "gateway", "created_at"]
    list_select_related = ["order"]
    search_fields = [
        *("reference", "gateway_reference", "order__number", "order__title"),
        *("order__member__name", "order__member__username", "order__member__email"),
    ]
    date_hierarchy = "created_at"
    actions = ["confirm_payments"]
    actions_detail = ["confirm_payment"]
    acts_on = {"confirm_payment": _is_awaited}

    def get_search_results(self, request, queryset, search_term):
        """Also by the amount: that and a name is what a bank's statement has."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        try:
            amount = Decimal(search_term)
        except InvalidOperation:
            return found, may_repeat
        currencies = queryset.order_by("currency").values_list("currency", flat=True)
        for currency in currencies.distinct():
            minor = to_minor(amount, currency)
            found |= queryset.filter(currency=currency, amount=minor)
        return found, may_repeat

    @admin.action(description=_("The money has come"), permissions=["confirm"])
    def confirm_payments(self, request, queryset):
        """Of as many transfers, each with the amount that was asked for."""
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("order__member"),
            form_class=Form,
            title=_("The money has come"),
            act=lambda payment, _nothing: self._confirm_whole(request, payment),
            say=lambda it: f"{it} · {_sum(it)} · {it.order.member}",
        )

    def _confirm_whole(self, request, payment):
        _check_is_awaited(payment)
        settled = payments.confirm_transfer(
            payment=payment, amount=payment.amount, by=request.user
        )
        return None if settled.state == Payment.State.SUCCEEDED else NOT_WANTED

    @action(
        description=_("The money has come"),
        url_path="confirm",
        permissions=["confirm"],
    )
    def confirm_payment(self, request, object_id):
        payment = row_or_404(self, request, object_id)
        form = TransferForm(
            request.POST or None, amount=payment.amount, currency=payment.currency
        )
        return ask_first(
            request,
            admin=self,
            row=payment,
            form=form,
            title=_("The money has come"),
            act=lambda data: self._confirm(request, payment, data["amount"]),
        )

    def _confirm(self, request, payment, amount):
        _check_is_awaited(payment)
        settled = payments.confirm_transfer(
            payment=payment, amount=amount, by=request.user
        )
        if settled.state == Payment.State.SUCCEEDED:
            return None
        if settled.is_ours:
            messages.warning(request, NOT_WANTED)
            return redirect("admin:accounts_refund_changelist")
        difference = settled.differences.get(resolved_at=None)
        messages.warning(request, ANOTHER_AMOUNT)
        return redirect("admin:accounts_difference_change", difference.pk)

    def has_confirm_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_payment")


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["reference", "amount", "stands", "reason", "problem", "created_at"]
    money = ["amount"]
    currency_of = attrgetter("payment.currency")
    list_filter = ["state"]
    list_select_related = ["payment"]
    search_fields = ["reference", "payment__order__number"]
    actions_detail = ["refund_done"]
    acts_on = {"refund_done": lambda refund: refund.state == Refund.State.ASKED}

    @admin.display(description=_("state"), ordering="state")
    def stands(self, refund):
        """What nobody but an operator sends is not on its way yet."""
        if refund.state == Refund.State.ASKED and refund.payment.gateway == "bank":
            return _("To be transferred by hand")
        return refund.get_state_display()

    @action(
        description=_("Given back by hand"), url_path="done", permissions=["settle"]
    )
    def refund_done(self, request, object_id):
        refund = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=refund,
            form=NoteForm(request.POST or None),
            title=_("Given back by hand"),
            act=decided_by(refunds.settle_by_hand, request.user, refund=refund),
        )

    def has_settle_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_refund")


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = [
        *("order", "member", "amount", "state", "opened_at", "closed_at"),
    ]
    fields = readonly_fields = [
        *("order", "member", "payment", "amount", "state", "opened_at", "closed_at"),
    ]
    search_fields = ["payment__reference", "payment__order__number"]
    money = ["amount"]
    currency_of = attrgetter("payment.currency")
    list_filter = ["state"]
    list_select_related = ["payment__order__member"]

    @admin.display(description=_("order"), ordering="payment__order")
    def order(self, dispute):
        order = dispute.payment.order
        url = reverse("admin:accounts_order_change", args=[order.pk])
        return format_html('<a href="{}">{}</a>', url, order)

    @admin.display(description=_("member"), ordering="payment__order__member")
    def member(self, dispute):
        return dispute.payment.order.member


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    list_display = [
        *("kind", "gateway", "reference", "ours", "theirs"),
        *("found_at", "resolved_at"),
    ]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter), "kind", "gateway"]
    exclude = ["came"]
    actions_detail = ["accept_transfer", "send_back", "resolve_difference"]
    acts_on = {
        "accept_transfer": transfers.is_undecided,
        "send_back": transfers.is_undecided,
        "resolve_difference": lambda it: it.resolved_at is None,
    }

    @action(
        description=_("Take it as the price"),
        url_path="accept",
        permissions=["resolve"],
    )
    def accept_transfer(self, request, object_id):
        return self._decide(
            request, object_id, transfers.accept, _("Take it as the price"), HOW_TAKEN
        )

    @action(
        description=_("Sent back by hand"),
        url_path="send-back",
        permissions=["resolve"],
    )
    def send_back(self, request, object_id):
        return self._decide(
            request, object_id, transfers.send_back, _("Sent back by hand"), HOW_SENT
        )

    @action(description=_("Resolved"), url_path="resolve", permissions=["resolve"])
    def resolve_difference(self, request, object_id):
        return self._decide(request, object_id, differences.resolve, _("Resolved"))

    def _decide(self, request, object_id, service, title, note=""):
        difference = row_or_404(self, request, object_id)
        decide = decided_by(service, request.user, difference=difference)

        def act(data):
            try:
                decide(data)
            except NotNow as error:
                raise ValidationError(BUYS_NOTHING) from error

        return ask_first(
            request,
            admin=self,
            row=difference,
            form=NoteForm(request.POST or None),
            title=title,
            note=note,
            act=act,
        )

    def has_resolve_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_difference")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["gateway", "notice_id", "payment", "received_at", "handled_at"]
    list_filter = ["gateway", ("handled_at", admin.EmptyFieldListFilter)]
    list_select_related = ["payment"]
    search_fields = ["notice_id", "payment__reference"]
    actions_detail = ["handle_notice"]

    @action(description=_("Handle it again"), url_path="handle", permissions=["handle"])
    def handle_notice(self, request, object_id):
        """Harmless: what it says is compared with our books once more."""
        notice = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=notice,
            form=Form(request.POST or None),
            title=_("Handle it again"),
            act=lambda _nothing: payments.handle(notice),
        )

    def has_handle_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_notice")
