"""Who may do what with content.

Missing and not-visible look alike (404), so ids cannot be probed; seeing a thing
without being allowed to change it is a 403.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from taggit.models import Tag

from accounts.models import Invitation, JoinMode, Space, SpaceMember, User
from accounts.services import experts
from accounts.services.entitlements import held
from accounts.services.experts import is_verified
from accounts.services.spaces import guides, guides_of
from community.lib.dates import site_day
from content.models import (
    AcceptedAnswer,
    Appointment,
    Asked,
    AskingTerms,
    Assignment,
    Attempt,
    Availability,
    AvailabilityException,
    Bookmark,
    Captions,
    Case,
    CaseProposal,
    Certificate,
    Challenge,
    ChallengeMember,
    ChallengeTicket,
    CheckIn,
    ChecklistPoint,
    CoAuthor,
    CoAuthorInvitation,
    Cohort,
    Consultation,
    DoorHelper,
    EditorialStep,
    Event,
    EventMaterial,
    EventSeries,
    Feedback,
    HandedIn,
    Item,
    ItemFile,
    LearningPath,
    Lesson,
    LiveMessage,
    LivePoll,
    LiveQuestion,
    LiveRoom,
    PaidQuestion,
    Picture,
    Poll,
    Post,
    PostFile,
    PostRevision,
    Question,
    QuestionDuty,
    Quiz,
    Rating,
    Rearrangement,
    Registration,
    Revision,
    Section,
    Suggestion,
    Theme,
    ThemeVote,
    ThemeWeek,
    Topic,
    TopicHeat,
    Upload,
)
from content.models.discussions import page_of
from content.models.discussions import place_of as space_of
from content.models.items import ItemQuerySet
from content.models.played import Played, word_of
from content.services import (
    attendance,
    calendars,
    check_ins,
    checks,
    consultations,
    outcomes,
    registrations,
)
from content.services.asking_terms import taking
from content.services.assignments import taught_by, work_for
from content.services.certificates import find, may_have_one
from content.services.courses import Syllabus, read_lesson, syllabus_for
from content.services.editorial import may_follow
from content.services.guides import (
    is_guide,
    is_guide_of,
    spaces_guided_by,
    spaces_mentored_by,
)
from content.services.held import LINES as CASE_LINES
from content.services.library import co_written, guided, is_open, with_changed_at
from content.services.live import is_muted_here, room_of
from content.services.paths import shown_to
from content.services.pictures import is_in_preview
from content.services.podcasts import listener
from content.services.polls import PollFacts, read_poll
from content.services.quizzes import attempts_of, tests_of
from content.services.read_along import may_read
from content.services.reading import SpaceFacts, TopicFacts, read_space, read_topic
from content.services.reuse import copies_with, lessons_to_take
from content.services.revisions import item_of, place_of, revisions_of
from content.services.sharing import Shown, shown
from content.services.texts import Thing

MOST_ARTICLES = 200
MOST_DECIDED = 100  # at once
MOST_TAKEN_POSTS = 200
Role = AcceptedAnswer.Role
MOST_THEMES = 100
MOST_WEEKS = 12


def get_spaces_to_read(user: User) -> QuerySet[Space]:
    return Space.objects.listed_for(user).with_joined(user)


def get_space_to_read(user: User, slug: str) -> Space:
    return get_object_or_404(Space.objects.visible_to(user), slug=slug)


def get_space_to_show(user: User, slug: str) -> SpaceFacts:
    """The space as its page shows it. A visitor to members' talk is refused, not
    denied its existence: signing in helps."""
    space = read_space(slug, user)
    if space is None:
        raise Http404
    if _may_knock(user, space):
        raise NeedsApplication
    _check_space(user, space.access, space.pk, space.min_level, joined=space.joined)
    return space


def _may_knock(user: User, space: SpaceFacts) -> bool:
    if space.access != Space.Access.JOINED or space.joined or is_operator(user):
        return False
    return is_member(user) and space.join_mode == JoinMode.APPLICATION


class NeedsApplication(PermissionDenied):
    """The space lets in whoever asks and is accepted."""


class NeedsPlan(PermissionDenied):
    """What is asked for is in a space that a plan opens."""


class NeedsLevel(PermissionDenied):
    """What is asked for is in a space that opens with a level."""


def _check_space(
    user: User, access: str, pk: int, min_level: int | None, *, joined: bool
) -> None:
    """What `Space.objects.visible_to` says, for a row already read."""
    if access == Space.Access.PUBLIC or is_operator(user):
        return
    if access == Space.Access.PLAN:
        if f"space:{pk}" not in held(user):
            raise NeedsPlan
    elif access == Space.Access.LEVEL:
        if not is_member(user) or user.level < (min_level or 0):
            raise NeedsLevel
    elif access == Space.Access.JOINED and not joined:
        raise Http404
    elif not is_member(user):
        raise PermissionDenied


def get_space_behind_door(slug: str) -> Space:
    """A space that a plan or a level opens, for whoever stands before it."""
    doors = (Space.Access.PLAN, Space.Access.LEVEL)
    return get_object_or_404(Space, slug=slug, access__in=doors)


def get_space_to_guide(user: User, slug: str) -> Space:
    """A space whose people this member looks after."""
    space = get_space_to_read(user, slug)
    if not is_guide_of(user, space.pk):
        raise PermissionDenied
    return space


def may_name_guides(user: User, space: Space) -> bool:
    """Operators and mentors, and the space's own mentors; not its volunteers."""
    if is_guide(user):
        return True
    own = guides_of(space.pk).filter(member=user, role=SpaceMember.Role.MENTOR)
    return own.exists()


def get_invitation_to_end(user: User, pk: int) -> Invitation:
    """One into a space that this member looks after; or one to themselves."""
    found = Invitation.objects.valid().filter(space__isnull=False)
    invitation = get_object_or_404(found.select_related("space"), pk=pk)
    if invitation.member_id == user.pk:
        return invitation
    if not Space.objects.visible_to(user).filter(pk=invitation.space_id).exists():
        raise Http404
    if not is_guide_of(user, invitation.space_id):
        raise PermissionDenied
    return invitation


def get_numbers_of_spaces(user: User) -> list[int]:
    return list(Space.objects.visible_to(user).values_list("pk", flat=True))


def get_posts_to_take(topic: Topic) -> list[Post]:
    """The latest replies, of which some may go elsewhere."""
    posts = topic.posts.filter(number__gt=1, hidden_at=None).select_related("author")
    return list(posts.order_by("-number")[:MOST_TAKEN_POSTS])[::-1]


def get_spaces_to_move_to(user: User, topic: Topic) -> QuerySet[Space]:
    """Where this guide may let a topic stand: in every space they keep order in."""
    spaces = Space.objects.visible_to(user).exclude(pk=topic.space_id)
    if is_guide(user):
        return spaces
    own = user.spaces.filter(left_at=None, role__in=SpaceMember.GUIDES)
    return spaces.filter(pk__in=own.values("space"))


def get_topic_to_read(user: User, pk: int) -> Topic:
    topics = Topic.objects.visible_to(user).select_related("space", "item__space")
    return get_object_or_404(topics, pk=pk)


def get_topic_to_show(user: User, pk: int, page: int) -> TopicFacts:
    """The topic as its page shows it; refuses like `get_space_to_show`."""
    topic = read_topic(pk, user, page)
    if topic is None or (topic.hidden and not is_operator(user)):
        raise Http404
    if page > page_of(topic.last_number):
        raise Http404
    if topic.item_id:
        get_object_or_404(Item.objects.readable_by(user).only("pk"), pk=topic.item_id)
    else:
        _check_space(
            user,
            *(topic.space_access, topic.space_id or 0, topic.space_level),
            joined=topic.joined,
        )
    return topic


def went_into_another(pk: int) -> bool:
    return Topic.objects.filter(pk=pk, merged_into__isnull=False).exists()


def get_topic_it_went_into(user: User, pk: int) -> Topic:
    """What a topic that is gone was merged into, where this reader may read that."""
    gone = get_object_or_404(Topic, pk=pk, merged_into__isnull=False)
    gone.merged_into = get_topic_to_read(user, gone.merged_into_id or 0)
    return gone


def get_question_to_show(user: User, pk: int) -> TopicFacts:
    topic = get_topic_to_show(user, pk, page=1)
    if not topic.is_question:
        raise Http404
    return topic


def get_post_to_read(user: User, pk: int) -> Post:
    """A post in a topic this reader may read; hidden posts are not there."""
    posts = Post.objects.filter(
        hidden_at=None, topic__in=Topic.objects.visible_to(user)
    )
    return get_object_or_404(
        posts.select_related("topic__space", "topic__item__space"), pk=pk
    )


