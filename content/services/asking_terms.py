"""What experts take for an answer."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Expert, User
from accounts.services import shares
from accounts.services.members import hold_members
from content.errors import NotTaken
from content.models import AskingTerms


@transaction.atomic
def save_terms(*, expert: User, **says: object) -> AskingTerms:
    """Questions that were written already keep the price they were written at, until
    their askers pay."""
    hold_members(expert.pk)
    terms, _ = AskingTerms.objects.update_or_create(expert=expert, defaults=says)
    return terms


def terms_of(expert: User) -> AskingTerms | None:
    return AskingTerms.objects.filter(expert=expert).first()


def taking() -> QuerySet[AskingTerms]:
    """Of the experts whose mark stands, who are here, and who take questions."""
    return (
        AskingTerms.objects.filter(
            is_open=True,
            expert__expert__in=Expert.objects.verified(),
            expert__suspended_at=None,
            expert__erased_at=None,
        )
        .select_related("expert__expert")
        .prefetch_related("expert__expert__fields")
        .order_by("expert__name", "pk")
    )


def of_expert(person: User) -> AskingTerms | None:
    """If questions can be put to this person today."""
    return taking().filter(expert=person).first()


def current(expert_id: int) -> AskingTerms:
    """Raises NotTaken where this expert takes no questions today."""
    terms = taking().filter(expert=expert_id).first()
    if terms is None:
        raise NotTaken
    return terms


def prices(terms: AskingTerms) -> dict[str, object]:
    """What a question keeps of the terms; for money also the share agreed on."""
    share = shares.agreed_with(terms.expert) if terms.price else None
    return {
        "price": terms.price if share else None,
        "currency": terms.currency,
        "points": terms.points,
        "days": terms.days,
        "share": share or 0,
    }
