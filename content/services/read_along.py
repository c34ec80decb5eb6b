"""Others read an answered question for a tenth of its price.

What they pay is shared as is stated beside the price: a part for who asked, a larger
one for who answered, the rest for the house. It is paid in what the question was paid
in. Money becomes money that the house owes to both, as with every creator, and points
become points: neither is ever turned into the other, as that would make the points
something one buys.
"""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed
from accounts.models import Offer, Order, User
from accounts.models.shares import WHOLE
from accounts.services import audit, entitlements, held, own_limits, shares
from accounts.services.ledger import POINTS
from accounts.services.members import hold_members
from content.errors import NotTaken
from content.models import PaidQuestion, ReadAlong

PART_OF_PRICE = 10  # a tenth
ASKERS, EXPERTS = 300, 500  # ‰


def price_to_read(price: int) -> int:
    return max(1, price // PART_OF_PRICE)


def open_for_reading(question: PaidQuestion) -> None:
    """From now on others can buy the answer; points need no offer."""
    if question.order is None or question.reading is not None:
        return
    offer = Offer.objects.create(
        slug=f"reading-{question.pk}",
        what=question.key_to_read,
        # Not its own words: what is sold stays in the books when they are erased.
        title=_("Answer by %(expert)s") % {"expert": question.expert},
        price=price_to_read(question.order.amount),
        currency=question.order.currency,
    )
    shares.promise(offer, question.asker, ASKERS)
    shares.promise(offer, question.expert, EXPERTS)
    question.reading = offer
    question.save(update_fields=["reading"])


def is_wanted(order: Order) -> bool:
    """Whether money that has come still opens something."""
    offered = PaidQuestion.objects.filter(reading=order.offer_id, is_open=True)
    return offered.exists()


def may_read(question: PaidQuestion, reader: User) -> bool:
    """Whether this reader, who neither asked nor answered, has paid for it."""
    if entitlements.holds(reader, question.key_to_read):
        return True
    return question.read_along.filter(member=reader, refunded_at=None).exists()


def points_to_read(question: PaidQuestion) -> int | None:
    paid = question.paid_points
    return price_to_read(paid) if paid else None


@transaction.atomic
def read_for_points(*, question: PaidQuestion, reader: User) -> None:
    """Paying twice is paying once. Raises NotEnough, NotTaken where it is not open to
    be read for points, and what the reader's own limits raise."""
    hold_members(reader.pk)
    question = PaidQuestion.objects.select_related("asker", "expert").get(
        pk=question.pk
    )
    points = points_to_read(question)
    if points is None or not (question.is_open and question.is_answered):
        raise NotTaken
    made, is_new = ReadAlong.objects.get_or_create(
        question=question,
        member=reader,
        refunded_at=None,
        defaults={"points": points},
    )
    if not is_new:
        return
    own_limits.check(member=reader, unit=POINTS, amount=points)
    held.share_points(
        key=f"reading:{made.pk}",
        member=reader,
        points=points,
        parts=_parts(question, points),
        source=question,
    )


def _parts(question: PaidQuestion, points: int) -> list[tuple[User, int]]:
    return [
        (question.asker, points * ASKERS // WHOLE),
        (question.expert, points * EXPERTS // WHOLE),
    ]


@transaction.atomic
def refund_points(*, reading: ReadAlong, by: User, reason: str) -> bool:
    """All points go back, and it is read no more; whether there was anything to give
    back. Raises NotAllowed to who paid them."""
    if reading.member_id == by.pk:
        raise NotAllowed
    question = reading.question
    hold_members(reading.member_id, question.asker_id, question.expert_id)
    reading = ReadAlong.objects.select_for_update(of=("self",)).get(pk=reading.pk)
    if reading.refunded_at:
        return False
    held.unshare_points(
        key=f"reading:{reading.pk}:back",
        member=reading.member,
        points=reading.points,
        parts=_parts(question, reading.points),
        source=question,
    )
    reading.refunded_at = timezone.now()
    reading.save(update_fields=["refunded_at"])
    audit.record(
        act="paid points of a reader back",
        actor=by,
        target=question,
        of=reading.member_id,
        points=reading.points,
        reason=reason,
    )
    return True


def close_all_of(member: User) -> None:
    """Their words go, so that there is nothing left to read along."""
    theirs = PaidQuestion.objects.filter(Q(asker=member) | Q(expert=member))
    Offer.objects.filter(pk__in=theirs.values("reading")).update(is_active=False)
    theirs.update(is_open=False)


def open_questions() -> list[PaidQuestion]:
    """What was answered and may be read along, the latest first."""
    found = PaidQuestion.objects.filter(is_open=True, state=PaidQuestion.State.ANSWERED)
    found = found.select_related("expert", "reading")
    return list(found.order_by("-ended_at")[:100])
