"""The daily comparison of our books with the gateways'."""

import datetime as dt

from django.utils import timezone

from accounts import gateways
from accounts.errors import GatewayDown
from accounts.gateways.base import Outcome, Said
from accounts.models import Difference, Payment, Refund
from accounts.services import differences, payments
from community.lib.money import shown

LOOK_BACK = dt.timedelta(days=7)
GIVE_IT_TIME = dt.timedelta(hours=2)


def reconcile(now: dt.datetime | None = None) -> dict[str, int]:
    """Ask the gateways about the last days' payments and list where we disagree.

    What can be mended from their answer is mended by settling.
    """
    now = now or timezone.now()
    counts = {"asked": 0, "silent": 0}
    recent = Payment.objects.filter(
        created_at__gt=now - LOOK_BACK, created_at__lt=now - GIVE_IT_TIME
    ).exclude(state=Payment.State.DECLINED)
    for payment in recent.select_related("order").iterator():
        try:
            said = gateways.by_name(payment.gateway).ask(payment)
        except (GatewayDown, KeyError):
            counts["silent"] += 1
            continue
        counts["asked"] += 1
        _compare(payments.settle(payment, said), said)
    counts["differences"] = Difference.objects.filter(resolved_at=None).count()
    return counts


def _compare(payment: Payment, said: Said) -> None:
    if not payment.is_ours:
        return
    if said.outcome is not Outcome.SUCCEEDED:
        differences.found(
            Difference.Kind.STATE,
            payment,
            ours=payment.state,
            theirs=said.outcome.value,
        )
    if said.refunded < _sent_back(payment):
        differences.found(
            Difference.Kind.REFUND,
            payment,
            ours=shown(payment.refunded, payment.currency),
            theirs=shown(said.refunded, payment.currency),
        )


def _sent_back(payment: Payment) -> int:
    done = payment.refunds.filter(
        state=Refund.State.DONE, done_at__lt=timezone.now() - GIVE_IT_TIME
    )
    return sum(done.values_list("amount", flat=True))
