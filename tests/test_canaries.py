"""No leak: a unique word in every text of the library and the talk, at every level of
access, and a crawl of the whole site as everybody, which must meet none of those that
are not for them.

The crawl begins at every address of the access matrix (where each address must have a
line) and at searches for each word, and follows every link it meets.
"""

import json
import re
from collections import deque
from html import unescape
from itertools import product
from urllib.parse import urldefrag, urljoin, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail as outbox
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import privacy
from accounts.models import NewsChoice, Notification, Space
from accounts.services import news_mails
from accounts.services.activity import ensure_partitions
from accounts.services.notifications import tell
from content.models import (
    Appointment,
    AskingTerms,
    Case,
    CaseProposal,
    CaseStudy,
    ChecklistPoint,
    EventOutcome,
    EventRating,
    Item,
    Lesson,
    News,
    OutdatedFlag,
    Quiz,
    Rating,
    Recording,
    Report,
    Revision,
    Topic,
)
from content.services import (
    appointments,
    assignments,
    challenges,
    classmates,
    cohorts,
    consultations,
    editorial,
    items,
    live,
    paid_questions,
    polls,
    registrations,
    search_index,
    sharing,
)
from content.services.courses import read_lesson
from content.services.discussions import hide_topic
from content.services.reading import read_topic
from content.services.series import come_to_all, start_series
from incentives.services import redemptions
from incentives.services.parcels import Address
from tests.access.rows import TIERS
from tests.access.world import ROLES, World
from tests.factories.accounts import make_member, make_space
from tests.factories.appointments import (
    confirmed,
    make_consultation,
)
from tests.factories.challenges import (
    check_in,
    make_challenge,
)
from tests.factories.courses import make_cohort, make_course, make_item, make_lesson
from tests.factories.discussions import make_post, make_topic
from tests.factories.events import make_event
from tests.factories.paid_questions import ask_for_points, give_points
from tests.factories.quizzes import ask, make_quiz
from tests.factories.sanctions import make_sanction
from tests.test_access_matrix import APPS

pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()
EVERYBODY = frozenset(TIERS)
SIGNED_IN = EVERYBODY - {"visitor"}
DESK = frozenset({"reviewer", "planner", "operator"})
OPERATOR = frozenset({"operator"})
KEEPERS = frozenset({"mentor", "volunteer", "reviewer", "operator"})  # of order
TAKERS = SIGNED_IN - {"suspended"}
# What a quiz explains is met by nobody before it is handed in; the desk reviews it.
TOLD_LATER = DESK
PAYING = frozenset({"paying"}) | DESK

# Who reads the closed part of an item that is open to …; the desk sees all it reviews.
INSIDE = {
    Item.Access.FREE: EVERYBODY,
    Item.Access.MEMBERS: SIGNED_IN,
    Item.Access.MEMBERSHIP: PAYING,
    Item.Access.SOLD: DESK,
    Item.Access.LEVEL: DESK,
}
# Who may know at all what stands in a space.
SPACES = {
    Space.Access.PUBLIC: EVERYBODY,
    Space.Access.MEMBERS: SIGNED_IN,
    Space.Access.JOINED: OPERATOR,
    Space.Access.PLAN: OPERATOR,
    Space.Access.LEVEL: OPERATOR,
}
# Every kind behind one door, and the two ways to be read behind every door.
KINDS_AND_DOORS = sorted(
    {(kind, Item.Access.MEMBERSHIP) for kind in Item.Kind if kind != "material"}
    | set(product((Item.Kind.ARTICLE, Item.Kind.COURSE), Item.Access))
)
CANARY = re.compile(r"canary[a-z]{8}")
MOST_PAGES = 4000  # for one person


