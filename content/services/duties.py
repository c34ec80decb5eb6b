"""Who should answer a question, and by when."""

import datetime as dt
import itertools
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import Expert, Field, Notification, Role, Space, SpaceMember, User
from accounts.services import community, notifications
from accounts.services.spaces import guides_of
from community.lib.intervals import wilson
from content.models import Post, QuestionDuty, Topic
from content.models.discussions import place_of

Kind = Notification.Kind
WINDOW = dt.timedelta(days=90)
ENOUGH = 20  # questions, for a share that says something


def begin(*, topic: Topic, space: Space | None, field: int | None) -> None:
    """A question was asked, in a field of knowledge or in none: it is due, and somebody
    is asked to answer once it is really there."""
    from content import tasks

    hours = (space and space.answer_hours) or community.current().answer_hours
    whole = dt.timedelta(hours=hours)
    QuestionDuty.objects.create(
        topic=topic,
        field=Field.objects.filter(pk=field).first() if field else None,
        remind_at=topic.created_at + whole * 3 / 4,
        due_at=topic.created_at + whole,
    )
    tasks.assign_question.delay_on_commit(topic.pk)


def note_answer(post: Post, asker_id: int) -> None:
    if post.author_id != asker_id:
        waiting = QuestionDuty.objects.filter(topic=post.topic_id, answered_at=None)
        waiting.update(answered_at=post.created_at)


@transaction.atomic
def assign(topic_id: int) -> User | None:
    """Ask who has the least to answer of those who know the field, or else of the
    mentors of its space, or else of all mentors; of equals, the longest here. Nobody is
    asked of what they cannot read."""
    duty = _hold(topic_id)
    if duty is None:
        return None
    if duty.mentor_id or duty.answered_at:
        return duty.mentor
    topic = Topic.objects.filter(pk=topic_id)
    own = _mentors_of(duty)
    lists = _knowing(duty, own), _versed(duty, own), _all_mentors(duty, own)
    for member in itertools.chain(*lists):
        if topic.visible_to(member).exists():
            _ask(duty, member)
            return member
    return None


@transaction.atomic
def take(*, duty: QuestionDuty, by: User) -> None:
    """Answer it oneself, whoever was asked before."""
    held = _hold(duty.pk)
    if held:
        held.declined.filter(member=by).delete()
        held.mentor = by
        held.save(update_fields=["mentor"])


@transaction.atomic
def decline(*, duty: QuestionDuty, by: User) -> None:
    """Not be asked for this one: the next is. Only who was asked can decline."""
    from content import tasks

    held = _hold(duty.pk)
    if held is None or held.mentor_id != by.pk:
        return
    held.declined.get_or_create(member=by)
    held.mentor = None
    held.save(update_fields=["mentor"])
    tasks.assign_question.delay_on_commit(held.pk)


@transaction.atomic
def hand_to(*, duty: QuestionDuty, mentor: User | None, by: User) -> None:
    """An operator says who should answer."""
    held = _hold(duty.pk)
    if held and mentor:
        _ask(held, mentor, by)
    elif held:
        held.mentor = None
        held.save(update_fields=["mentor"])


def remind() -> None:
    """Whoever is asked, before it is due; operators, of what is past its time. Each
    once: the key of the news says so."""
    now = timezone.now()
    near = waiting().filter(remind_at__lte=now, due_at__gt=now)
    for duty in near:
        _tell(duty, _asked(duty), Kind.QUESTION_DUE)
    operators = _operators()
    for duty in overdue().filter(due_at__gt=now - dt.timedelta(days=7)):
        _tell(duty, [*_asked(duty), *operators], Kind.QUESTION_OVERDUE)


def _asked(duty: QuestionDuty) -> list[int]:
    return [duty.mentor_id] if duty.mentor_id else []


def waiting() -> QuerySet[QuestionDuty]:
    """What nobody has answered yet, the soonest due first."""
    duties = QuestionDuty.objects.filter(
        answered_at=None,
        topic__closed_at=None,
        topic__hidden_at=None,
        topic__is_answered=False,
    )
    return duties.select_related("topic__author", "field", "mentor").order_by(
        "due_at", "pk"
    )


def overdue() -> QuerySet[QuestionDuty]:
    return waiting().filter(due_at__lte=timezone.now())


