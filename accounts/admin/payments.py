from django.contrib import admin, messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.forms.desk import NoteForm, TransferForm
from accounts.models import Difference, Dispute, Notice, Payment, Refund
from accounts.services import differences, payments, refunds
from community.lib.admin import ReadOnlyAdmin, ask_first


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

    @action(
        description=_("The money has come"),
        url_path="confirm",
        permissions=["confirm"],
    )
    def confirm_payment(self, request, object_id):
        payment = self.get_object(request, object_id)
        form = TransferForm(
            request.POST or None, amount=payment.amount, currency=payment.currency
        )
        return ask_first(
            request,
            admin=self,
            row=payment,
            form=form,
            title=_("The money has come"),
            act=lambda data: payments.confirm_transfer(
                payment=payment, by=request.user, **data
            ),
        )

    def has_confirm_permission(self, request, object_id=None):
        """Only of bank transfers: of the others the gateway tells us."""
        if not request.user.has_perm("accounts.change_payment"):
            return False
        waiting = Payment.objects.filter(gateway="bank").exclude(
            state__in=[Payment.State.SUCCEEDED, Payment.State.RETURNED]
        )
        return object_id is None or waiting.filter(pk=object_id).exists()


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["reference", "amount", "state", "reason", "problem", "created_at"]
    list_filter = ["state"]
    search_fields = ["reference", "payment__order__number"]
    actions_detail = ["refund_done"]

    @action(
        description=_("Given back by hand"), url_path="done", permissions=["settle"]
    )
    def refund_done(self, request, object_id):
        refund = self.get_object(request, object_id)
        return ask_first(
            request,
            admin=self,
            row=refund,
            form=NoteForm(request.POST or None),
            title=_("Given back by hand"),
            act=lambda data: refunds.mark_done(refund=refund, note=data["note"]),
        )

    def has_settle_permission(self, request, object_id=None):
        if not request.user.has_perm("accounts.change_refund"):
            return False
        asked = Refund.objects.filter(state=Refund.State.ASKED)
        return object_id is None or asked.filter(pk=object_id).exists()


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

    @action(description=_("Resolved"), url_path="resolve", permissions=["resolve"])
    def resolve_difference(self, request, object_id):
        difference = self.get_object(request, object_id)
        return ask_first(
            request,
            admin=self,
            row=difference,
            form=NoteForm(request.POST or None),
            title=_("Resolved"),
            act=lambda data: differences.resolve(
                difference=difference, by=request.user, **data
            ),
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
        payments.handle(self.get_object(request, object_id))
        messages.success(request, _("Done."))
        return redirect(reverse("admin:accounts_notice_change", args=[object_id]))

    def has_handle_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_notice")