class Canaries:
    """Hands out words that stand nowhere else, and knows who may meet them."""

    def __init__(self):
        self.about: dict[str, str] = {}
        self.allowed: dict[str, frozenset[str]] = {}

    def word(self, about: str, allowed: frozenset[str]) -> str:
        number, letters = len(self.about), ""
        for _ in range(8):
            number, digit = divmod(number, 26)
            letters += chr(ord("a") + digit)
        self.about[f"canary{letters}"] = about
        self.allowed[f"canary{letters}"] = allowed
        return f"canary{letters}"

    def met_by(self, tier: str, page: str) -> set[str]:
        """What this person met and must not."""
        return {
            self.about[word]
            for word in CANARY.findall(page)
            if tier not in self.allowed.get(word, EVERYBODY)
        }


class Aviary(World):
    """The world of the access matrix, with a word in each text of each kind."""

    def __init__(self):
        super().__init__()
        self.canaries = Canaries()
        self.writer = make_member("writer")
        self.rooms = {
            access: make_space(f"room-{access}", access=access)
            for access in Space.Access
        }
        for kind, access in KINDS_AND_DOORS:
            self.fill(f"{kind}-{access}", EVERYBODY, kind=kind, access=access)
        for room, knowing in SPACES.items():
            self.fill(f"in-{room}", knowing | DESK, space=self.rooms[room])
            self.talk(room, knowing, space=self.rooms[room])
            self.meet(room, knowing, space=self.rooms[room])
            self.camp(room, knowing, space=self.rooms[room])
        for state in ("draft", "submitted", "in_review", "archived"):
            self.fill(f"state-{state}", DESK, state=state)
        self.ask_an_expert()
        self.learn_together()
        self.send_a_reward()
        later = timezone.now() + timezone.timedelta(days=3)
        self.fill("scheduled", DESK, published_at=later)
        search_index.sweep()
        search_index.count_words()

    def learn_together(self):
        """What a cohort tells each other, and when it meets, is theirs alone."""
        closed = self.word_for("cohort", OPERATOR)
        course = make_course(
            "aviary-together", lessons=1, access="members", author=self.writer
        )
        cohort = make_cohort(course, mentor=self.writer)
        cohorts.join(cohort=cohort, member=self.author)
        classmates.introduce(
            cohort=cohort, member=self.author, text=closed("introduction")
        )
        self.meet("a cohort", OPERATOR, cohort=cohort)

    def send_a_reward(self):
        """Where it goes is read from a picking list alone, which nobody follows to."""
        word = self.word_for("address of a reward", frozenset())
        give_points(self.author, self.reward.points, "reward")
        redemptions.redeem(
            member=self.author,
            reward=self.reward,
            form_key=uuid4(),
            address=Address(word("name"), word("phone"), word("street")),
        )

    def ask_an_expert(self):
        """A question that is theirs alone, and one whose answer is sold to others."""
        expert = AskingTerms.objects.get().expert
        for is_open in (False, True):
            closed = self.word_for(f"paid question, open {is_open}", OPERATOR)
            titled = self.word_for(f"paid question, open {is_open}", SIGNED_IN)
            question = ask_for_points(
                self.author,
                expert,
                title=(titled if is_open else closed)("title"),
                text=closed("text"),
                is_open=is_open,
            )
            paid_questions.answer(question=question, text=closed("answer"))
            paid_questions.follow_up(
                question=question, author=expert, text=closed("follow-up")
            )
            paid_questions.rate(question=question, stars=4, words=closed("rating"))

        self.meet_an_expert(expert)

    def meet_an_expert(self, expert):
        """What an hour is about is theirs alone; what is offered, and what was said
        of it, is for members."""
        words = self.word_for("consultation", SIGNED_IN)
        closed = self.word_for("appointment", OPERATOR)
        # A few hours: each that is free has a page of its own.
        consultations.save_calendar(expert=expert, time_zone="UTC", days_ahead=7)
        consultations.add_hours(
            expert=expert, weekdays=range(7), begins=9 * 60, ends=11 * 60
        )
        topic = make_consultation(expert, title=words("title"), about=words("about"))
        done, other = (
            confirmed(self.author, topic, brief=closed(f"brief {n}")) for n in (1, 2)
        )
        appointments.cancel(appointment=other, by=expert, reason=closed("reason"))
        Appointment.objects.filter(pk=done.pk).update(starts_at=timezone.now())
        for person in (self.author, expert):
            appointments.say(appointment=done, by=person, says="held")
        appointments.rate(appointment=done, stars=5, words=words("rating"))

    def fill(self, name, knowing, *, kind=Item.Kind.ARTICLE, access="free", **fields):
        """An item with a word in each of its texts."""
        inside = INSIDE[Item.Access(access)] & knowing
        make = make_course if kind == Item.Kind.COURSE else make_item
        face = self.word_for(name, knowing)
        item = make(
            f"aviary-{name}",
            kind=kind,
            access=access,
            level_needed=9 if access == "level" else None,
            author=self.writer,
            title=face("title"),
            summary=face("summary"),
            description=face("description"),
            **{"state": Item.State.LIVE, **fields},
        )
        item.tags.add(face("tag"))
        within = self.word_for(name, inside)
        if kind == Item.Kind.COURSE:
            self.lessons(item, face, within)
        elif kind == Item.Kind.CASE:
            parts = {part: within(part) for part in CaseStudy.PARTS}
            parts["context"] = face("context")  # the preview
            items.tell_case(CaseStudy.objects.create(item=item, **parts))
        else:
            item.body = f"{face('preview')}\n\n<!--more-->\n\n{within('body')}"
            items.render(item).save()
        self.beside(item, face)
        self.enclose(item, within)
        Rating.objects.create(
            item=item,
            member=self.author,
            stars=4,
            words=face("rating"),
            reply=face("reply"),
            replied_at=timezone.now(),
        )
        desk = self.word_for(name, DESK)
        OutdatedFlag.objects.create(item=item, member=self.author, text=desk("flag"))
        texts = {"title": desk("old title"), "body": desk("old body")}
        Revision.objects.create(item=item, number=90, texts=texts, author=self.writer)
        make_topic(self.author, item=item, title=face("topic"), body=face("post"))

    def enclose(self, item, within):
        """Files, of which no page tells that is not open to the reader."""
        said = within("captions of the recording")
        film = item.files.create(
            kind="video",
            title=within("recording"),
            chapters=f"0:10 {within('chapter')}",
            file="items/none.webm",
        )
        film.captions.create(
            language="en", text=said, vtt=f"WEBVTT {said}", cues=[[3, said]]
        )
        item.files.create(
            kind="attachment",
            title=within("file"),
            file=ContentFile(within("content of the file").encode(), name="a.txt"),
        )

    def lessons(self, course, face, within):
        section = course.sections.create(title=face("section"))
        for name, says, preview in (("shown", face, True), ("closed", within, False)):
            lesson = make_lesson(
                section,
                title=face(f"title of the {name} lesson"),
                body=(text := says(f"{name} lesson")),
                body_html=f"<p>{text}</p>",
                is_preview=preview,
                kind="audio",
                media="lessons/none.mp3",
                chapters=f"0:10 {says(f'{name} chapter')}",
            )
            lesson.captions.create(language="en", text=says(f"{name} captions"))
            polls.add_poll(
                lesson=lesson, question=says(f"{name} poll"), choices=["Yes", "No"]
            )
            # Whoever takes its quiz is asked; what was right is told afterwards.
            taken = self.word_for(f"{course.slug} {name}", TAKERS & says.allowed)
            told = self.word_for(f"{course.slug} {name}", TOLD_LATER)
            ask(
                make_quiz(course, lesson=lesson),
                text=taken("question"),
                answers=f"* {taken('choice')}\nnothing",
                explanation=told("explanation"),
            )

    def beside(self, item, face):
        today = timezone.localdate()
        if item.kind == Item.Kind.NEWS:
            News.objects.create(item=item, source=face("source"), happened_on=today)
        if item.kind == Item.Kind.REPORT:
            Report.objects.create(item=item, edition=face("edition"))
        if item.kind == Item.Kind.RECORDING:
            Recording.objects.create(item=item, held_on=today, minutes=3)

    def talk(self, name, knowing, **where):
        """A topic with a reply, and one that was hidden."""
        says = self.word_for(f"talk in {name}", knowing)
        topic = make_topic(self.author, title=says("topic"), body=says("post"), **where)
        reply = make_post(
            topic, self.writer, body=says("reply"), edited_at=timezone.now()
        )
        reply.revisions.create(number=1, body=says("earlier reply"))
        self.tell_everybody(topic)
        asked = make_topic(self.author, kind="poll", title=says("poll"), **where)
        polls.add_poll(topic=asked, choices=[says("choice"), says("other choice")])
        gone = self.word_for(f"hidden talk in {name}", OPERATOR)
        reply.revisions.create(
            number=2, body=gone("hidden version"), hidden_at=timezone.now()
        )
        topic = make_topic(self.author, title=gone("topic"), body=gone("post"), **where)
        hide_topic(topic=topic, reason="spam")
        self.tell_everybody(topic)
        keeping = self.word_for(f"held in {name}", KEEPERS & knowing)
        texts = {"title": keeping("held title"), "body": keeping("held body")}
        Case.objects.create(
            what=Case.What.TOPIC, author=self.writer, arguments=texts, **where
        )

    def tell_everybody(self, topic):
        """Also whom it does not concern: what they may not see they must not read."""
        for post in topic.posts.all():
            tell(
                [person.pk for person in self.people.values()],
                kind=Notification.Kind.MENTIONED,
                key=f"post {post.pk}",
                target=post,
            )

    def meet(self, name, knowing, **where):
        """An event: how to join, what is handed out, and who comes are for others."""
        says = self.word_for(f"event in {name}", knowing)
        told = self.word_for(f"event in {name}", knowing & SIGNED_IN)
        closed = self.word_for(f"event in {name}", OPERATOR)
        event = make_event(
            says("title"),
            host=self.writer,
            summary=says("summary"),
            body=says("body"),
            place=says("place"),
            map_url=f"https://example.org/{says('map')}",
            join_url=f"https://example.org/{closed('link to join')}",
            questions=[told("question")],
            **where,
        )
        speaker = event.speakers.create(name=says("speaker"), about=says("about"))
        event.agenda.create(
            begins_after=0, minutes=5, title=says("agenda"), speaker=speaker
        )
        content = ContentFile(closed("content").encode(), name="a.txt")
        event.materials.create(title=closed("material"), file=content)
        registrations.register(
            event=event, member=self.author, answers=[closed("answer")]
        )
        room = live.room_of(event)
        room.pinned = room.messages.create(author=self.author, body=closed("message"))
        room.save()
        room.questions.create(author=self.author, body=closed("question in the room"))
        room.polls.create(
            question=closed("poll in the room"), choices=[closed("choice"), "No"]
        )
        EventOutcome.objects.create(
            event=event,
            notes=(notes := says("notes")),
            notes_html=f"<p>{notes}</p>",
            poor_since=timezone.now(),
            looked_at=timezone.now(),
            looked_by=self.people["operator"],
            looked_words=closed("what was found"),
            rating_count=1,
            rating_sum=4,
        )
        EventRating.objects.create(
            event=event, member=self.author, stars=4, words=told("rating of an event")
        )
        CaseProposal.objects.create(
            event=event,
            member=self.author,
            title=closed("title of a case"),
            text=closed("proposed case"),
            minutes=9,
        )
        make_event(closed("title of a draft"), host=self.writer, publish=False, **where)
        again = make_event(
            says("title of a series"),
            host=self.writer,
            summary=says("summary of a series"),
            body=says("body of a series"),
            join_url=f"https://example.org/{closed('link to join a series')}",
            publish=False,
            **where,
        )
        made = start_series(event=again, frequency="monthly_day", count=2)
        come_to_all(series=made, member=self.author)
        tell(
            [person.pk for person in self.people.values()],
            kind=Notification.Kind.EVENT_CHANGED,
            key=f"series {made.pk}",
            target=made,
        )

    def camp(self, name, knowing, **where):
        """A challenge: what comes, and who does what, is not for everybody."""
        says = self.word_for(f"challenge in {name}", knowing)
        closed = self.word_for(f"challenge in {name}", OPERATOR)
        challenge = make_challenge(
            says("title"),
            host=self.writer,
            summary=says("summary"),
            body=says("body"),
            task=closed("task"),
            team_size=2,
            **where,
        )
        mine = challenges.join(
            challenge=challenge,
            member=make_member(f"camper-{name}"),
            new_team=says("team"),
        )
        check_in(mine, challenge.first_day, says("check-in"))
        challenges.save_tasks(challenge=challenge, tasks={2: closed("task to come")})
        make_challenge(
            closed("title of a draft"), host=self.writer, publish=False, **where
        )

    def word_for(self, name, allowed):
        return Words(self.canaries, name, allowed)