def get_post_to_edit(user: User, pk: int) -> Post:
    post = get_post_to_read(user, pk)
    if post.author_id != user.pk or post.topic.closed_at:
        raise PermissionDenied
    return post


def get_post_to_judge(user: User, pk: int) -> Post:
    """To thank for it, react to it or report it: not one's own."""
    post = get_post_to_read(user, pk)
    if post.author_id == user.pk:
        raise PermissionDenied
    return post


def get_revision_to_hide(user: User, pk: int) -> PostRevision:
    """Operators take an earlier text away; readers of the post know it is there."""
    revision = get_object_or_404(PostRevision, pk=pk)
    revision.post = get_post_to_read(user, revision.post_id)
    if not is_operator(user):
        raise PermissionDenied
    return revision


def get_post_file(user: User, key: UUID) -> PostFile:
    """What stands in a post, for its readers; before, for who brought it only."""
    file = get_object_or_404(PostFile.objects.select_related("post"), key=key)
    if file.post_id is None:
        if file.member_id != user.pk:
            raise Http404
        return file
    _check_may_have(user, file.post)
    return file


def _check_may_have(user: User, post: Post | None) -> None:
    """Refuses like `get_topic_to_show`: to visitors signing in may help."""
    if post is None or (post.hidden_at and not is_operator(user)):
        raise Http404
    get_topic_to_show(user, post.topic_id, page=1)


def get_bookmark(user: User, pk: int) -> Bookmark:
    """One's own; another's does not exist."""
    return get_object_or_404(Bookmark, pk=pk, member=user)


def get_spaces_to_write_in(user: User) -> QuerySet[Space]:
    """Where this member may begin a topic."""
    return Space.objects.visible_to(user).order_by("name")


def get_answer_to_read(user: User, pk: int) -> Post:
    post = get_post_to_read(user, pk)
    if post.topic.kind != Topic.Kind.QUESTION or post.number == 1:
        raise Http404
    return post


def get_answer_to_accept(user: User, pk: int) -> tuple[Post, Role]:
    """An answer, and as what this person may mark it as right."""
    post = get_answer_to_read(user, pk)
    is_expert = is_verified(user)
    role = role_in_accepting(user, post.topic.author_id, is_expert=is_expert)
    if role is None or (role == Role.EXPERT and post.author_id == user.pk):
        raise PermissionDenied
    return post, role


def get_answer_to_unaccept(user: User, pk: int) -> tuple[Post, Role]:
    """An expert's mark is taken back by who gave it, or by an operator."""
    post, role = get_answer_to_accept(user, pk)
    mark = post.marks.filter(role=Role.EXPERT).first()
    is_anothers = mark is not None and mark.by_id != user.pk
    if role == Role.EXPERT and is_anothers and not is_operator(user):
        raise PermissionDenied
    return post, role


def role_in_accepting(user: User, asker_id: int, *, is_expert: bool) -> Role | None:
    """Whoever asked says what helped; mentors and verified experts, what is right."""
    if user.pk == asker_id:
        return Role.ASKER
    return Role.EXPERT if is_expert or is_guide(user) else None


def may_answer_for_all(user: User) -> bool:
    """Those whose task it is that questions are answered, wherever they are asked."""
    return is_guide(user) or is_verified(user)


def may_care_for_questions(user: User) -> bool:
    """They, and the mentors of a space for what is asked in it."""
    return may_answer_for_all(user) or spaces_mentored_by(user).exists()


def get_topics_to_care_for(user: User) -> QuerySet[Topic]:
    """Where this person sees to it that questions are answered."""
    if may_answer_for_all(user):
        return Topic.objects.visible_to(user)
    own = spaces_mentored_by(user)
    if not own.exists():
        raise PermissionDenied
    return _standing_in(own, Topic.objects.visible_to(user))


def _standing_in(spaces: QuerySet[Space], topics: QuerySet[Topic]) -> QuerySet[Topic]:
    """In them directly, or through an item: `place_of`, asked for many."""
    through = Q(item__space__in=spaces)
    return topics.filter(Q(item=None, space__in=spaces) | through)


def get_duty_to_care_for(user: User, pk: int) -> QuestionDuty:
    topic = get_topic_to_read(user, pk)
    if not get_topics_to_care_for(user).filter(pk=topic.pk).exists():
        raise PermissionDenied
    if topic.author_id == user.pk:
        raise PermissionDenied
    return get_object_or_404(QuestionDuty, pk=topic.pk)


def get_answer_to_vote_on(user: User, pk: int) -> Post:
    post = get_answer_to_read(user, pk)
    if post.author_id == user.pk:
        raise PermissionDenied
    return post


def get_topic_to_guide(user: User, pk: int) -> Topic:
    topic = get_topic_to_read(user, pk)
    if topic.merged_into_id:
        raise Http404
    if not keeps_order(user, topic):
        raise PermissionDenied
    return topic


def get_rearrangement_to_undo(user: User, pk: int) -> Rearrangement:
    """By who did it, as long as they keep order there, and by operators."""
    done = get_object_or_404(Rearrangement, pk=pk)
    is_split = done.act == Rearrangement.Act.SPLIT
    get_topic_to_guide(user, done.topic_id if is_split else done.into_id)
    if not may_put_back(user, done):
        raise PermissionDenied
    return done


def may_put_back(user: User, done: Rearrangement) -> bool:
    return done.by_id == user.pk or is_operator(user)


def _poll(pk: int) -> Poll:
    polls = Poll.objects.select_related("topic", "lesson__section__item")
    return get_object_or_404(polls, pk=pk)


def get_poll_to_see(user: User, pk: int) -> Poll:
    """A poll in a topic this reader may read, or in a lesson that is open to them."""
    poll = _poll(pk)
    if poll.topic_id:
        get_topic_to_read(user, poll.topic_id)
    else:
        _check_lesson(user, get_lesson_to_see(user, poll.lesson_id or 0))
    return poll


def get_poll_to_vote(user: User, pk: int) -> PollFacts:
    poll = get_poll_to_see(user, pk)
    if poll.lesson_id:
        get_lesson_to_learn(user, poll.lesson_id)
    return get_poll_to_show(user, pk=poll.pk)


def get_poll_to_show(user: User, pk: int) -> PollFacts:
    """The poll as this viewer may know it. Where it stands was checked before."""
    facts = read_poll(viewer=user, pk=pk)
    if facts is None:
        raise Http404
    return facts


def get_poll_with_votes(user: User, pk: int) -> PollFacts:
    """An open poll whose result this viewer may know."""
    get_poll_to_see(user, pk)
    facts = get_poll_to_show(user, pk)
    if facts.is_anonymous:
        raise Http404
    if facts.results is None:
        raise PermissionDenied
    return facts


def get_poll_to_change(user: User, pk: int) -> Poll:
    """For who asks it: the topic's author, or who writes the course."""
    poll = _poll(pk)
    if poll.lesson_id:
        get_lesson_to_ask_in(user, poll.lesson_id)
    elif (
        get_topic_to_read(user, poll.topic_id or 0).author_id != user.pk
        or user.is_muted
    ):
        raise PermissionDenied
    return poll


def get_poll_to_close(user: User, pk: int) -> Poll:
    poll = _poll(pk)
    if poll.lesson_id:
        get_lesson_to_ask_in(user, poll.lesson_id)
    elif not may_close_poll(user, get_topic_to_read(user, poll.topic_id or 0)):
        raise PermissionDenied
    return poll


def may_close_poll(user: User, topic: Topic | TopicFacts) -> bool:
    return topic.author_id == user.pk or is_guide(user)


def get_lesson_to_ask_in(user: User, pk: int) -> Lesson:
    """For who writes the course, also when it is out: a poll is asked while people
    learn, and is no text that an editor reads first."""
    lesson = get_object_or_404(Lesson.objects.select_related("section__item"), pk=pk)
    item = get_item_in_studio(user, lesson.section.item_id)
    if not (writes(user, item) or is_operator(user)):
        raise PermissionDenied
    return lesson


def get_poll_of(lesson: Lesson) -> Poll | None:
    return Poll.objects.filter(lesson=lesson).first()


def keeps_order(user: User, topic: Topic | TopicFacts) -> bool:
    """Operators and mentors do in every talk they can read, the mentors and volunteers
    of a space in the talk of that space."""
    if is_guide(user):
        return True
    if isinstance(topic, TopicFacts):
        return topic.guided and user.suspended_at is None
    space = space_of(topic)
    return space is not None and guides(user, space.pk)


def may_announce(user: User, space_id: int | None) -> bool:
    """Announcements are for a space, by those who keep order in it."""
    return space_id is not None and is_guide_of(user, space_id)


def keeps_order_everywhere(user: User) -> bool:
    return user.is_authenticated and checks.guides(user)


def may_moderate(user: User) -> bool:
    """Also the mentors and volunteers of a space, for what belongs to it."""
    return keeps_order_everywhere(user) or spaces_guided_by(user).exists()


