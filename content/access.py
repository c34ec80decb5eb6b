"""Who may do what with content.

Missing and not-visible look alike (404), so ids cannot be probed; seeing a thing
without being allowed to change it is a 403.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from taggit.models import Tag

from accounts.models import JoinMode, Space, User
from accounts.services.entitlements import held
from content.models import (
    Assignment,
    Attempt,
    Captions,
    Certificate,
    ChecklistPoint,
    CoAuthor,
    CoAuthorInvitation,
    Cohort,
    EditorialStep,
    HandedIn,
    Item,
    ItemFile,
    LearningPath,
    Lesson,
    Picture,
    PodcastAddress,
    Post,
    Question,
    Quiz,
    Rating,
    Revision,
    Section,
    Theme,
    ThemeVote,
    ThemeWeek,
    Topic,
    Upload,
)
from content.models.discussions import page_of
from content.models.items import ItemQuerySet
from content.models.played import Played, word_of
from content.services.assignments import taught_by, work_for
from content.services.certificates import find, may_have_one
from content.services.courses import Syllabus, read_lesson, syllabus_for
from content.services.editorial import may_follow
from content.services.library import co_written, guided, is_open, with_changed_at
from content.services.paths import shown_to
from content.services.pictures import is_in_preview
from content.services.podcasts import listener
from content.services.quizzes import attempts_of, tests_of
from content.services.reading import SpaceFacts, TopicFacts, read_space, read_topic
from content.services.reuse import copies_with, lessons_to_take
from content.services.revisions import item_of, place_of, revisions_of
from content.services.sharing import Shown, shown
from content.services.texts import Thing

MOST_ARTICLES = 200
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
    if _may_knock(user, slug, space):
        raise NeedsApplication
    _check_space(user, space.access, space.pk, joined=space.joined)
    return space


def _may_knock(user: User, slug: str, space: SpaceFacts) -> bool:
    if space.access != Space.Access.JOINED or space.joined or is_operator(user):
        return False
    asked = Space.objects.filter(slug=slug, join_mode=JoinMode.APPLICATION)
    return is_member(user) and asked.exists()


class NeedsApplication(PermissionDenied):
    """The space lets in whoever asks and is accepted."""


class NeedsPlan(PermissionDenied):
    """What is asked for is in a space that a plan opens."""


def _check_space(user: User, access: str, pk: int, *, joined: bool) -> None:
    """What `Space.objects.visible_to` says, for a row already read."""
    if access == Space.Access.PUBLIC or is_operator(user):
        return
    if access == Space.Access.PLAN:
        if f"space:{pk}" not in held(user):
            raise NeedsPlan
    elif access == Space.Access.JOINED and not joined:
        raise Http404
    elif not is_member(user):
        raise PermissionDenied


def get_space_behind_plan(slug: str) -> Space:
    """The door of a space that a plan opens, for whoever stands before it."""
    return get_object_or_404(Space, slug=slug, access=Space.Access.PLAN)


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
        _check_space(user, topic.space_access, topic.space_id or 0, joined=topic.joined)
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


def get_post_to_like(user: User, pk: int) -> Post:
    post = get_post_to_read(user, pk)
    if post.author_id == user.pk:
        raise PermissionDenied
    return post


def get_answer_to_accept(user: User, pk: int) -> Post:
    post = get_post_to_read(user, pk)
    if post.topic.kind != Topic.Kind.QUESTION or post.number == 1:
        raise Http404
    if not may_accept_answers(user, post.topic.author_id):
        raise PermissionDenied
    return post


def may_accept_answers(user: User, asker_id: int) -> bool:
    return user.pk == asker_id or is_guide(user)


def get_topic_to_close(user: User, pk: int) -> Topic:
    topic = get_topic_to_read(user, pk)
    if not is_guide(user):
        raise PermissionDenied
    return topic


def is_guide(user: User) -> bool:
    """Operators and mentors keep order in every talk they can read."""
    return is_operator(user) or getattr(user, "is_mentor", False)


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
    _check_space(user, space.access, space.pk, joined=joined)


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


def has_podcast_address(user: User) -> bool:
    return PodcastAddress.objects.filter(member=user).exists()


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
    cohorts = Cohort.objects.select_related("course", "mentor")
    cohort = get_object_or_404(cohorts, pk=pk)
    is_mentor = cohort.mentor_id == user.pk
    if not (is_mentor or is_operator(user) or writes(user, cohort.course)):
        raise Http404
    return cohort


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


def get_themes_to_see(user: User) -> QuerySet[Theme]:
    """What members want weeks to be about; the most wanted first, with `wanted`."""
    own = ThemeVote.objects.filter(theme=OuterRef("pk"), member=user)
    open_ones = Theme.objects.filter(state=Theme.State.PROPOSED)
    with_own = open_ones.select_related("proposed_by").annotate(wanted=Exists(own))
    return with_own.order_by("-vote_count", "created_at", "pk")[:MOST_THEMES]


def get_theme_to_vote(user: User, pk: int) -> Theme:
    return get_object_or_404(Theme, pk=pk)


def get_weeks_to_see(user: User) -> QuerySet[ThemeWeek]:
    weeks = ThemeWeek.objects.filter(space__in=Space.objects.visible_to(user))
    return weeks.select_related("space", "summary")[:MOST_WEEKS]


def get_week_to_see(user: User, pk: int) -> ThemeWeek:
    weeks = ThemeWeek.objects.filter(space__in=Space.objects.visible_to(user))
    return get_object_or_404(weeks.select_related("space", "host", "summary"), pk=pk)


def may_summarise(user: User, week: ThemeWeek) -> bool:
    if user.is_suspended:
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