class Words:
    """Words for the texts of one thing, which the same people may meet."""

    def __init__(self, canaries, name, allowed):
        self.canaries, self.name, self.allowed = canaries, name, allowed

    def __call__(self, about: str) -> str:
        return self.canaries.word(f"{self.name}: {about}", self.allowed)


@pytest.fixture(scope="module")
def aviary(django_db_setup, django_db_blocker, tmp_path_factory):
    """Made once for all who crawl it; gone afterwards."""
    from django.conf import settings

    kept, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), transaction.atomic():
        ensure_partitions(timezone.localdate(), timezone.localdate())
        yield Aviary()
        transaction.set_rollback(True)
    settings.MEDIA_ROOT = kept


# Operators may meet everything.
@pytest.mark.parametrize("tier", [tier for tier in TIERS if tier != "operator"])
def test_nobody_meets_what_is_not_for_them(aviary, tier):
    met = {}
    for address, page in crawl(aviary, tier):
        for about in aviary.canaries.met_by(tier, page):
            met.setdefault(about, address)

    assert met == {}


def test_the_removed_meet_no_more_than_visitors(aviary):
    """They had paid, kept order and worked at the desk."""
    removed = aviary.people["paying"]
    met = {}
    with transaction.atomic():
        removed.roles = list(ROLES.values())
        removed.is_staff = True
        removed.save()
        operator = aviary.people["operator"]
        make_sanction(removed, by=operator, kind="removal", days=None)
        for address, page in crawl(aviary, "paying"):
            for about in aviary.canaries.met_by("visitor", page):
                met.setdefault(about, address)
        transaction.set_rollback(True)
    removed.refresh_from_db()

    assert met == {}