def check_may_moderate(user: User) -> None:
    if not may_moderate(user):
        raise PermissionDenied


def get_cases(user: User) -> QuerySet[Case]:
    """What this person may decide on: in the talk that they can read, or of a space
    that they guide, and nothing of their own."""
    if is_operator(user):
        return Case.objects.all()
    check_may_moderate(user)
    items = Item.objects.readable_by(user)
    if keeps_order_everywhere(user):
        spaces = Space.objects.visible_to(user)
        outside = Q(space=None, item__in=items) | Q(what=Case.What.MEMBER)
        outside |= Q(space=None, what__in=[Case.What.SAID, Case.What.LINE])
    else:
        spaces, outside = spaces_guided_by(user), Q()
    cases = Case.objects.filter(Q(space__in=spaces) | outside).exclude(author=user)
    events = Event.objects.visible_to(user)
    # Where it stands today, or will: topics are moved and merged, and items are moved.
    return cases.filter(
        Q(rating__item__space=None) | Q(rating__item__space__in=spaces),
        Q(message=None) | Q(message__room__event__in=events),
        Q(question=None) | Q(question__room__event__in=events),
        *(
            Q(**{f"{topic}__space__in": spaces})
            | Q(**{f"{topic}__space": None, f"{topic}__item": None})
            | Q(**{f"{topic}__space": None, f"{topic}__item__in": items})
            for topic in ("topic", "topic__merged_into", "post__topic")
        ),
    )


def get_case_to_decide(user: User, pk: int) -> Case:
    """Others need not know that there is one."""
    if not may_moderate(user):
        raise Http404
    related = (
        *("author", "space", "item", "topic", "post__topic", "rating__item"),
        *("claimed_by", *CASE_LINES),
    )
    return get_object_or_404(get_cases(user).select_related(*related), pk=pk)


def get_cases_to_decide(user: User, numbers: Iterable[str]) -> list[Case]:
    """Of those that were chosen, what waits and is theirs, the oldest first."""
    chosen = [number for number in numbers if number.isdecimal() and len(number) < 18]
    cases = get_cases(user).filter(pk__in=chosen[:MOST_DECIDED], closed_at=None)
    return list(cases.order_by("created_at", "pk"))


def get_heat(user: User) -> QuerySet[TopicHeat]:
    """Of the topics that this person keeps order in."""
    check_may_moderate(user)
    topics = Topic.objects.visible_to(user)
    if not keeps_order_everywhere(user):
        topics = _standing_in(spaces_guided_by(user), topics)
    return TopicHeat.objects.filter(topic__in=topics)


def get_heat_to_calm(user: User, pk: int) -> TopicHeat:
    """Others need not know that there is any."""
    if not may_moderate(user):
        raise Http404
    return get_object_or_404(get_heat(user), pk=pk)


def get_own_case(user: User, pk: int) -> Case:
    """What one wrote and waits, or was hidden; who reported it is not one's own."""
    told = Q(what__in=Case.HELD) | Q(outcome=Case.Outcome.UPHELD)
    related = "author", "space", "item", "topic", "post__topic", "rating__item"
    cases = Case.objects.filter(told, author=user)
    return get_object_or_404(cases.select_related(*related, *CASE_LINES), pk=pk)


def get_held_to_change(user: User, pk: int) -> Case:
    case = get_own_case(user, pk)
    if case.closed_at:
        raise PermissionDenied
    return case


def get_held_to_reword(user: User, pk: int) -> Case:
    """It may be posted at once: only for who could write it there now."""
    case = get_held_to_change(user, pk)
    if user.is_muted:
        raise PermissionDenied
    if case.topic_id and case.what != Case.What.TOPIC:
        topic = get_topic_to_read(user, case.topic_id)
        if case.what == Case.What.EDIT and topic.closed_at:
            raise PermissionDenied
    elif case.line:
        room = get_room_to_enter(user, case.line.room.event_id)
        if is_muted_here(room, user):
            raise PermissionDenied
    elif case.space_id and not case.item_id:
        get_object_or_404(Space.objects.visible_to(user), pk=case.space_id)
    return case


def check_may_write(user: User) -> None:
    """The studio is for everybody who was let in: members contribute, too."""
    if not is_member(user):
        raise PermissionDenied


def is_member(user: User) -> bool:
    """Let in, not only signed in."""
    return getattr(user, "is_member", False)


def is_operator(user: User) -> bool:
    # Visitors have no roles, and no such attribute.
    return getattr(user, "is_operator", False)


def get_course_to_discuss(user: User, slug: str) -> Item:
    """A course whose talk this reader may read and join."""
    return get_object_or_404(Item.objects.readable_by(user), slug=slug)


def get_items_to_list(user: User | AnonymousUser) -> ItemQuerySet:
    """What this reader finds in the library."""
    return Item.objects.readable_by(user).listed()


def get_item_to_use(user: User, slug: str) -> Item:
    """An item that this reader may see and whose whole text is open to them."""
    item = get_item_to_read(user, slug)
    if not is_open(item, user):
        raise PermissionDenied
    return item


def get_item_to_read(user: User, slug: str) -> Item:
    """What is not published yet is there for its author and operators only."""
    items = Item.objects.select_related(
        "author", "space", "field", "column", "case", "news", "report", "recording"
    ).with_tags()
    item = get_object_or_404(with_changed_at(items), slug=slug)
    _check_item(user, item)
    return item


def _check_item(user: User, item: Item) -> None:
    if is_operator(user) or (item.author_id and item.author_id == user.pk):
        return
    if not item.is_live:
        # Its other authors and the desk know of it before everybody does.
        if is_member(user) and (writes(user, item) or is_on_the_desk(user)):
            return
        raise Http404
    space = item.space
    if space is None or space.access == Space.Access.PUBLIC:
        return
    joined = space.access == Space.Access.JOINED and _has_joined(user, item)
    _check_space(user, space.access, space.pk, space.min_level, joined=joined)


def _has_joined(user: User, item: Item) -> bool:
    return (
        user.is_authenticated
        and user.spaces.filter(space=item.space_id, left_at=None).exists()
    )


def get_shown(kind: str, pk: int) -> Shown:
    """A thing as everybody may know it, whoever asks: it leaves the house."""
    read = {
        Item.activity_kind: lambda: _item_by_number(pk),
        Lesson.activity_kind: lambda: read_lesson(pk, AnonymousUser()),
        Topic.activity_kind: lambda: read_topic(pk, AnonymousUser(), page=1),
    }.get(kind, lambda: None)
    thing = read()
    found = shown(thing) if thing else None
    if found is None:
        raise Http404
    return found


def _item_by_number(pk: int) -> Item | None:
    return Item.objects.select_related("author", "space").filter(pk=pk).first()


def get_rating_to_read(user: User, pk: int) -> Rating:
    ratings = Rating.objects.filter(hidden_at=None).select_related("item__space")
    rating = get_object_or_404(ratings, pk=pk)
    _check_item(user, rating.item)
    return rating


def get_rating_to_report(user: User, pk: int) -> Rating:
    rating = get_rating_to_read(user, pk)
    if rating.member_id == user.pk:
        raise PermissionDenied
    return rating


def get_rating_to_answer(user: User, pk: int) -> Rating:
    rating = get_rating_to_read(user, pk)
    if not may_answer_ratings(user, rating.item):
        raise PermissionDenied
    return rating


def may_answer_ratings(user: User, item: Item) -> bool:
    """The authors of what is judged."""
    if not user.is_authenticated:
        return False
    co_authors = item.co_authors.filter(member=user.pk)
    return item.author_id == user.pk or co_authors.exists()


def get_articles_of(user: User, column: Item) -> ItemQuerySet:
    """What has appeared in a column, the latest first; nothing for other kinds."""
    if column.kind != Item.Kind.COLUMN:
        return Item.objects.none()
    found = get_items_to_list(user).filter(column=column).select_related("author")
    return found.order_by("-published_at", "-pk")[:MOST_ARTICLES]


def get_item_by_number(user: User, pk: int) -> Item:
    return get_object_or_404(Item.objects.readable_by(user), pk=pk)


def get_course_to_enrol(user: User, slug: str) -> Item:
    course = get_item_to_read(user, slug)
    if course.kind != Item.Kind.COURSE:
        raise Http404
    _check_is_out(user, course)
    if not is_open(course, user):
        raise PermissionDenied
    _check_may_begin(user, course, syllabus_for(course, user))
    return course


def _check_may_begin(user: User, course: Item, syllabus: Syllabus) -> None:
    if not keeps_progress(user, course, syllabus):
        raise PermissionDenied


def keeps_progress(user: User, course: Item, syllabus: Syllabus) -> bool:
    """Has begun, or might: what goes before the course is done."""
    return syllabus.may_begin or learns_ahead(user, course)