def queue(
    topics: QuerySet[Topic], *, reader: User, show: str
) -> QuerySet[QuestionDuty]:
    """What waits of these topics: the reader's, nobody's, overdue, or all."""
    found = waiting().filter(topic__in=topics).exclude(topic__author=reader)
    if show == "mine":
        return found.filter(mentor=reader)
    if show == "unassigned":
        return found.filter(mentor=None)
    if show == "overdue":
        return found.filter(due_at__lte=timezone.now())
    return found


@dataclass(frozen=True)
class InTime:
    """How many of the questions that fell due lately were answered in time."""

    hits: int
    of: int
    days: int = WINDOW.days

    @property
    def is_enough(self) -> bool:
        return self.of >= ENOUGH

    @property
    def percents(self) -> tuple[int, int, int]:
        """The share, and between which two it truly lies."""
        low, high = wilson(self.hits, self.of)
        share = self.hits / self.of if self.of else 0
        return round(100 * share), round(100 * low), round(100 * high)


def in_time() -> InTime:
    """Only of what has fallen due: the young are not counted before their time."""
    now = timezone.now()
    due = QuestionDuty.objects.filter(
        due_at__gt=now - WINDOW, due_at__lte=now, topic__hidden_at=None
    )
    counted = due.aggregate(
        of=Count("pk"), hits=Count("pk", filter=Q(answered_at__lte=F("due_at")))
    )
    return InTime(hits=counted["hits"], of=counted["of"])


def _hold(topic_id: int) -> QuestionDuty | None:
    duties = QuestionDuty.objects.select_for_update(of=("self",), no_key=True)
    return duties.select_related("topic").filter(pk=topic_id).first()


def _ask(duty: QuestionDuty, member: User, by: User | None = None) -> None:
    duty.mentor = member
    duty.save(update_fields=["mentor"])
    _tell(duty, [member.pk], Kind.QUESTION_ASSIGNED, by)


def _tell(
    duty: QuestionDuty, members: list[int], kind: Kind, by: User | None = None
) -> None:
    notifications.tell(
        members, kind=kind, key=f"{kind}:{duty.pk}", target=duty.topic, actor=by
    )


def _knowing(duty: QuestionDuty, own: QuerySet[User]) -> list[User]:
    """Verified experts of the field: the space's mentors among them first, then other
    mentors."""
    if duty.field_id is None:
        return []
    experts = Expert.objects.verified().filter(fields=duty.field_id)
    found = _by_load(duty, User.objects.filter(expert__in=experts))
    near = set(own.values_list("pk", flat=True))
    return sorted(found, key=lambda it: (it.pk not in near, not it.is_mentor))


def _mentors_of(duty: QuestionDuty) -> QuerySet[User]:
    """The mentors of the space that the question was asked in."""
    space = place_of(duty.topic)
    if space is None:
        return User.objects.none()
    places = guides_of(space.pk).filter(role=SpaceMember.Role.MENTOR)
    return User.objects.filter(pk__in=places.values("member"))


def _versed(duty: QuestionDuty, own: QuerySet[User]) -> list[User]:
    """Of the space's mentors, those whose own fields are not other ones."""
    if duty.field_id is None:
        return _by_load(duty, own)
    elsewhere = Expert.objects.verified().exclude(fields=duty.field_id)
    elsewhere = elsewhere.filter(fields__isnull=False)
    return _by_load(duty, own.exclude(pk__in=elsewhere.values("member")))


def _all_mentors(duty: QuestionDuty, own: QuerySet[User]) -> list[User]:
    mentor = Q(roles__contains=[Role.MENTOR]) | Q(pk__in=own.values("pk"))
    return _by_load(duty, User.objects.filter(mentor))


def _operators() -> list[int]:
    are = Q(roles__contains=[Role.OPERATOR]) | Q(is_superuser=True)
    found = User.objects.people().filter(are, suspended_at=None)
    return list(found.values_list("pk", flat=True))


def _by_load(duty: QuestionDuty, members: QuerySet[User]) -> list[User]:
    open_ones = Q(duties__answered_at=None, duties__topic__closed_at=None)
    able = members.filter(suspended_at=None, erased_at=None)
    able = able.exclude(pk=duty.topic.author_id)
    able = able.exclude(pk__in=duty.declined.values("member"))
    load = Count("duties", filter=open_ones, distinct=True)
    return list(able.annotate(load=load).order_by("load", "pk"))
