"""Suggestions: voted on by members, answered by operators, told when they are done."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Notification, User, Verb
from accounts.services.activity import record_activity
from accounts.services.members import hold_members
from accounts.services.notifications import tell
from content.errors import NotAllowedNow, TooManyPosts
from content.models import Change, Feedback, Suggestion, SuggestionVote

State = Suggestion.State
PER_PAGE = 20
MOST_A_DAY = 5
SORTS = ("votes", "new")


@transaction.atomic
def suggest(
    *, author: User, title: str, text: str, form_key: UUID | None = None
) -> Suggestion:
    """Hand in a suggestion, with one's own vote for it; an operator looks before others
    see it. The same form sent again returns what is there. Raises TooManyPosts."""
    hold_members(author.pk)
    sent = author.suggestions.filter(form_key=form_key).first() if form_key else None
    if sent:
        return sent
    since = timezone.now() - dt.timedelta(days=1)
    if author.suggestions.filter(created_at__gt=since).count() >= MOST_A_DAY:
        raise TooManyPosts
    made = Suggestion.objects.create(
        author=author, title=title, text=text, form_key=form_key
    )
    _vote(made, author)
    return made


@transaction.atomic
def publish_feedback(
    *, feedback: Feedback, by: User, title: str, text: str
) -> Suggestion:
    """Put what somebody told the operators on the board, in words that name nobody.
    Doing so twice returns what is there."""
    feedback = Feedback.objects.select_for_update(of=("self",)).get(pk=feedback.pk)
    made, is_new = Suggestion.objects.get_or_create(
        feedback=feedback,
        defaults={
            "title": title,
            "text": text,
            "author": feedback.member,
            "state": State.OPEN,
        },
    )
    if is_new and feedback.member:
        _vote(made, feedback.member)
    return made


@transaction.atomic
def vote(*, suggestion: Suggestion, by: User) -> None:
    """Once a member. Raises NotAllowedNow for what is not voted on any more."""
    suggestion = _hold(suggestion)
    if not suggestion.is_voted_on:
        raise NotAllowedNow
    _vote(suggestion, by)


def _vote(suggestion: Suggestion, by: User) -> None:
    _row, is_new = SuggestionVote.objects.get_or_create(
        suggestion=suggestion, member=by
    )
    if is_new:
        Suggestion.objects.filter(pk=suggestion.pk).update(
            vote_count=F("vote_count") + 1
        )


@transaction.atomic
def withdraw_vote(*, suggestion: Suggestion, by: User) -> None:
    _hold(suggestion)
    gone, _rows = suggestion.votes.filter(member=by).delete()
    if gone:
        Suggestion.objects.filter(pk=suggestion.pk).update(
            vote_count=F("vote_count") - 1
        )


@transaction.atomic
def decide(*, suggestion: Suggestion, state: str, answer: str, by: User) -> Suggestion:
    """Give it a state and a public answer; its author and voters are told.

    The first time that it is adopted, its author is credited with it. Raises
    NotAllowedNow for one that was merged.
    """
    suggestion = _hold(suggestion)
    if suggestion.merged_into_id:
        raise NotAllowedNow
    if (suggestion.state, suggestion.answer) == (state, answer):
        return suggestion
    now = timezone.now()
    suggestion.state, suggestion.answer, suggestion.answered_at = state, answer, now
    is_adopted = state in Suggestion.ADOPTED and suggestion.adopted_at is None
    if is_adopted:
        suggestion.adopted_at = now
    suggestion.save(update_fields=["state", "answer", "answered_at", "adopted_at"])
    if is_adopted and suggestion.author:
        record_activity(
            member=suggestion.author,
            verb=Verb.SUGGESTION_ADOPTED,
            target=suggestion,
            by=by.pk,
        )
    tell(
        _concerned([suggestion.pk]),
        kind=Notification.Kind.SUGGESTION_ANSWERED,
        key=f"suggestion-{suggestion.pk}-{now.timestamp():.0f}",
        target=suggestion,
        actor=by,
    )
    return suggestion


@transaction.atomic
def merge(*, duplicate: Suggestion, into: Suggestion) -> Suggestion:
    """Put two that mean the same together: whoever voted for either has one vote.

    Raises NotAllowedNow where either was merged already.
    """
    held = Suggestion.objects.select_for_update(of=("self",)).order_by("pk")
    found = {it.pk: it for it in held.filter(pk__in=[duplicate.pk, into.pk])}
    duplicate, into = found[duplicate.pk], found[into.pk]
    if duplicate.pk == into.pk or duplicate.merged_into_id or into.merged_into_id:
        raise NotAllowedNow
    SuggestionVote.objects.bulk_create(
        [
            SuggestionVote(suggestion=into, member_id=it.member_id, at=it.at)
            for it in duplicate.votes.all()
        ],
        ignore_conflicts=True,
    )
    duplicate.merged.update(merged_into=into)
    duplicate.merged_into = into
    duplicate.save(update_fields=["merged_into"])
    into.vote_count = into.votes.count()
    into.save(update_fields=["vote_count"])
    return into


def _hold(suggestion: Suggestion) -> Suggestion:
    held = Suggestion.objects.select_for_update(of=("self",))
    return held.select_related("author").get(pk=suggestion.pk)


def _concerned(suggestions: Iterable[int]) -> set[int]:
    """Who made or voted for one of these, or for what was merged into it."""
    numbers = list(suggestions)
    of_them = Suggestion.objects.filter(
        Q(pk__in=numbers) | Q(merged_into__in=numbers), author__isnull=False
    )
    votes = SuggestionVote.objects.filter(suggestion__in=numbers)
    return {
        *of_them.values_list("author_id", flat=True),
        *votes.values_list("member_id", flat=True),
    }


# The board ---------------------------------------------------------------------------


def board(
    *, sort: str, state: str = "", after: tuple[int, int] | None = None
) -> tuple[list[Suggestion], str]:
    """A page of the board and the mark its next page starts after ("" at the end)."""
    found = Suggestion.objects.on_the_board()
    if state:
        found = found.filter(state=state)
    if sort == "votes":
        order = ["-vote_count", "-pk"]
        if after:
            votes, pk = after
            found = found.filter(
                Q(vote_count__lt=votes) | Q(vote_count=votes, pk__lt=pk)
            )
    else:
        order = ["-pk"]
        if after:
            found = found.filter(pk__lt=after[1])
    rows = list(found.order_by(*order)[: PER_PAGE + 1])
    shown, last = rows[:PER_PAGE], rows[PER_PAGE - 1 : PER_PAGE]
    more = f"{last[0].vote_count}-{last[0].pk}" if len(rows) > PER_PAGE else ""
    return shown, more


def voted_by(member: User, suggestions: Iterable[Suggestion]) -> set[int]:
    votes = member.suggestion_votes.filter(suggestion__in=list(suggestions))
    return set(votes.values_list("suggestion_id", flat=True))


def waiting_of(member: User) -> QuerySet[Suggestion]:
    return member.suggestions.filter(state=State.HELD, merged_into=None)


def held() -> QuerySet[Suggestion]:
    found = Suggestion.objects.filter(state=State.HELD, merged_into=None)
    return found.select_related("author").order_by("created_at")


# You said, we did --------------------------------------------------------------------


def concerned_by(change: Change) -> set[int]:
    """The authors and voters of what led to it, as far as they have names."""
    gave = change.feedback.filter(member__isnull=False)
    return _concerned(change.suggestions.values_list("pk", flat=True)) | set(
        gave.values_list("member_id", flat=True)
    )


@transaction.atomic
def publish_change(*, change: Change, by: User) -> int:
    """Show it to members and tell those who had asked for it, each once; how many.

    Publishing it again tells who was added since.
    """
    change = Change.objects.select_for_update().get(pk=change.pk)
    if change.published_at is None:
        change.published_at = timezone.now()
        change.save(update_fields=["published_at"])
    members = concerned_by(change)
    tell(
        members,
        kind=Notification.Kind.CHANGE_MADE,
        key=f"change-{change.pk}",
        target=change,
        actor=by,
    )
    return len(members - {by.pk})


def changes() -> QuerySet[Change]:
    return Change.objects.filter(published_at__isnull=False).prefetch_related(
        "suggestions"
    )


def shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """Title and address of each suggestion that this member may read."""
    found = Suggestion.objects.readable_by(member).filter(pk__in=numbers)
    return {it.pk: (it.title, it.get_absolute_url()) for it in found}


def changes_shown_to(member: User, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """The same of published changes, which every member may read."""
    found = changes().filter(pk__in=numbers)
    return {it.pk: (it.title, it.get_absolute_url()) for it in found}
