"""Who may see and do what with the things of this app."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Offer, Order, PolicyVersion, TestCharge, User
from accounts.services.policies import in_force


def get_offer_to_buy(slug: str) -> Offer:
    return get_object_or_404(Offer.objects.on_sale(), slug=slug)


def get_order_to_see(user: User, number: str) -> Order:
    """One's own; another's does not exist."""
    orders = Order.objects.select_related("offer")
    return get_object_or_404(orders, number=number, member=user)


def orders_of(user: User) -> list[Order]:
    return list(user.orders.all()[:200])


def get_test_charge(user: User, reference: str) -> TestCharge:
    charge = get_object_or_404(TestCharge, reference=reference)
    number = charge.return_path.rstrip("/").rsplit("/", 1)[-1]
    get_order_to_see(user, number)
    return charge


def get_person_to_see(user: User, handle: str) -> User:
    """Mentors are shown to everyone, other people to those who are signed in."""
    person = get_object_or_404(User.objects.people(), username=handle, is_active=True)
    if person.is_mentor or user.is_authenticated:
        return person
    raise PermissionDenied


def get_policy_to_read(kind: str, language: str) -> PolicyVersion:
    if kind not in PolicyVersion.Kind.values:
        raise Http404
    policy = in_force(kind, language)
    if policy is None:
        raise Http404
    return policy
