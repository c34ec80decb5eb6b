"""Stars and words, only from those who used what they judge."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User, Verb
from accounts.services import audit
from accounts.services.activity import record_activity
from content.errors import NotUsed, OwnWork
from content.models import Enrolment, HelpfulVote, Item, LessonProgress, Rating
from content.services import quality

MOST_SHOWN = 50


def has_used(member: User, item: Item) -> bool:
    """Read to its end, or, of a course, at least one lesson done."""
    if item.kind == Item.Kind.COURSE:
        done = LessonProgress.objects.filter(lesson__section__item=item)
        return done.filter(member=member.pk, done_at__isnull=False).exists()
    taken = Enrolment.objects.filter(item=item, member=member.pk)
    return taken.exclude(done_at=None).exists()


def may_rate(member: User, item: Item) -> bool:
    return not _is_author(member, item) and has_used(member, item)


def _is_author(member: User, item: Item) -> bool:
    co_authors = item.co_authors.filter(member=member.pk)
    return item.author_id == member.pk or co_authors.exists()


@transaction.atomic
def rate(*, item: Item, member: User, stars: int, words: str) -> Rating:
    """Give or change one's stars. Raises NotUsed; OwnWork."""
    if _is_author(member, item):
        raise OwnWork
    if not has_used(member, item):
        raise NotUsed
    now = timezone.now()
    rating, is_new = Rating.objects.select_for_update().get_or_create(
        item=item, member=member, defaults={"stars": stars, "words": words}
    )
    if is_new:
        record_activity(
            member=member,
            verb=Verb.RATED,
            target=rating,
            space=item.space,
            item=item.pk,
        )
    else:
        rating.stars, rating.words, rating.changed_at = stars, words, now
        rating.save(update_fields=["stars", "words", "changed_at"])
    quality.update(item)
    return rating


@transaction.atomic
def withdraw(*, item: Item, member: User) -> None:
    Rating.objects.filter(item=item, member=member).delete()
    quality.update(item)


@transaction.atomic
def vote_helpful(*, rating: Rating, member: User) -> None:
    """Once a member, and not for one's own. Raises OwnWork."""
    if rating.member_id == member.pk:
        raise OwnWork
    _vote, is_new = HelpfulVote.objects.get_or_create(rating=rating, member=member)
    if is_new:
        Rating.objects.filter(pk=rating.pk).update(helpful_count=F("helpful_count") + 1)


@transaction.atomic
def reply(*, rating: Rating, by: User, words: str) -> None:
    """The author's answer; empty words take it back."""
    rating.reply = words
    rating.replied_by = by if words else None
    rating.replied_at = timezone.now() if words else None
    rating.save(update_fields=["reply", "replied_by", "replied_at"])


@transaction.atomic
def hide(*, rating: Rating, by: User, reason: str) -> bool:
    """Out of sight, and out of the figures; why stands in the audit chain. Whether it
    was seen until now."""
    if not set_aside(rating):
        return False
    audit.record(act="hid a rating", actor=by, target=rating, reason=reason)
    return True


@transaction.atomic
def set_aside(rating: Rating) -> bool:
    """Out of sight; who decided so says it. Whether it was seen until now."""
    rating = Rating.objects.select_for_update(of=("self",)).get(pk=rating.pk)
    if rating.hidden_at:
        return False
    rating.hidden_at = timezone.now()
    rating.save(update_fields=["hidden_at"])
    quality.update(rating.item)
    return True


@transaction.atomic
def show(*, rating: Rating) -> None:
    rating.hidden_at = None
    rating.save(update_fields=["hidden_at"])
    quality.update(rating.item)


def shown_of(item: Item) -> list[Rating]:
    """What has words comes first, then what others found helpful."""
    found = Rating.objects.filter(item=item, hidden_at=None).exclude(words="")
    return list(found.select_related("member", "replied_by")[:MOST_SHOWN])


def own_of(item: Item, member: User) -> Rating | None:
    return Rating.objects.filter(item=item, member=member.pk).first()
