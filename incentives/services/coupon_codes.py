"""Codes: made by the thousand, taken in from a partner, handed out one by one."""

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.errors import ReductionGone
from accounts.models import User
from accounts.services import audit
from community.lib.codes import new_code
from community.lib.dates import site_time
from incentives.errors import NoCodeLeft, TooManyCodes
from incentives.models import Coupon, CouponCode, CouponListed
from incentives.models.coupons import STANDING
from incentives.services import coupon_rules, coupons

MOST_AT_ONCE = 10_000
LETTERS = 12  # 60 bits: not guessable


def _fresh() -> str:
    return coupon_rules.tidy(new_code(LETTERS))


@transaction.atomic
def make(*, coupon: Coupon, number: int, by: User) -> list[CouponCode]:
    """So many new codes that count once each. Raises TooManyCodes."""
    if not 0 < number <= MOST_AT_ONCE:
        raise TooManyCodes
    codes = {_fresh() for _ in range(number)}
    made = CouponCode.objects.bulk_create(
        (CouponCode(coupon=coupon, code=code) for code in sorted(codes)),
        batch_size=1000,
    )
    _note("made coupon codes", coupon, by, len(made))
    return made


@transaction.atomic
def name_shared(*, coupon: Coupon, code: str) -> CouponCode:
    """The one code of a coupon that all share, in place of one that nobody has used."""
    code = coupon_rules.tidy(code)
    if there := coupon.all_codes.filter(code=code).first():
        return there
    coupon.all_codes.filter(uses=None).delete()
    return CouponCode.objects.create(coupon=coupon, code=code)


@transaction.atomic
def take_in(*, coupon: Coupon, codes: Iterable[str], by: User) -> int:
    """A partner's codes, as they write them; how many are new. Raises TooManyCodes."""
    lines = {code.strip()[:60] for code in codes} - {""}
    if len(lines) > MOST_AT_ONCE:
        raise TooManyCodes
    before = coupon.all_codes.count()
    CouponCode.objects.bulk_create(
        (CouponCode(coupon=coupon, code=code, is_partners=True) for code in lines),
        batch_size=1000,
        ignore_conflicts=True,
    )
    new = coupon.all_codes.count() - before
    _note("took in a partner's codes", coupon, by, new)
    return new


@transaction.atomic
def hand_out(*, coupon: Coupon, member: User) -> CouponCode:
    """The member's code of a partner; the same one however often they ask.

    Raises NoCodeLeft, ReductionGone.
    """
    coupons.lock(member, [])
    if theirs := coupon.all_codes.filter(member=member).first():
        return theirs
    if refusal := coupon_rules.why_not_now(coupon, member):
        raise ReductionGone(refusal)
    free = coupon.all_codes.select_for_update(skip_locked=True).filter(member=None)
    code = free.order_by("pk").first()
    if code is None:
        raise NoCodeLeft
    code.member, code.handed_at = member, timezone.now()
    code.save(update_fields=["member", "handed_at"])
    return code


@transaction.atomic
def give(*, coupon: Coupon, member: User, key: str) -> CouponCode:
    """A new code for this member alone, such as for points or as a reward; with the
    same `key` it is given once."""
    code, _is_new = CouponCode.objects.get_or_create(
        handed_for=key,
        defaults={
            "coupon": coupon,
            "code": _fresh(),
            "member": member,
            "handed_at": timezone.now(),
        },
    )
    return code


def list_numbers(coupon: Coupon, members: Iterable[int]) -> None:
    """Put these members, by number, on the coupon's list, each once."""
    CouponListed.objects.bulk_create(
        (CouponListed(coupon=coupon, member_id=number) for number in members),
        ignore_conflicts=True,
    )


@transaction.atomic
def list_members(
    *, coupon: Coupon, names: Iterable[str], by: User
) -> tuple[int, list[str]]:
    """Put members on the coupon's list, by handle or e-mail address: how many are new
    on it, and what names nobody."""
    asked = {name.strip().lstrip("@").lower() for name in names} - {""}
    known = dict(_known(asked))
    before = coupon.listed.count()
    list_numbers(coupon, set(known.values()))
    new = coupon.listed.count() - before
    _note("listed members for a coupon", coupon, by, new)
    return new, sorted(asked - known.keys())


def _known(asked: set[str]) -> Iterator[tuple[str, int]]:
    members = User.objects.filter(erased_at=None)
    for name in ("username", "email"):
        named = members.annotate(typed=Lower(name)).filter(typed__in=asked)
        yield from named.values_list("typed", "pk")


def lines_of(coupon: Coupon) -> Iterator[tuple[str, ...]]:
    """Each code for the operator's table: who has it, and whether it was used."""
    codes = coupon.all_codes.select_related("member").prefetch_related("uses__order")
    for code in codes.iterator(chunk_size=1000):
        uses = [use for use in code.uses.all() if use.state in STANDING]
        yield (
            code.code,
            f"@{code.member.username}" if code.member else "",
            f"{site_time(code.handed_at):%Y-%m-%d %H:%M}" if code.handed_at else "",
            str(len(uses)),
            " ".join(use.order.number for use in uses if use.order),
        )


def _note(act: str, coupon: Coupon, by: User, number: int) -> None:
    audit.record(act=act, actor=by, target=coupon, number_of=number)
