"""Simulated members that a visitor of the demo may be: those with most to show."""

from allauth.account.models import EmailAddress
from django.db.models import Count
from django.utils import timezone

from accounts.models import MEMBERSHIP, Entitlement, User
from content.models import Enrolment

MOST_BEGUN = 4  # courses: some must be left to recommend
STAFF = [
    ("operator@example.org", "operator: the admin and everything else"),
    ("harriet@example.org", "mentor, writes the English courses"),
    ("guyuan@example.org", "mentor, writes the Chinese courses"),
]


def give_logins(password: str) -> list[tuple[str, str]]:
    """Let two members sign in, one paying and one not; returns (e-mail, what)."""
    learning = Enrolment.objects.filter(done_at=None)
    people = (
        User.objects.filter(email=None, pk__in=learning.values("member"))
        .annotate(
            begun=Count("enrolments", distinct=True),
            done=Count("awards", distinct=True),
        )
        .filter(begun__lte=MOST_BEGUN)
        .order_by("-done", "pk")
    )
    now = timezone.now()
    paying = Entitlement.objects.filter(what=MEMBERSHIP, ends_at__gt=now)
    logins = list(STAFF)
    for email, what, found in (
        (
            "paying@example.org",
            "paying member",
            people.filter(pk__in=paying.values("member")),
        ),
        (
            "member@example.org",
            "member without a plan",
            people.exclude(pk__in=paying.values("member")),
        ),
    ):
        if person := found.first():
            _let_in(person, email, password)
            logins.append((email, what))
    return logins


def _let_in(person: User, email: str, password: str) -> None:
    person.email = email
    person.set_password(password)
    person.save(update_fields=["email", "password"])
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