def get_cohort_to_join(user: User, pk: int) -> Cohort:
    """A run of a course that is open to this member, and for which they are ready."""
    cohort = get_object_or_404(Cohort.objects.select_related("course"), pk=pk)
    course = get_item_to_read(user, cohort.course.slug)
    _check_is_out(user, course)
    if not is_open(course, user):
        raise PermissionDenied
    if syllabus_for(course, user).needs and not learns_ahead(user, course):
        raise PermissionDenied
    return cohort


def get_own_cohort(user: User, pk: int) -> Cohort:
    """The cohort in which this member learns."""
    cohorts = Cohort.objects.filter(learners__member=user).select_related("course")
    return get_object_or_404(cohorts, pk=pk)


def get_cohort_to_meet(user: User, pk: int) -> Cohort:
    """For who learns in it and may learn now, and for who guides it."""
    related = "course", "mentor", "space"
    cohort = get_object_or_404(Cohort.objects.select_related(*related), pk=pk)
    if guides_cohort(user, cohort):
        return cohort
    return _learnt_by(user, cohort)


def get_cohort_to_introduce_in(user: User, pk: int) -> Cohort:
    """For who learns in it only."""
    cohort = get_object_or_404(Cohort.objects.select_related("course"), pk=pk)
    return _learnt_by(user, cohort)


def _learnt_by(user: User, cohort: Cohort) -> Cohort:
    if not cohort.learners.filter(member=user).exists():
        raise Http404
    get_item_to_read(user, cohort.course.slug)
    if not is_open(cohort.course, user):
        raise PermissionDenied
    return cohort


def _check_is_out(user: User, item: Item) -> None:
    if not _is_out(user, item):
        raise Http404


def _is_out(user: User, item: Item) -> bool:
    """The desk may read what is not out yet, but does not learn from it."""
    return item.is_live or is_operator(user) or writes(user, item)


def get_tag_to_follow(user: User, slug: str) -> Tag:
    """A tag of something that this reader may see."""
    listed = get_items_to_list(user).filter(tags__slug=slug)
    if not listed.exists():
        raise Http404
    return Tag.objects.get(slug=slug)


def get_lesson_to_see(user: User, pk: int) -> Lesson:
    """A lesson of a course this reader may see, be it open to them or not."""
    lesson = read_lesson(pk, user)
    if lesson is None:
        raise Http404
    _check_item(user, lesson.section.item)
    return lesson


def get_lesson_to_discuss(user: User, pk: int) -> Lesson:
    """A lesson of a course that is out; its talk is open like the course's."""
    lesson = get_lesson_to_see(user, pk)
    if not lesson.section.item.is_live:
        raise Http404
    return lesson


def get_open_lessons() -> QuerySet[Lesson]:
    """What visitors may read at any time: no section that opens later, no course that
    asks for something first."""
    courses = get_items_to_list(AnonymousUser()).filter(
        in_cohorts_only=False, prerequisites=None
    )
    return Lesson.objects.filter(
        Q(is_preview=True) | Q(section__item__access=Item.Access.FREE),
        section__item__in=courses,
        section__opens_on=None,
        section__opens_after=None,
        section__is_in_turn=False,
    )


def get_captions_to_see(user: User, pk: int) -> Captions:
    """With what they tell of: open, and its time come."""
    captions = get_object_or_404(Captions, pk=pk)
    if captions.lesson_id is not None:
        _check_lesson(user, get_lesson_to_see(user, captions.lesson_id))
    elif captions.file_id is not None:
        get_file_to_use(user, captions.file_id)
    else:
        raise Http404
    return captions


def get_lesson_to_learn(user: User, pk: int) -> Lesson:
    """A lesson whose progress this member may keep. A preview begins no course that
    asks for something first."""
    lesson = get_lesson_to_see(user, pk)
    _check_is_out(user, lesson.section.item)
    syllabus = _check_lesson(user, lesson)
    _check_may_begin(user, lesson.section.item, syllabus)
    return lesson


def _check_lesson(user: User, lesson: Lesson) -> Syllabus:
    """Open, and its time come."""
    course = lesson.section.item
    if not (lesson.is_preview or is_open(course, user)):
        raise PermissionDenied
    syllabus = syllabus_for(course, user)
    if not may_learn_now(user, lesson, syllabus):
        raise PermissionDenied
    return syllabus


def may_learn_now(user: User, lesson: Lesson, syllabus: Syllabus) -> bool:
    """Whether the lesson's time has come and what goes before the course is finished,
    for somebody to whom the course is open."""
    is_early = syllabus.needs or syllabus.step(lesson.pk).lock
    return lesson.is_preview or not is_early or learns_ahead(user, lesson.section.item)


def learns_ahead(user: User, course: Item) -> bool:
    """Those who make it wait for nothing."""
    return is_operator(user) or writes(user, course) or course.pk in guided(user)


def get_course_to_certify(user: User, slug: str) -> Item:
    """A course that this member finished; also when it is closed to them by now."""
    course = get_object_or_404(Item.objects.courses(), slug=slug)
    if not may_have_one(user, course):
        raise Http404
    return course


def get_quiz_to_take(user: User, pk: int) -> Quiz:
    """A lesson's quiz opens with its lesson; a test before the course as long as no
    lesson is done or it is under way, the one after it with the last."""
    quizzes = Quiz.objects.select_related("item__space", "lesson")
    quiz = get_object_or_404(quizzes, pk=pk)
    if quiz.lesson_id:
        get_lesson_to_learn(user, quiz.lesson_id)
        return quiz
    _check_item(user, quiz.item)
    _check_is_out(user, quiz.item)
    if not is_open(quiz.item, user):
        raise PermissionDenied
    syllabus = syllabus_for(quiz.item, user)
    open_now = tests_of(quiz.item, user, syllabus.done, syllabus.total)
    is_early = bool(syllabus.needs) or quiz not in open_now
    if is_early and not learns_ahead(user, quiz.item):
        raise PermissionDenied
    return quiz


def get_attempts_of(user: User, quiz: Quiz) -> QuerySet[Attempt]:
    return attempts_of(quiz, user).filter(handed_in_at__isnull=False)


def get_attempt(user: User, pk: int) -> Attempt:
    """One's own; another's does not exist."""
    attempts = Attempt.objects.select_related("quiz__lesson", "quiz__item")
    return get_object_or_404(attempts, pk=pk, member=user)


def get_assignment_to_do(user: User, pk: int) -> Assignment:
    """Opens with its lesson; what was handed in stays in sight with the lesson."""
    assignment = get_object_or_404(Assignment, pk=pk)
    assignment.lesson = get_lesson_to_learn(user, assignment.lesson_id)
    return assignment


def get_work_to_look_at(user: User) -> QuerySet[HandedIn]:
    if not (may_teach(user) or co_written(user) or guided(user)):
        raise PermissionDenied
    return work_for(user)


def get_work_of_learner(user: User, pk: int) -> HandedIn:
    """For who teaches the course or guides the learner; nobody reviews their own."""
    work = get_object_or_404(work_for(user).select_related("reviewer"), pk=pk)
    if work.member_id == user.pk:
        raise PermissionDenied
    return work


def get_listener(token: str) -> User:
    """Whose podcast this is: the address stands for signing in."""
    member = listener(token)
    if member is None:
        raise Http404
    return member


def get_media_to_hear(member: User, of: str, pk: int) -> str:
    """The stored file of a podcast's episode, if it is open to its listener."""
    if of == "lessons":
        return _media_of(get_lesson_to_learn(member, pk))
    if of != "files":
        raise Http404
    file = get_file_to_use(member, pk)
    if file.kind not in ItemFile.PLAYED:
        raise Http404
    return file.file.name


def get_media_to_send(user: User, of: str, pk: int) -> str:
    """The stored file that a link names, as long as it is open to its reader."""
    if of == "lessons":
        lesson = get_lesson_to_see(user, pk)
        _check_lesson(user, lesson)
        return _media_of(lesson)
    if of == "files":
        return get_file_to_use(user, pk).file.name
    return _get_work_to_open(user, pk).file.name


def _media_of(lesson: Lesson) -> str:
    if not lesson.media:
        raise Http404
    return lesson.media.name


def get_file_to_use(user: User, pk: int) -> ItemFile:
    """A file of an item that is open to this reader."""
    files = ItemFile.objects.select_related("item__space", "item__recording")
    file = get_object_or_404(files, pk=pk)
    _check_item(user, file.item)
    if not is_open(file.item, user):
        raise PermissionDenied
    return file


def get_file_to_play(user: User, pk: int) -> ItemFile:
    """A recording of which is kept how far this member is."""
    file = get_file_to_use(user, pk)
    if file.kind not in ItemFile.PLAYED:
        raise Http404
    _check_is_out(user, file.item)
    return file


