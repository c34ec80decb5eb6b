from operator import attrgetter

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.decisions import DECIDED
from accounts.errors import AlreadyDecided, Credited, NothingLeft, TooMuch
from accounts.forms.desk import AnswerForm, RefundForm, WholeRefundForm
from accounts.models import (
    Entitlement,
    Gift,
    Order,
    OrderReduction,
    Payment,
    Receipt,
    Refund,
    RefundRequest,
)
from accounts.services import receipts, refund_requests, refunds
from community.lib.admin import (
    InlineReadOnly,
    ReadOnlyAdmin,
    ask_first,
    ask_first_of_rows,
    row_or_404,
)
from community.lib.money import shown
from community.lib.spreadsheets import send_csv

TOO_MUCH = _("That is more than is left of what was paid.")

NOTHING_LEFT = _(
    "Nothing can be given back: it is not paid, has gone back already, or the buyer's"
    " bank disputes the payment."
)

CREDITED = _(
    "What is left of it is part of the price of the plan that came after. Give that"
    " one back first."
)


def _refund(**what):
    try:
        if refunds.refund(**what) is None:
            raise ValidationError(NOTHING_LEFT)
    except TooMuch as error:
        raise ValidationError(TOO_MUCH) from error
    except Credited as error:
        raise ValidationError(CREDITED) from error


def _undo_free(order, by, data):
    if not refunds.undo_free(order=order, by=by, reason=data["reason"]):
        raise ValidationError(NOTHING_LEFT)


def _goes_back(orders):
    """What all of them together cost the community, by currency."""
    left = refunds.left_of(orders)
    sums = [shown(*sum_) for sum_ in left]
    return _("Goes back to the members: %(sums)s") % {"sums": " · ".join(sums)}


# What bookkeeping gets of each receipt, see receipts.lines_of.
HEADER = [
    *(_("number"), _("kind"), _("receipt"), _("date"), _("order"), _("what")),
    *(_("member"), _("amount"), _("currency"), _("paid by"), _("reference"), _("fee")),
]


class ReductionInline(InlineReadOnly):
    """What coupons and points took off."""

    model = OrderReduction
    money = ["amount"]
    currency_of = attrgetter("order.currency")
    fields = readonly_fields = ["kind", "title", "count", "amount"]


class PaymentInline(InlineReadOnly):
    model = Payment
    money = ["amount", "fee", "refunded"]
    fields = readonly_fields = [
        *("gateway", "reference", "amount", "state", "fee", "refunded"),
        *("created_at", "settled_at"),
    ]
    show_change_link = True


class ReceiptInline(InlineReadOnly):
    model = Receipt
    money = ["amount"]
    fields = readonly_fields = ["kind", "amount", "issued_at"]
    show_change_link = True


