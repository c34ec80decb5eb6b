"""Who may see and do what with the things of this app."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from taggit.models import Tag

from accounts.models import (
    Application,
    AuthorApplication,
    Credential,
    Entitlement,
    Expert,
    JoinMode,
    Message,
    Notification,
    Offer,
    Order,
    Payment,
    PersonalReading,
    PolicyVersion,
    Receipt,
    Sanction,
    Seat,
    Space,
    TestCharge,
    User,
)
from accounts.services import sanctions
from accounts.services.authors import OPEN
from accounts.services.news_choices import read_stop_link
from accounts.services.policies import in_force


def get_offer_to_buy(user: User, slug: str) -> Offer:
    """What was made for one buyer is not there for others."""
    theirs = Q(only_for=None) | Q(only_for=user)
    return get_object_or_404(Offer.objects.on_sale().filter(theirs), slug=slug)


def get_order_to_see(user: User, number: str) -> Order:
    """One's own; another's does not exist."""
    orders = Order.objects.select_related("offer")
    return get_object_or_404(orders, number=number, member=user)


def get_payment_to_make(user: User, number: str, pk: int) -> Payment:
    payments = Payment.objects.select_related("order")
    return get_object_or_404(payments, pk=pk, order__number=number, order__member=user)


def get_receipt_to_see(user: User, number: str) -> Receipt:
    """One's own; operators see everybody's."""
    year, _, rest = number.partition("-")
    if not (year.isdigit() and rest.isdigit()):
        raise Http404
    receipts = Receipt.objects.select_related("order__member", "refund")
    if not user.is_operator:
        receipts = receipts.filter(order__member=user)
    return get_object_or_404(receipts, year=int(year), number=int(rest))


def entitlements_of(user: User) -> list[Entitlement]:
    """What the member holds now or will, with what it was bought by."""
    mine = user.entitlements.filter(revoked_at=None).filter(
        Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    )
    return list(mine.select_related("order").order_by("starts_at")[:100])


def readings_of(user: User) -> list[PersonalReading]:
    """Who of the staff looked at the member's personal facts."""
    return list(user.personal_readings.select_related("by")[:100])


def get_space_to_apply_to(user: User, slug: str) -> Space:
    """A space that has a door to knock at."""
    spaces = Space.objects.filter(
        Q(pk__in=Space.objects.listed_for(user).values("pk"))
        & ~Q(join_mode=JoinMode.OPEN)
        | Q(pk__in=user.applications.values("space"))
    )
    return get_object_or_404(spaces, slug=slug)


def get_own_application(user: User, pk: int) -> Application:
    applications = Application.objects.select_related("space")
    return get_object_or_404(applications, pk=pk, member=user)


def orders_of(user: User) -> list[Order]:
    return list(user.orders.all()[:200])


def get_test_charge(user: User, reference: str) -> TestCharge:
    charge = get_object_or_404(TestCharge, reference=reference)
    number = charge.return_path.rstrip("/").rsplit("/", 1)[-1]
    get_order_to_see(user, number)
    return charge


def get_person_to_see(user: User, handle: str) -> User:
    """Mentors are shown to everyone, other people to members; to others it is the same
    whether there is somebody of that name or not."""
    people = User.objects.people().filter(is_active=True)
    person = people.filter(username=handle).first()
    is_member = getattr(user, "is_member", False)
    if person and (person.is_mentor or is_member):
        return person
    if is_member:
        raise Http404
    raise PermissionDenied


def get_person_to_follow(user: User, handle: str) -> User:
    person = get_person_to_see(user, handle)
    if person == user:
        raise PermissionDenied
    return person


def get_person_to_write(user: User, handle: str) -> User:
    """Anybody else whose page this member may see; whether they take messages is told
    when one is sent."""
    return get_person_to_follow(user, handle)


def get_person_to_block(user: User, handle: str) -> User:
    """Also who is out of sight by now, so that a block can be taken back."""
    person = get_object_or_404(User.objects.people(), username=handle)
    if person == user:
        raise PermissionDenied
    return person


def get_own_seat(user: User, pk: int) -> Seat:
    """One's own place in a conversation; another's does not exist."""
    related = "member", "conversation__first", "conversation__second"
    seats = Seat.objects.select_related(*related)
    return get_object_or_404(seats, conversation=pk, member=user)


def get_message_to_report(user: User, pk: int, number: int) -> Message:
    """What somebody else wrote to this member, and is still there for them."""
    seat = get_own_seat(user, pk)
    received = Message.objects.select_related("author", "conversation").filter(
        conversation=pk, number__gt=seat.cleared_to
    )
    return get_object_or_404(received.exclude(author=user), number=number)


def people_followed_by(user: User) -> QuerySet[User]:
    """Whom this member follows, the latest first."""
    followed = User.objects.people().filter(followers__follower=user, is_active=True)
    return followed.order_by("-followers__created_at", "-followers__pk")


def subjects_followed_by(user: User) -> QuerySet[Tag]:
    followed = Tag.objects.filter(pk__in=user.interests.values("tag"))
    return followed.order_by("name")


def get_subject_followed(user: User, pk: int) -> Tag:
    return get_object_or_404(subjects_followed_by(user), pk=pk)


def expert_of(user: User) -> Expert | None:
    return Expert.objects.filter(member=user).first()


def get_expert_to_change(user: User) -> Expert:
    return get_object_or_404(Expert, member=user)


def get_credential_to_change(user: User, pk: int) -> Credential:
    credentials = Credential.objects.select_related("expert")
    return get_object_or_404(credentials, pk=pk, expert__member=user)


def get_credential_to_see(user: User, pk: int) -> Credential:
    """One's own with a document, or anybody's for whoever decides about experts."""
    credentials = Credential.objects.exclude(document="")
    if not user.has_perm("accounts.change_expert"):
        credentials = credentials.filter(expert__member=user)
    return get_object_or_404(credentials, pk=pk)


def get_application_under_way(user: User) -> AuthorApplication:
    mine = AuthorApplication.objects.filter(member=user, state__in=OPEN)
    return get_object_or_404(mine)


def get_policy_to_read(kind: str, language: str) -> PolicyVersion:
    if kind not in PolicyVersion.Kind.values:
        raise Http404
    policy = in_force(kind, language)
    if policy is None:
        raise Http404
    return policy


def get_own_news(user: User, pk: int) -> Notification:
    """Another's does not exist."""
    return get_object_or_404(
        Notification.objects.select_related("actor"), pk=pk, member=user
    )


def get_news_to_stop(token: str) -> tuple[User, str]:
    """Whoever has the link may end what it is about: it was mailed to one person."""
    found = read_stop_link(token)
    if found is None:
        raise Http404
    return found


def get_own_sanctions(user: User) -> list[tuple[Sanction, bool]]:
    """What was imposed on this member and has begun, the latest first; and whether each
    may be appealed."""
    begun = user.sanctions.exclude(begins_at=None).select_related("rule", "appeal")
    return [(it, sanctions.may_appeal(it)) for it in begun]


def get_sanction_to_appeal(user: User, pk: int) -> Sanction:
    return get_object_or_404(
        user.sanctions.exclude(begins_at=None).select_related("rule"), pk=pk
    )