def keeps_place(user: User, item: Item) -> bool:
    """Whether it is kept how far they are in its recordings, once it is open."""
    return is_member(user) and _is_out(user, item)


def _get_work_to_open(user: User, pk: int) -> HandedIn:
    """One's own, or that of somebody whom one teaches."""
    own = HandedIn.objects.filter(pk=pk, member=user.pk).exclude(file="").first()
    work = own or get_work_of_learner(user, pk)
    if not work.file:
        raise Http404
    return work


def get_certificates_of(user: User) -> QuerySet[Certificate]:
    """Revoked ones, too, until another may take their place."""
    return user.certificates.filter(renewable_at=None).select_related("item")


def get_certificate_to_check(code: str) -> Certificate:
    """For whoever was shown it: its code cannot be guessed."""
    certificate = find(code)
    if certificate is None:
        raise Http404
    return certificate


def may_know_why(user: User, certificate: Certificate) -> bool:
    """The reason why it was revoked is between its member and the house."""
    return bool(certificate.revoked_at) and (
        certificate.member_id == user.pk or is_operator(user)
    )


def may_print(user: User, certificate: Certificate) -> bool:
    is_own = certificate.member_id == user.pk
    return not certificate.revoked_at and (is_own or is_operator(user))


def get_certificate_to_print(user: User, code: str) -> Certificate:
    certificate = get_certificate_to_check(code)
    if not may_print(user, certificate):
        raise PermissionDenied
    return certificate


def get_paths_to_read(user: User | AnonymousUser) -> QuerySet[LearningPath]:
    return shown_to(user)


def get_path_to_read(user: User, slug: str) -> LearningPath:
    """Operators see it before the others do."""
    if is_operator(user):
        return get_object_or_404(LearningPath, slug=slug)
    return get_object_or_404(get_paths_to_read(user), slug=slug)


# The studio and the desk ----------------------------------------------------------

Act = EditorialStep.Act
MOST_TAKEN = 100  # at once


def may_teach(user: User) -> bool:
    """Courses, columns and prices are for mentors; what members write is reviewed."""
    return is_guide(user)


def is_editor(user: User) -> bool:
    """Decides what is let into the library."""
    return is_operator(user) or getattr(user, "is_reviewer", False)


def is_on_the_desk(user: User) -> bool:
    """Sees what is on its way: editors, and who plans when it goes out."""
    return is_editor(user) or getattr(user, "is_planner", False)


def check_is_on_the_desk(user: User) -> None:
    if not is_on_the_desk(user):
        raise PermissionDenied


def writes(user: User, item: Item) -> bool:
    """Is its author, or one of them."""
    if item.author_id and item.author_id == user.pk:
        return True
    return item.pk in co_written(user)


def get_item_in_studio(user: User, pk: int) -> Item:
    """For who writes it and who is on the desk; others learn nothing of it."""
    items = Item.objects.select_related(
        "author", "reviewer", "space", "case", "news", "report", "recording"
    )
    item = get_object_or_404(items, pk=pk)
    if not (writes(user, item) or is_on_the_desk(user)):
        raise Http404
    return item


def may_write(user: User, item: Item) -> bool:
    """Authors write drafts, mentors also what is live; while it is reviewed it is the
    editors', who may put right what they would otherwise send back for."""
    if item.state == Item.State.ARCHIVED:
        return False
    if is_operator(user):
        return True
    if item.state in {Item.State.SUBMITTED, Item.State.IN_REVIEW}:
        return is_editor(user)
    if not writes(user, item):
        return False
    return item.state == Item.State.DRAFT or may_teach(user)


def get_item_to_write(user: User, pk: int) -> Item:
    item = get_item_in_studio(user, pk)
    if not may_write(user, item):
        raise PermissionDenied
    return item


def get_thing_in_studio(user: User, of: str, pk: int) -> Item | Lesson:
    """An item or one of its lessons, by the word in the address."""
    if of == "items":
        return get_item_in_studio(user, pk)
    if of != "lessons":
        raise Http404
    lessons = Lesson.objects.select_related("section__item__author")
    lesson = get_object_or_404(lessons, pk=pk)
    get_item_in_studio(user, lesson.section.item_id)
    return lesson


def get_thing_to_write(user: User, of: str, pk: int) -> Item | Lesson:
    thing = get_thing_in_studio(user, of, pk)
    if not may_write(user, item_of(thing)):
        raise PermissionDenied
    if isinstance(thing, Lesson):
        _check_is_original(thing)
    return thing


def get_uploads_for(user: User, place: Thing) -> QuerySet[Upload]:
    """What this person has on its way to the place."""
    return Upload.objects.filter(member=user, **place_of(place))


def get_own_upload(user: User, key: UUID) -> Upload:
    """Another's does not exist."""
    return get_object_or_404(Upload, key=key, member=user)


def get_upload_to_send(user: User, key: UUID) -> Upload:
    """One's own, as long as one may write what it is for."""
    upload = get_own_upload(user, key)
    if upload.lesson_id:
        get_thing_to_write(user, "lessons", upload.lesson_id)
    else:
        get_thing_to_write(user, "items", upload.item_id or 0)
    return upload


def _check_is_original(lesson: Lesson) -> None:
    """What was taken from another course is written there."""
    if lesson.shared_from_id:
        raise PermissionDenied


def get_section_to_write(user: User, pk: int) -> Section:
    section = get_object_or_404(Section.objects.select_related("item"), pk=pk)
    section.item = get_item_to_write(user, section.item_id)
    return section


def get_lesson_to_write(user: User, pk: int) -> Lesson:
    related = "section__item", "shared_from__section__item"
    lesson = get_object_or_404(Lesson.objects.select_related(*related), pk=pk)
    get_item_to_write(user, lesson.section.item_id)
    return lesson


def get_original_to_write(user: User, pk: int) -> Lesson:
    lesson = get_lesson_to_write(user, pk)
    _check_is_original(lesson)
    return lesson


def get_course_to_write(user: User, pk: int) -> Item:
    course = get_item_to_write(user, pk)
    if course.kind != Item.Kind.COURSE:
        raise Http404
    return course


def get_cohort_to_write(user: User, pk: int) -> Cohort:
    cohort = get_object_or_404(Cohort, pk=pk)
    cohort.course = get_course_to_write(user, cohort.course_id)
    return cohort


def get_cohort_to_guide(user: User, pk: int) -> Cohort:
    """For its mentor, and for who writes the course."""
    cohorts = Cohort.objects.select_related("course", "mentor", "space")
    cohort = get_object_or_404(cohorts, pk=pk)
    if not guides_cohort(user, cohort):
        raise Http404
    return cohort


def guides_cohort(user: User, cohort: Cohort) -> bool:
    is_mentor = cohort.mentor_id == user.pk
    return is_mentor or is_operator(user) or writes(user, cohort.course)


def get_learner_to_ask(user: User, cohort: Cohort, pk: int) -> User:
    """Whoever learns in a cohort that this person guides, which was checked before."""
    learning = cohort.learners.values("member")
    return get_object_or_404(User.objects.people(), pk__in=learning, id=pk)


def get_cohorts_to_plan_for(user: User) -> QuerySet[Cohort]:
    """For which this person may make events."""
    cohorts = Cohort.objects.filter(ends_on__gte=site_day()).select_related("course")
    if is_operator(user):
        return cohorts
    written = Q(course__author=user) | Q(course__in=co_written(user))
    return cohorts.filter(written | Q(mentor=user))


def get_cohort_asked(user: User, number: str | None) -> Cohort | None:
    """The one that a new event is to be for, as its address says."""
    if not (number and number.isdecimal() and len(number) < 18):
        return None
    return get_cohorts_to_plan_for(user).filter(pk=number).first()


def may_change_cohort(user: User, cohort: Cohort) -> bool:
    return may_write(user, cohort.course)


def get_lessons_to_take(user: User, course: Item) -> QuerySet[Lesson]:
    """Of other courses, to be used in this one, too."""
    return lessons_to_take(course, user)


def get_lessons_with_quizzes(course: Item) -> QuerySet[Lesson]:
    lessons = Lesson.objects.filter(section__item=course).select_related(
        "quiz", "assignment"
    )
    return lessons.order_by(
        *("section__position", "section_id", "position", "pk"),
    ).annotate(questions=Count("quiz__asked"))


def get_captions_to_write(user: User, pk: int) -> Captions:
    rows = Captions.objects.select_related("lesson", "file__item")
    captions = get_object_or_404(rows, pk=pk)
    get_played_to_write(user, word_of(captions.played), captions.played.pk)
    return captions


def get_played_to_write(user: User, of: str, pk: int) -> Played:
    """A lesson or a recording of an item, to give it captions and chapters."""
    if of == "lessons":
        return get_original_to_write(user, pk)
    if of != "files":
        raise Http404
    file = get_file_to_change(user, pk)
    if file.kind not in ItemFile.PLAYED:
        raise Http404
    return file


