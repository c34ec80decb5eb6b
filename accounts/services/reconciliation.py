"""The daily comparison of our books with the gateways'."""

import datetime as dt
import logging

from django.utils import timezone

from accounts import gateways
from accounts.errors import GatewayDown
from accounts.gateways.base import Outcome, Said
from accounts.models import Difference, Dispute, Payment, Refund
from accounts.services import differences, payments
from community.lib.money import shown

logger = logging.getLogger(__name__)

LOOK_BACK = dt.timedelta(days=7)
# So long after it was made a refund may still fail at the buyer's bank.
REFUNDS_MAY_FAIL = dt.timedelta(days=35)
GIVE_IT_TIME = dt.timedelta(hours=2)


def reconcile(now: dt.datetime | None = None) -> dict[str, int]:
    """Ask the gateways about payments that may have moved, and list where we disagree.

    What can be mended from their answer is mended by settling.
    """
    asked = Payment.objects.filter(pk__in=_may_have_moved(now or timezone.now()))
    answered = [_ask(payment) for payment in asked.select_related("order").iterator()]
    return {
        "asked": answered.count(True),
        "silent": answered.count(False),
        "differences": Difference.objects.filter(resolved_at=None).count(),
    }


def _may_have_moved(now: dt.datetime) -> set[int]:
    """The last days' payments, and older ones that money still goes back from."""
    recent = Payment.objects.filter(
        created_at__gt=now - LOOK_BACK, created_at__lt=now - GIVE_IT_TIME
    ).exclude(state=Payment.State.DECLINED)
    given_back = Refund.objects.filter(created_at__gt=now - REFUNDS_MAY_FAIL)
    disputed = Dispute.objects.filter(state=Dispute.State.OPEN)
    return {
        *recent.values_list("pk", flat=True),
        *given_back.values_list("payment", flat=True),
        *disputed.values_list("payment", flat=True),
    }


def _ask(payment: Payment) -> bool:
    """Whether the gateway answered; one that does not holds up no other."""
    try:
        said = gateways.by_name(payment.gateway).ask(payment)
        _compare(payments.settle(payment, said), said)
    except (GatewayDown, KeyError):
        return False
    except Exception:  # of a gateway's library, or of what it said
        logger.exception("%s could not be compared", payment)
        return False
    return True


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