def test_the_crawl_meets_what_is_for_everybody(aviary):
    """Else the test above could pass by seeing nothing."""
    pages = "".join(page for _, page in crawl(aviary, "visitor"))
    everybody = {
        word
        for word, allowed in aviary.canaries.allowed.items()
        if allowed == EVERYBODY
    }

    missed = {aviary.canaries.about[word] for word in everybody if word not in pages}
    assert {about for about in missed if not about.endswith("content of the file")} == (
        set()
    )


def test_pictures_that_leave_the_house_tell_what_everybody_may_know(aviary):
    """No crawl reads pictures; this is all that they are drawn from."""
    things = [
        *Item.objects.select_related("author", "space"),
        *(
            read_lesson(pk, VISITOR)
            for pk in Lesson.objects.values_list("pk", flat=True)
        ),
        *(
            read_topic(pk, VISITOR, 1)
            for pk in Topic.objects.values_list("pk", flat=True)
        ),
    ]

    told = " ".join(str(sharing.shown(thing)) for thing in things)

    assert CANARY.search(told)
    assert aviary.canaries.met_by("visitor", told) == set()


@pytest.mark.parametrize("tier", sorted(TAKERS))
def test_a_quiz_asks_only_who_may_take_it(aviary, tier):
    client = signed_in(aviary, tier)
    for quiz in aviary_quizzes():
        begun = client.post(f"{quiz.get_absolute_url()}start/", follow=True)
        assert aviary.canaries.met_by(tier, begun.content.decode()) == set()