def get_assignment_of(lesson: Lesson) -> Assignment | None:
    return Assignment.objects.filter(lesson=lesson).first()


def get_kind_of_test(kind: str) -> Quiz.Kind:
    if kind not in {Quiz.Kind.BEFORE, Quiz.Kind.AFTER}:
        raise Http404
    return Quiz.Kind(kind)


def get_quiz_to_write(user: User, pk: int) -> Quiz:
    quiz = get_object_or_404(Quiz.objects.select_related("lesson"), pk=pk)
    quiz.item = get_item_to_write(user, quiz.item_id)
    return quiz


def get_quiz_to_open_again(user: User, pk: int, member: int) -> tuple[Quiz, User]:
    """A lesson's quiz and a learner who took it, for who teaches the course or guides
    the learner."""
    mine = taught_by(user, course="quiz__item", learner="member")
    attempts = Attempt.objects.filter(mine, quiz=pk, member=member)
    attempts = attempts.select_related("quiz__item", "quiz__lesson", "member")
    attempt = attempts.filter(quiz__kind=Quiz.Kind.LESSON).first()
    if attempt is None:
        raise Http404
    return attempt.quiz, attempt.member


def get_question_to_write(user: User, pk: int) -> Question:
    question = get_object_or_404(Question, pk=pk, retired_at=None)
    question.item = get_item_to_write(user, question.item_id)
    return question


def get_file_to_change(user: User, pk: int) -> ItemFile:
    file = get_object_or_404(ItemFile.objects.select_related("item"), pk=pk)
    get_item_to_write(user, file.item_id)
    return file


def get_revision(user: User, of: str, pk: int, number: int) -> Revision:
    thing = get_thing_in_studio(user, of, pk)
    found = revisions_of(thing).select_related("author", "item", "lesson__section")
    return get_object_or_404(found, number=number)


def may_share(user: User, item: Item) -> bool:
    return is_operator(user) or bool(item.author_id and item.author_id == user.pk)


def get_item_to_share(user: User, pk: int) -> Item:
    """An item whose other authors one may name."""
    item = get_item_in_studio(user, pk)
    if not may_share(user, item):
        raise PermissionDenied
    return item


def get_item_to_discard(user: User, pk: int) -> Item:
    """A draft that has never been out: its author may think better of it."""
    item = get_item_to_share(user, pk)
    if not may_discard(user, item):
        raise PermissionDenied
    return item


def may_discard(user: User, item: Item) -> bool:
    is_new = item.state == Item.State.DRAFT and not item.publications.exists()
    return is_new and may_share(user, item)


def get_co_author(user: User, pk: int) -> CoAuthor:
    """To be moved or taken out; whoever writes beside somebody may leave."""
    co_author = get_object_or_404(CoAuthor.objects.select_related("item"), pk=pk)
    if co_author.member_id != user.pk:
        get_item_to_share(user, co_author.item_id)
    return co_author


def get_invitation_to_answer(user: User, pk: int) -> CoAuthorInvitation:
    """One's own, answered or not: saying it twice is harmless."""
    invitations = CoAuthorInvitation.objects.select_related("item")
    return get_object_or_404(invitations, pk=pk, member=user)


def get_invitation_to_take_back(user: User, pk: int) -> CoAuthorInvitation:
    invitations = CoAuthorInvitation.objects.select_related("item")
    invitation = get_object_or_404(invitations, pk=pk)
    get_item_to_share(user, invitation.item_id)
    return invitation


def acts_open_to(user: User, item: Item) -> list[Act]:
    """The steps this person may do with the item as it stands."""
    return [act for act in Act if may_follow(item, act) and may_act(user, item, act)]


def may_act(user: User, item: Item, act: Act) -> bool:
    """Whether the step is theirs to take; whether it may follow says `may_follow`."""
    if is_operator(user):
        return True
    own = writes(user, item)
    match act:
        case Act.SUBMITTED | Act.WITHDRAWN:
            return own
        case Act.COMMENTED:
            return own or is_on_the_desk(user)
        case Act.CHECKED | Act.REOPENED:
            return own or is_editor(user)
        case Act.RESCHEDULED:
            return is_on_the_desk(user)
        case Act.PUT_BACK:
            return is_editor(user) and item.reviewer_id == user.pk
    # Nobody decides on what they wrote themselves, also after leaving its authors.
    return is_editor(user) and not (own or _has_written(user, item))


def _has_written(user: User, item: Item) -> bool:
    """Or handed in: somebody who was one of its authors."""
    steps = EditorialStep.objects.filter(item=item, act=Act.SUBMITTED)
    left = item.invitations.filter(member=user, has_written=True)
    return steps.filter(member=user).exists() or left.exists()


def get_item_to_step(user: User, pk: int, act: str) -> Item:
    item = get_item_in_studio(user, pk)
    if act not in Act.values or not may_act(user, item, Act(act)):
        raise PermissionDenied
    return item


def get_items_to_take(user: User, numbers: Iterable[str]) -> list[Item]:
    """Of those that were chosen, what waits and is theirs to review."""
    if not is_editor(user):
        raise PermissionDenied
    chosen = [number for number in numbers if number.isdecimal() and len(number) < 10]
    waiting = Item.objects.filter(
        state=Item.State.SUBMITTED, pk__in=chosen[:MOST_TAKEN]
    )
    return [item for item in waiting if may_act(user, item, Act.TAKEN)]


def get_item_to_tick(user: User, pk: int) -> Item:
    item = get_item_in_studio(user, pk)
    if not may_act(user, item, Act.ACCEPTED):
        raise PermissionDenied
    if item.state != Item.State.IN_REVIEW:
        raise Http404
    return item


def get_point(item: Item, pk: str) -> ChecklistPoint:
    """A point of the checklist of the item's kind."""
    if not pk.isdecimal() or len(pk) > 9:
        raise Http404
    return get_object_or_404(ChecklistPoint, pk=pk, kind__in=["", item.kind])


def get_picture_to_see(user: User, key: UUID) -> Picture:
    """A picture in a text: for who may read that text."""
    pictures = Picture.objects.select_related("item__space")
    picture = get_object_or_404(pictures, key=key)
    item = picture.item
    if user.is_authenticated and (writes(user, item) or is_on_the_desk(user)):
        return picture
    if _sees(user, item) and (is_open(item, user) or is_in_preview(picture)):
        return picture
    if any(_may_read(user, lesson) for lesson in copies_with(picture)):
        return picture
    _check_item(user, item)
    raise PermissionDenied


def _may_read(user: User, lesson: Lesson) -> bool:
    course = lesson.section.item
    return _sees(user, course) and (lesson.is_preview or is_open(course, user))


def _sees(user: User, item: Item) -> bool:
    try:
        _check_item(user, item)
    except (Http404, PermissionDenied):
        return False
    return True


def get_item_to_flag(user: User, pk: int) -> Item:
    """Something this member can read, and therefore doubt."""
    item = get_item_by_number(user, pk)
    if not is_open(item, user):
        raise PermissionDenied
    return item


# Paid questions -----------------------------------------------------------------


def check_may_name_prices(user: User) -> None:
    """Verified experts sell their answers."""
    if not experts.is_verified(user):
        raise PermissionDenied


def get_expert_to_ask(user: User, username: str) -> AskingTerms:
    terms = get_object_or_404(taking(), expert__username=username)
    if terms.expert_id == user.pk:
        raise PermissionDenied
    return terms


def get_paid_question_to_see(user: User, pk: int) -> PaidQuestion:
    """Its asker at any time; expert and operators once it is asked. Whether others may
    read along, `may_read_paid_question` says: to them it is there with its price, when
    it is answered and open."""
    questions = PaidQuestion.objects.select_related("asker", "expert", "reading")
    question = get_object_or_404(questions, pk=pk)
    is_theirs = is_party(user, question)
    if not (is_theirs or (question.is_open and question.is_answered)):
        raise Http404
    return question


def is_party(user: User, question: PaidQuestion) -> bool:
    """Who knows of it from the beginning; to others its asker has no name."""
    if user.pk == question.asker_id:
        return True
    knows = user.pk == question.expert_id or is_operator(user)
    return knows and question.asked_at is not None


def may_read_paid_question(user: User, question: PaidQuestion) -> bool:
    return is_party(user, question) or may_read(question, user)


def get_paid_question_to_ask(user: User, pk: int) -> PaidQuestion:
    question = get_paid_question_to_see(user, pk)
    if question.asker_id != user.pk:
        raise PermissionDenied
    return question


def get_paid_question_to_answer(user: User, pk: int) -> PaidQuestion:
    question = get_paid_question_to_see(user, pk)
    if question.expert_id != user.pk:
        raise PermissionDenied
    return question