class EntitlementInline(InlineReadOnly):
    """What the order opened, and for whom."""

    model = Entitlement
    fk_name = "order"
    fields = readonly_fields = ["member", "what", "starts_at", "ends_at", "revoked_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("member")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = [
        *("number", "member", "title", "amount", "kind", "state", "created_at"),
    ]
    money = ["price", "credit", "reduced", "amount"]
    list_filter = ["state", "kind", "created_at"]
    list_select_related = ["member"]
    search_fields = ["number", "member__name", "member__email"]
    date_hierarchy = "created_at"
    inlines = [ReductionInline, PaymentInline, ReceiptInline, EntitlementInline]
    readonly_fields = ["given_back"]
    actions = ["refund_orders"]
    actions_detail = ["refund_order"]
    acts_on = {"refund_order": lambda order: order.state == Order.State.PAID}

    @admin.action(description=_("Refund"), permissions=["refund"])
    def refund_orders(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset,
            form_class=WholeRefundForm,
            title=_("Refund"),
            act=lambda order, data: _refund(order=order, by=request.user, **data),
            note=_goes_back,
        )

    @action(description=_("Refund"), url_path="refund", permissions=["refund"])
    def refund_order(self, request, object_id):
        order = row_or_404(self, request, object_id)
        paid = order.payments.filter(state=Payment.State.SUCCEEDED).first()
        if order.state == Order.State.PAID and refunds.is_reduced_to_nothing(order):
            return self._undo(request, order)
        if order.state != Order.State.PAID or paid is None:
            messages.info(request, NOTHING_LEFT)
            return redirect(reverse("admin:accounts_order_change", args=[object_id]))

        left = paid.amount - paid.refunded
        form = RefundForm(
            request.POST or None,
            left=left,
            currency=order.currency,
        )
        return ask_first(
            request,
            admin=self,
            row=order,
            form=form,
            title=_("Refund"),
            facts=[
                (_("member"), order.member),
                (_("what"), order.title),
                (_("paid"), shown(paid.amount, paid.currency)),
                (_("given back"), shown(paid.refunded, paid.currency)),
                (_("left"), shown(left, paid.currency)),
            ],
            act=lambda data: _refund(order=order, by=request.user, **data),
        )

    def _undo(self, request, order):
        """Of what was paid by coupons and points alone."""
        return ask_first(
            request,
            admin=self,
            row=order,
            form=WholeRefundForm(request.POST or None),
            title=_("Take it back"),
            note=_("No money was paid. Its coupons and points go back to the member."),
            facts=[(_("member"), order.member), (_("what"), order.title)],
            act=lambda data: _undo_free(order, request.user, data),
        )

    @admin.display(description=_("given back"))
    def given_back(self, order):
        """Each time something went back, with how it stands."""
        made = Refund.objects.filter(payment__order=order).select_related("payment")
        lines = [
            (
                reverse("admin:accounts_refund_change", args=[it.pk]),
                shown(it.amount, order.currency),
                f"{it.get_state_display()} {it.reason}",
            )
            for it in made
        ]
        return format_html_join("", '<p><a href="{}">{}</a> {}</p>', lines) or "–"

    def has_refund_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_order")


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin):
    list_display = ["order", "member", "words", "created_at", "answered_at"]
    list_filter = [("answered_at", admin.EmptyFieldListFilter)]
    list_select_related = ["order__member"]
    actions_detail = ["answer_request"]
    acts_on = {"answer_request": lambda asked: asked.answered_at is None}

    @admin.display(description=_("member"))
    def member(self, asked):
        return asked.order.member

    @action(description=_("Answer"), url_path="answer", permissions=["answer"])
    def answer_request(self, request, object_id):
        asked = row_or_404(self, request, object_id)

        def act(data):
            try:
                refund_requests.answer(request=asked, by=request.user, **data)
            except AlreadyDecided as error:
                raise ValidationError(DECIDED) from error
            except NothingLeft as error:
                raise ValidationError(NOTHING_LEFT) from error
            except TooMuch as error:
                raise ValidationError(TOO_MUCH) from error
            except Credited as error:
                raise ValidationError(CREDITED) from error

        order = asked.order
        form = AnswerForm(request.POST or None, currency=order.currency)
        return ask_first(
            request,
            admin=self,
            row=asked,
            form=form,
            title=_("Answer"),
            facts=[
                (_("member"), order.member),
                (_("what"), order.title),
                (_("amount"), shown(order.amount, order.currency)),
                (_("why"), asked.words),
            ],
            act=act,
        )

    def has_answer_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_refundrequest")


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "order", "amount", "issued_at"]
    money = ["amount"]
    list_filter = ["kind", "year"]
    list_select_related = ["order"]
    search_fields = ["order__number"]
    date_hierarchy = "issued_at"
    actions = ["export"]

    @admin.action(description=_("Download as CSV for bookkeeping"))
    def export(self, request, queryset):
        return send_csv("receipts", HEADER, receipts.lines_of(queryset))


@admin.register(Gift)
class GiftAdmin(ReadOnlyAdmin):
    list_display = ["order", "created_at", "redeemed_by", "redeemed_at"]
    list_select_related = ["order", "redeemed_by"]
    search_fields = ["order__number", "code"]