def test_the_takers_of_quizzes_meet_what_they_are_asked(aviary):
    """Else the test above could pass by seeing nothing."""
    quiz = aviary_quizzes().filter(item__access=Item.Access.FREE).first()
    begun = signed_in(aviary, "member").post(
        f"{quiz.get_absolute_url()}start/", follow=True
    )

    assert set(CANARY.findall(begun.content.decode())) & words_in(quiz)


def test_no_mail_tells_of_it(aviary, django_capture_on_commit_callbacks):
    """Everything of the library that is mailed: of drafts on their way, of work, of
    cohorts that begin, of what is due for a check."""
    outbox.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        go_through_the_desk(aviary)
        work_and_learn(aviary)

    tiers = {person.email: tier for tier, person in aviary.people.items()}
    met, told = set(), 0
    for mail in outbox.outbox:
        (address,) = mail.to
        text = f"{mail.subject}\n{mail.body}"
        told += bool(CANARY.search(text))
        if address != aviary.writer.email:  # who may meet all they wrote
            met |= aviary.canaries.met_by(tiers.get(address, "member"), text)

    assert met == set()
    assert told > 5


def test_no_news_by_mail_tell_of_it(aviary, django_capture_on_commit_callbacks):
    outbox.outbox.clear()
    NewsChoice.objects.bulk_create(
        NewsChoice(member=person, quiet_from=0, quiet_to=0)
        for person in aviary.people.values()
    )
    Notification.objects.exclude(mail_at=None).update(mail_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        news_mails.mail_due()

    tiers = {person.email: tier for tier, person in aviary.people.items()}
    met, told = set(), 0
    mails = [mail for mail in outbox.outbox if mail.to[0] in tiers]
    for mail in mails:
        text = f"{mail.subject}\n{mail.body}"
        told += bool(CANARY.search(text))
        met |= aviary.canaries.met_by(tiers[mail.to[0]], text)

    assert met == set()
    assert told == len(mails) == len(tiers)


def go_through_the_desk(world):
    reviewer = world.people["reviewer"]
    draft = Item.objects.get(slug="aviary-state-draft")
    editorial.submit(item=draft, by=world.writer)
    editorial.take(item=draft, by=reviewer)
    editorial.comment(item=draft, by=reviewer, text="And the end?")
    editorial.send_back(item=draft, by=reviewer, text="Please shorten it.")
    editorial.submit(item=draft, by=world.writer)
    editorial.take(item=draft, by=reviewer)
    for point in ChecklistPoint.objects.filter(kind__in=["", draft.kind]):
        editorial.tick(item=draft, point=point, by=reviewer, is_true=True)
    editorial.accept(item=draft, by=reviewer)
    editorial.publish_due()
    out = Item.objects.filter(author=world.writer, state=Item.State.LIVE)
    out.update(review_by=timezone.localdate())
    editorial.remind_of_checks()


def work_and_learn(world):
    """In the open, in a course that only some may open, and in one of a closed room."""
    for course in Item.objects.courses().filter(author=world.writer):
        cohort = make_cohort(course)
        lesson = course.sections.first().lessons.last()
        asked = assignments.save_assignment(lesson=lesson, task="Do it.")
        for tier in sorted(INSIDE[course.access] & TAKERS):
            member = world.people[tier]
            cohort.learners.create(member=member, item=course)
            work = assignments.hand_in(assignment=asked, member=member, text="Done.")
            assignments.review(
                work=work, by=world.writer, is_passed=True, comment="Good.", marks=[]
            )
    cohorts.tell_who_begins()


# What is told about oneself is one's own; what one wrote at the desk, too.
@pytest.mark.parametrize("tier", sorted(TAKERS - DESK))
def test_no_copy_of_ones_data_tells_of_it(aviary, tier):
    client = signed_in(aviary, tier)
    for quiz in aviary_quizzes():
        begun = client.post(f"{quiz.get_absolute_url()}start/", follow=True)
        if begun.context and (attempt := begun.context.get("attempt")):
            asked = attempt.answers.first().question_id
            client.post(begun.request["PATH_INFO"], {f"question-{asked}": "0"})
    for lesson in Lesson.objects.filter(section__item__author=aviary.writer):
        client.post(f"{lesson.get_absolute_url()}done/")
        client.post(f"{lesson.get_absolute_url()}note/", {"text": "Mine."})

    copy = json.dumps(privacy.export_all(aviary.people[tier]), default=str)

    assert aviary.canaries.met_by(tier, copy) == set()
    assert CANARY.search(copy)


def signed_in(world, tier):
    client = Client()
    client.force_login(world.people[tier])
    return client


def aviary_quizzes():
    return Quiz.objects.filter(item__slug__startswith="aviary-").order_by("pk")


def words_in(quiz):
    texts = quiz.asked.values_list("question__text", "question__answers")
    return set(CANARY.findall(str(list(texts))))


def crawl(world, tier):
    """(address, text) of everything this person gets by asking and by following."""
    client = Client(raise_request_exception=False)
    if tier != "visitor":
        client.force_login(world.people[tier])
    waiting = deque(starts(world))
    seen = set(waiting)
    asked = 0
    while waiting and asked < MOST_PAGES:
        address = waiting.popleft()
        asked += 1
        response = client.get(address)
        text = text_of(response, address)
        yield address, text
        if tier in DESK:  # where all may be met, each link would be another page
            continue
        for link in links_on(response, text, address):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    assert asked < MOST_PAGES, "the crawl did not come to its end"


def starts(world):
    rows = [row for app in APPS for of_name in app.ROWS.values() for row in of_name]
    paths = dict.fromkeys(row.path(world) for row in rows if row.method == "get")
    # Whoever has the address of a podcast or calendar is, there, whose it is.
    yield from (path for path in paths if not path.startswith(("/podcast/", "/ics/")))
    # One search for many: whatever has one of the words would be found.
    for words in in_parts(list(world.canaries.about), 6):
        yield "/search/?q=" + "+".join(words)


def in_parts(words, size):
    return [words[at : at + size] for at in range(0, len(words), size)]


def text_of(response, address):
    text = unescape(b"".join(response).decode(errors="replace"))
    if address.startswith("/search/?q="):  # what was asked for stands above
        return text.partition('<ol class="rows">')[2].partition("</ol>")[0]
    return text


LINK = re.compile(r'(?:href|src|srcset|action)="([^"]+)"')
NOT_FOLLOWED = ("/accounts/", "/static/", "/admin/", "/appearance/")


def links_on(response, text, address):
    if response.status_code in {301, 302}:
        found = [response["Location"]]
    elif "html" in response.get("Content-Type", ""):
        found = LINK.findall(text)
    else:
        return
    for link in found:
        whole = urlsplit(urldefrag(urljoin(address, link))[0])
        ours = whole.netloc in {"", "testserver"} and whole.path.startswith("/")
        if ours and is_worth(whole.path, whole.query):
            yield f"{whole.path}?{whole.query}" if whole.query else whole.path


def is_worth(path, query):
    """Filters and languages of one page make its every combination an address."""
    is_door = "next=" in query or "tag=" in query
    is_tool = re.match(r"/studio/\w+/\d+/.", path)  # the matrix asks for each of them
    is_left_out = path.startswith(NOT_FOLLOWED) or is_door or is_tool
    return not is_left_out and query.count("=") <= 1