def get_paid_question_to_discuss(user: User, pk: int) -> PaidQuestion:
    question = get_paid_question_to_see(user, pk)
    if user.pk not in {question.asker_id, question.expert_id}:
        raise PermissionDenied
    return question


def get_paid_question_to_buy(user: User, pk: int) -> PaidQuestion:
    """For those who neither asked nor answered it."""
    question = get_paid_question_to_see(user, pk)
    if is_party(user, question) and not is_operator(user):
        raise PermissionDenied
    if not (question.is_open and question.is_answered):
        raise Http404
    return question


# Appointments -------------------------------------------------------------------


def get_expert_to_meet(user: User, username: str) -> User:
    """Who offers something, and oneself as far as one may."""
    is_offering = Q(pk__in=consultations.offered().values("expert"))
    own = Q(pk=user.pk) if is_verified(user) else Q()
    found = User.objects.filter(is_offering | own, username=username)
    return get_object_or_404(found.select_related("expert"))


def get_consultation_to_see(user: User, pk: int) -> Consultation:
    """What is offered; to its expert also what is not."""
    rows = Consultation.objects.select_related("expert__expert")
    consultation = get_object_or_404(rows, pk=pk)
    if consultation.expert_id == user.pk:
        return consultation
    return get_object_or_404(consultations.offered(), pk=pk)


def get_consultation_to_book(user: User, pk: int) -> Consultation:
    consultation = get_consultation_to_see(user, pk)
    if consultation.expert_id == user.pk:
        raise PermissionDenied
    return consultation


def get_consultation_to_change(user: User, pk: int) -> Consultation:
    consultation = get_consultation_to_see(user, pk)
    if consultation.expert_id != user.pk:
        raise PermissionDenied
    check_may_name_prices(user)
    return consultation


def get_hours_to_change(user: User, pk: int) -> Availability:
    return get_object_or_404(Availability, pk=pk, expert=user)


def get_exception_to_change(user: User, pk: int) -> AvailabilityException:
    return get_object_or_404(AvailabilityException, pk=pk, expert=user)


def get_appointment_to_see(user: User, pk: int) -> Appointment:
    """Its asker at any time; expert and operators once it is asked."""
    rows = Appointment.objects.select_related("asker", "expert", "consultation")
    appointment = get_object_or_404(rows, pk=pk)
    if user.pk == appointment.asker_id:
        return appointment
    knows = user.pk == appointment.expert_id or is_operator(user)
    if not (knows and appointment.asked_at):
        raise Http404
    return appointment


def get_appointment_to_ask(user: User, pk: int) -> Appointment:
    appointment = get_appointment_to_see(user, pk)
    if user.pk != appointment.asker_id:
        raise PermissionDenied
    return appointment


def get_appointment_to_answer(user: User, pk: int) -> Appointment:
    appointment = get_appointment_to_see(user, pk)
    if user.pk != appointment.expert_id:
        raise PermissionDenied
    return appointment


def get_appointment_to_keep(user: User, pk: int) -> Appointment:
    """For what both of the two may do, and nobody else."""
    appointment = get_appointment_to_see(user, pk)
    if user.pk not in {appointment.asker_id, appointment.expert_id}:
        raise PermissionDenied
    return appointment


def get_feedback_to_see(user: User, code: str) -> Feedback:
    """One's own; of what names nobody, whatever one has the code of. Operators look at
    the desk, where it is also said who reads."""
    mine = (
        Q(member=None) | Q(member=user.pk) if user.is_authenticated else Q(member=None)
    )
    found = Feedback.objects.select_related("area")
    return get_object_or_404(found.filter(mine), code=code)


def get_suggestion_to_read(user: User, pk: int) -> Suggestion:
    found = Suggestion.objects.select_related("author", "merged_into")
    return get_object_or_404(found.readable_by(user), pk=pk)


def get_surveys_of(user: User) -> QuerySet[Asked]:
    return user.surveys_asked.select_related("survey")[:50]


def get_survey_to_answer(user: User, pk: int) -> Asked:
    """One's own; another's does not exist, for nobody."""
    return get_object_or_404(user.surveys_asked.select_related("survey"), pk=pk)


def get_themes_to_see(user: User) -> QuerySet[Theme]:
    """What members want weeks to be about; the most wanted first, with `wanted`."""
    own = ThemeVote.objects.filter(theme=OuterRef("pk"), member=user)
    open_ones = Theme.objects.filter(state=Theme.State.PROPOSED)
    with_own = open_ones.select_related("proposed_by").annotate(wanted=Exists(own))
    return with_own.order_by("-vote_count", "created_at", "pk")[:MOST_THEMES]


def check_may_propose_themes(user: User) -> None:
    if user.is_muted:
        raise PermissionDenied


def get_theme_to_vote(user: User, pk: int) -> Theme:
    return get_object_or_404(Theme, pk=pk)


def get_weeks(user: User) -> QuerySet[ThemeWeek]:
    return ThemeWeek.objects.filter(space__in=Space.objects.visible_to(user))


def get_weeks_to_see(user: User) -> QuerySet[ThemeWeek]:
    return get_weeks(user).select_related("space", "summary")[:MOST_WEEKS]


def get_week_to_see(user: User, pk: int) -> ThemeWeek:
    weeks = ThemeWeek.objects.filter(space__in=Space.objects.visible_to(user))
    return get_object_or_404(weeks.select_related("space", "host", "summary"), pk=pk)


def may_summarise(user: User, week: ThemeWeek) -> bool:
    if user.is_suspended or user.is_muted:
        return False
    return user.pk == week.host_id or user.is_operator


def get_week_to_summarise(user: User, pk: int) -> ThemeWeek:
    week = get_week_to_see(user, pk)
    if not may_summarise(user, week):
        raise PermissionDenied
    return week


def may_welcome(user: User) -> bool:
    return user.is_volunteer or is_guide(user)


def check_welcomes(user: User) -> None:
    if not may_welcome(user):
        raise PermissionDenied


def get_newcomer_to_greet(user: User, handle: str) -> User:
    check_welcomes(user)
    return get_object_or_404(User.objects.people(), username=handle, is_applicant=False)


def may_see_learning(user: User, person: User) -> bool:
    """What somebody learned: they themselves, and who guides members."""
    return user.pk == person.pk or is_guide(user)


def get_events(user: User | AnonymousUser) -> QuerySet[Event]:
    """What went out, where this reader may read."""
    return Event.objects.visible_to(user).exclude(state=Event.State.DRAFT)


def get_own_events(user: User) -> QuerySet[Event]:
    """Where this member has or waits for a seat."""
    active = Registration.objects.exclude(state=Registration.State.CANCELLED)
    return get_events(user).filter(pk__in=active.filter(member=user).values("event"))


def get_event_to_see(user: User, pk: int) -> Event:
    events = Event.objects.visible_to(user).select_related("host", "space")
    return get_object_or_404(events, pk=pk)


def get_event_to_come_to(user: User, pk: int) -> Event:
    event = get_event_to_see(user, pk)
    if not event.is_published:
        raise Http404
    return event


def get_own_registration(user: User, pk: int) -> Registration:
    """Also where they may not read any more: a seat can always be given back."""
    found = Registration.objects.exclude(state=Registration.State.CANCELLED)
    return get_object_or_404(
        found.select_related("event", "member"), event=pk, member=user
    )


def leads(user: User, event: Event | EventSeries) -> bool:
    return event.host_id == user.pk or is_operator(user)


def may_lead_events(user: User) -> bool:
    return is_guide(user)


def check_may_lead_events(user: User) -> None:
    if not may_lead_events(user):
        raise PermissionDenied


def has_seat(user: User, event: Event) -> bool:
    """For whom the link to join is, and what is handed out."""
    if leads(user, event):
        return True
    going = event.registrations.filter(state=Registration.State.GOING)
    return user.is_authenticated and going.filter(member=user).exists()


def get_materials(user: User, event: Event) -> list[EventMaterial]:
    if not has_seat(user, event):
        return []
    rows = list(event.materials.all())
    for row in rows:
        row.event = event
    return [row for row in rows if row.is_open or leads(user, event)]


def get_material(user: User, pk: int) -> EventMaterial:
    material = get_object_or_404(EventMaterial.objects.select_related("event"), pk=pk)
    event = get_event_to_see(user, material.event_id)
    if not has_seat(user, event):
        raise PermissionDenied
    if not material.is_open and not leads(user, event):
        raise Http404
    return material


def get_event_to_lead(user: User, pk: int) -> Event:
    event = get_event_to_see(user, pk)
    if not leads(user, event):
        raise PermissionDenied
    return event


def get_material_to_remove(user: User, pk: int) -> EventMaterial:
    material = get_object_or_404(EventMaterial, pk=pk)
    material.event = get_event_to_lead(user, material.event_id)
    return material


