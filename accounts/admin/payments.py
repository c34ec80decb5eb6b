from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.decisions import decided_by
from accounts.forms.desk import NoteForm, TransferForm
from accounts.models import Difference, Dispute, Notice, Payment, Refund
from accounts.services import differences, payments, refunds
from community.lib.admin import ReadOnlyAdmin, ask_first, row_or_404

NOT_AWAITED = _("This payment waits for no transfer.")

NOT_WANTED = _(
    "The order was paid already, or cannot be fulfilled any more: the money goes back."
)

ANOTHER_AMOUNT = _("Another amount has come than was asked for. The order waits on.")


def _is_awaited(payment):
    """Only bank transfers: of the others the gateway tells us."""
    return payment.gateway == "bank" and not payment.is_ours


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = [
        *("reference", "gateway", "order", "amount", "currency"),
        *("state", "refunded", "created_at"),
    ]
    list_filter = ["state", "gateway", "created_at"]
    list_select_related = ["order"]
    search_fields = ["reference", "gateway_reference", "order__number"]
    date_hierarchy = "created_at"
    actions_detail = ["confirm_payment"]
    acts_on = {"confirm_payment": _is_awaited}

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
        if not _is_awaited(payment):
            raise ValidationError(NOT_AWAITED)
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
    list_display = ["reference", "amount", "state", "reason", "problem", "created_at"]
    list_filter = ["state"]
    search_fields = ["reference", "payment__order__number"]
    actions_detail = ["refund_done"]
    acts_on = {"refund_done": lambda refund: refund.state == Refund.State.ASKED}

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
    list_display = ["payment", "amount", "state", "opened_at", "closed_at"]
    list_filter = ["state"]
    list_select_related = ["payment"]


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    list_display = [
        *("kind", "gateway", "reference", "ours", "theirs"),
        *("found_at", "resolved_at"),
    ]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter), "kind", "gateway"]
    actions_detail = ["resolve_difference"]
    acts_on = {"resolve_difference": lambda it: it.resolved_at is None}

    @action(description=_("Resolved"), url_path="resolve", permissions=["resolve"])
    def resolve_difference(self, request, object_id):
        difference = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=difference,
            form=NoteForm(request.POST or None),
            title=_("Resolved"),
            act=decided_by(differences.resolve, request.user, difference=difference),
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
        payments.handle(row_or_404(self, request, object_id))
        messages.success(request, _("Done."))
        return redirect(reverse("admin:accounts_notice_change", args=[object_id]))

    def has_handle_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_notice")