def get_room_to_enter(user: User, pk: int) -> LiveRoom:
    """The live room of an event, for who has a seat there and who leads it."""
    event = get_event_to_see(user, pk)
    if not has_seat(user, event):
        raise PermissionDenied
    return room_of(event)


def get_room_to_lead(user: User, pk: int) -> LiveRoom:
    return room_of(get_event_to_lead(user, pk))


def get_message_to_report(user: User, pk: int, number: int) -> LiveMessage:
    room = get_room_to_enter(user, pk)
    message = get_object_or_404(LiveMessage, pk=number, room=room, hidden_at=None)
    return _of_another(user, message)


def get_live_question_to_report(user: User, pk: int, number: int) -> LiveQuestion:
    return _of_another(user, get_live_question(user, pk, number))


def _of_another(user: User, line: Any) -> Any:
    if line.author_id == user.pk:
        raise PermissionDenied
    return line


def get_message_to_lead(user: User, pk: int, number: int) -> LiveMessage:
    room = get_room_to_lead(user, pk)
    return get_object_or_404(LiveMessage, pk=number, room=room)


def get_live_question(user: User, pk: int, number: int) -> LiveQuestion:
    room = get_room_to_enter(user, pk)
    return get_object_or_404(LiveQuestion, pk=number, room=room, hidden_at=None)


def get_live_question_to_lead(user: User, pk: int, number: int) -> LiveQuestion:
    room = get_room_to_lead(user, pk)
    return get_object_or_404(LiveQuestion, pk=number, room=room)


def get_live_poll(user: User, pk: int, number: int) -> LivePoll:
    return get_object_or_404(LivePoll, pk=number, room=get_room_to_enter(user, pk))


def get_live_poll_to_lead(user: User, pk: int, number: int) -> LivePoll:
    return get_object_or_404(LivePoll, pk=number, room=get_room_to_lead(user, pk))


def get_member_in_room(room: LiveRoom, number: int) -> User:
    """Who said or asked something there, or is muted there."""
    heard = Q(live_messages__room=room) | Q(live_questions__room=room)
    found = User.objects.filter(heard | Q(live_mutes__room=room)).distinct()
    return get_object_or_404(found, pk=number)


def get_spaces_for_left_open(user: User, room: LiveRoom) -> QuerySet[Space]:
    """Who asked there spoke to the readers of that space; where there is none, to
    everybody."""
    spaces = get_spaces_to_write_in(user)
    space = room.event.space_id
    return spaces.filter(pk=space) if space else spaces


def get_series_to_see(user: User, pk: int) -> EventSeries:
    found = EventSeries.objects.visible_to(user).select_related("host")
    return get_object_or_404(found, pk=pk)


def get_own_series(user: User, pk: int) -> EventSeries:
    """Also where they may not read any more: seats can always be given back."""
    return get_object_or_404(EventSeries, pk=pk, guests__member=user)


def get_series_to_lead(user: User, pk: int) -> EventSeries:
    series = get_series_to_see(user, pk)
    if not leads(user, series):
        raise PermissionDenied
    return series


def get_occurrence_to_lead(user: User, pk: int) -> Event:
    """One event of a series."""
    event = get_event_to_lead(user, pk)
    if event.series_date is None:
        raise Http404
    return event


def get_registration_with_ticket(user: User, pk: int) -> Registration:
    """One's own seat at it: a ticket is for who has one."""
    found = Registration.objects.filter(state=Registration.State.GOING)
    return get_object_or_404(
        found.select_related("event", "member"), event=pk, member=user
    )


def may_check_in(user: User, event: Event) -> bool:
    """Who leads it, and who was named to help at the door."""
    if leads(user, event):
        return True
    return event.door_helpers.filter(member=user.pk).exists()


def get_event_at_door(user: User, pk: int) -> Event:
    event = get_event_to_see(user, pk)
    if not may_check_in(user, event):
        raise PermissionDenied
    return event


def get_door_helper_to_dismiss(user: User, pk: int) -> DoorHelper:
    helper = get_object_or_404(DoorHelper, pk=pk)
    helper.event = get_event_to_lead(user, helper.event_id)
    return helper


def get_registration_at_door(user: User, pk: int) -> Registration:
    """For who stands at the door; that others are registered is nobody else's
    business."""
    registration = get_object_or_404(
        Registration.objects.select_related("event", "member"), pk=pk
    )
    if not may_check_in(user, registration.event):
        raise Http404
    return registration


def get_registration_of_ticket(user: User, code: str) -> Registration:
    """What is scanned at the door; a ticket that is not ours looks like another's."""
    number = attendance.number_of(code)
    if number is None:
        raise Http404
    return get_registration_at_door(user, number)


def may_read_what_remains(user: User, event: Event) -> bool:
    """The notes of an event are for whom the event was."""
    if event.access == Event.Access.FREE or has_seat(user, event):
        return True
    return user.is_authenticated and registrations.is_included(event, user)


def get_recordings_to_link(user: User) -> QuerySet[Item]:
    return outcomes.recordings_by(user)


def get_event_to_look_into(user: User, pk: int) -> Event:
    """Operators ask why an event went badly; its host does not answer for it alone."""
    event = get_event_to_see(user, pk)
    if not is_operator(user):
        raise PermissionDenied
    return event


def get_call_for_cases(user: User, pk: int) -> Event:
    event = get_event_to_come_to(user, pk)
    if event.kind != Event.Kind.CASE:
        raise Http404
    return event


def get_own_proposal(user: User, pk: int) -> CaseProposal:
    """Another's does not exist."""
    proposals = CaseProposal.objects.select_related("event")
    return get_object_or_404(proposals, pk=pk, member=user)


def get_proposal_to_decide(user: User, pk: int) -> CaseProposal:
    proposals = CaseProposal.objects.exclude(state=CaseProposal.State.WITHDRAWN)
    proposal = get_object_or_404(proposals.select_related("event", "member"), pk=pk)
    if not leads(user, proposal.event):
        raise Http404
    return proposal


def get_calendar_owner(token: str) -> User:
    """Whose calendar this is: the address stands for signing in."""
    member = calendars.owner(token)
    if member is None:
        raise Http404
    return member


def get_challenges(user: User) -> QuerySet[Challenge]:
    """What went out, where this reader may read."""
    return Challenge.objects.visible_to(user).exclude(state=Challenge.State.DRAFT)


def get_own_challenges(user: User) -> QuerySet[Challenge]:
    mine = ChallengeMember.objects.filter(member=user, left_at=None)
    return get_challenges(user).filter(pk__in=mine.values("challenge"))


def get_challenge_to_see(user: User, pk: int) -> Challenge:
    found = Challenge.objects.visible_to(user)
    return get_object_or_404(found.select_related("host", "space", "topic"), pk=pk)


def get_challenge_to_join(user: User, pk: int) -> Challenge:
    challenge = get_challenge_to_see(user, pk)
    if not challenge.is_published:
        raise Http404
    return challenge


def get_own_ticket(user: User, pk: int) -> ChallengeTicket:
    """Also where they may not read any more: what they paid is theirs."""
    tickets = ChallengeTicket.objects.select_related("challenge")
    return get_object_or_404(tickets, challenge=pk, member=user, paid_at__isnull=False)


def get_own_part(user: User, pk: int) -> ChallengeMember:
    """Also where they may not read any more: one can always leave."""
    found = ChallengeMember.objects.filter(left_at=None)
    return get_object_or_404(
        found.select_related("challenge", "member"), challenge=pk, member=user
    )


def get_part_to_check_in(user: User, pk: int) -> ChallengeMember:
    get_challenge_to_join(user, pk)
    return get_own_part(user, pk)


def may_read_topic(user: User, topic: Topic) -> bool:
    return Topic.objects.visible_to(user).filter(pk=topic.pk).exists()


def get_check_in_to_read(user: User, pk: int) -> CheckIn:
    return get_object_or_404(check_ins.readable(user), pk=pk)


def may_praise(user: User, check_in: CheckIn) -> bool:
    challenge = check_in.participant.challenge
    guides = leads_challenge(user, challenge) or is_guide_of(user, challenge.space_id)
    return guides and check_in.participant.member_id != user.pk


def get_check_in_to_praise(user: User, pk: int) -> CheckIn:
    check_in = get_check_in_to_read(user, pk)
    if not may_praise(user, check_in):
        raise PermissionDenied
    return check_in


def leads_challenge(user: User, challenge: Challenge) -> bool:
    return challenge.host_id == user.pk or is_operator(user)


def get_challenge_to_lead(user: User, pk: int) -> Challenge:
    challenge = get_challenge_to_see(user, pk)
    if not leads_challenge(user, challenge):
        raise PermissionDenied
    return challenge
