"""The little world that the access matrix is asked in."""

import datetime as dt
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import MEMBERSHIP, Entitlement, Notification, Role, Space
from accounts.services import experts, joining, messages
from accounts.services.notifications import tell
from accounts.services.roles import grant_role
from content.models import (
    Captions,
    Case,
    CoAuthor,
    Enrolment,
    FeedbackArea,
    Item,
    LearningPath,
    Picture,
    QuestionDuty,
    Rating,
    Rearrangement,
    Suggestion,
    Survey,
    Theme,
    ThemeWeek,
    TopicHeat,
)
from content.services import (
    assignments,
    calendars,
    case_proposals,
    certificates,
    challenges,
    consultations,
    door,
    events,
    feedback,
    live,
    paid_questions,
    podcasts,
    polls,
    quizzes,
    registrations,
    suggestions,
    surveys,
)
from content.services.series import start_series
from tests.factories.accounts import make_member, make_space
from tests.factories.appointments import book, confirmed, make_consultation
from tests.factories.billing import make_offer, make_paying, start
from tests.factories.campaigns import make_campaign
from tests.factories.challenges import check_in, make_challenge
from tests.factories.coupons import make_automatic
from tests.factories.courses import make_cohort, make_course, make_item
from tests.factories.discussions import make_post, make_topic
from tests.factories.events import make_event
from tests.factories.paid_questions import ask_for_points, make_expert, write
from tests.factories.quizzes import ask, make_quiz
from tests.factories.rewards import make_goods, take
from tests.factories.sanctions import make_sanction
from tests.factories.suspicions import make_suspicion
from tests.factories.writing import save


class World:
    """One thing of each kind, and one person of each tier."""

    def __init__(self):
        self.people = {tier: make_member(tier) for tier in PEOPLE}
        for tier, role in ROLES.items():
            grant_role(member=self.people[tier], role=role)
            self.people[tier].refresh_from_db()
        make_paying(self.people["paying"])
        self._lapse(self.people["lapsed"])
        suspended = self.people["suspended"]
        suspended.suspended_at = timezone.now()
        suspended.save()

        self.author = make_member("author")
        self.sanction = make_sanction(suspended, by=self.people["operator"])
        self.offer = make_offer()
        self.reward = make_goods()
        self.redemption = take(self.people["member"], self.reward)
        self.suspicion = make_suspicion(self.people["member"])
        self.order, self.payment = start(self.author, self.offer)
        self.coupon, self.listed_coupon = (
            make_automatic(gives="days", days=1, opens="item:1", audience=audience)
            for audience in ("everybody", "listed")
        )
        self.space = make_space("open", access=Space.Access.PUBLIC)
        self.members_space = make_space("inside", access=Space.Access.MEMBERS)
        self.private_space = make_space("private", access=Space.Access.JOINED)
        self.free = make_course("free", lessons=2, access=Item.Access.FREE)
        self.sold = make_course("sold", lessons=2, access=Item.Access.MEMBERSHIP)
        self.draft = make_course("draft", lessons=1, published_at=None)
        self.essay = make_item("essay", access=Item.Access.FREE)
        self.essay.tags.add("known")
        self.closed = make_item("closed", access=Item.Access.MEMBERSHIP)
        self.rating = Rating.objects.create(
            item=self.essay, member=self.author, stars=4, words="Good."
        )
        self.material = Item.objects.create(
            kind=Item.Kind.MATERIAL,
            slug="quiz",
            title="Quiz",
            state=Item.State.LIVE,
            published_at=timezone.now(),
        )
        self.topic = make_topic(
            self.author, space=self.space, kind="question", title="Why?"
        )
        self.duty = QuestionDuty.objects.create(
            topic=self.topic, remind_at=timezone.now(), due_at=timezone.now()
        )
        self.answer = make_post(self.topic, make_member("answerer"))
        tell(
            [self.people["member"].pk],
            kind=Notification.Kind.REPLIED,
            key="answer",
            target=self.answer,
        )
        self.news = Notification.objects.get(key="answer")
        self.version = self.answer.revisions.create(number=1, body="Before.")
        self.inside_topic = make_topic(self.author, space=self.members_space)
        self.campaign = make_campaign()
        self.campaign.members.create(member=self.people["member"], points=0)
        self._poll()
        self.conversation = messages.send(
            sender=self.author, to=self.people["member"], body="Hello."
        ).conversation
        self.theme = Theme.objects.create(title="Notes", proposed_by=self.author)
        self.week, self.private_week = (
            ThemeWeek.objects.create(
                title="Notes",
                space=space,
                host=self.people["mentor"],
                starts_on=timezone.localdate(),
            )
            for space in (self.members_space, self.private_space)
        )
        self.private_topic = make_topic(self.author, space=self.private_space)
        self.rearranged, self.private_rearranged = (
            Rearrangement.objects.create(
                act="merge",
                topic=self.inside_topic,
                into=topic,
                undone_at=timezone.now(),
            )
            for topic in (self.topic, self.private_topic)
        )
        self.case, self.private_case = (
            Case.objects.create(
                what=Case.What.REPLY,
                author=self.people["member"],
                space=topic.space,
                topic=topic,
                arguments={"body": "It waits."},
            )
            for topic in (self.topic, self.private_topic)
        )
        for topic in (self.topic, self.private_topic):
            TopicHeat.objects.create(topic=topic, heat=0.8, proposal="word")
        self.space_invitation, self.private_invitation = (
            joining.invite(space=space, by=self.author)
            for space in (self.space, self.private_space)
        )
        self.bookmark = self.author.bookmarks.create(item=self.essay)
        self.post_file = self._post_file(self.topic.posts.first())
        self.inside_file = self._post_file(self.inside_topic.posts.first())
        self.file_not_posted = self._post_file(None)
        expert = experts.save_expert(member=self.author, headline="Teaches", fields=[])
        self.proof = experts.add_credential(
            expert=expert,
            what="A degree",
            issuer="A school",
            year=2001,
            document=ContentFile(b"%PDF-", name="degree.pdf"),
        )
        self._ask()
        self.avatar = default_storage.save(
            f"avatars/{uuid4().hex}.webp", ContentFile(b"x")
        )

        self._learn()
        self._write()
        self._talk_back()

    def _talk_back(self):
        member, area = self.people["member"], FeedbackArea.objects.first()
        self.said = feedback.give(area=area, text="x", language="en", member=member)
        self.nameless = feedback.give(area=area, text="x", language="en")
        self.held = suggestions.suggest(author=member, title="Held", text="x")
        self.suggestion = Suggestion.objects.create(
            title="Open", text="x", state=Suggestion.State.OPEN
        )
        survey = Survey.objects.get(kind=Survey.Kind.NPS)
        self.asked = surveys.ask(survey=survey, member=member, probability=1.0)

    def _poll(self):
        """Polls in the open, behind the plan's door, and one in no space of theirs."""
        self.poll, self.hidden_poll = (
            polls.add_poll(
                topic=make_topic(self.author, kind="poll", space=space, title="Which?"),
                choices=["This", "That"],
                shows=shows,
            )
            for space, shows in (
                (self.space, "always"),
                (self.private_space, "closed"),
            )
        )
        self.paid_poll = polls.add_poll(
            lesson=self.lesson_of(self.sold), question="And here?", choices=["A", "B"]
        )

    def _ask(self):
        """Questions to an expert: not asked yet, private, and open to be read along."""
        expert = make_expert("asked")
        self.unasked = write(self.author, expert)
        self.private_question, self.open_question = (
            ask_for_points(self.author, expert, has=points, is_open=is_open)
            for points, is_open in ((100, False), (101, True))
        )
        paid_questions.answer(question=self.open_question, text="So.")
        self._meet(expert)

    def _meet(self, expert):
        """An hour that is not paid yet, and one that stands."""
        consultations.save_calendar(expert=expert, time_zone="UTC")
        consultations.add_hours(
            expert=expert, weekdays=range(7), begins=0, ends=24 * 60
        )
        self.consultation = make_consultation(expert)
        self.closed_consultation = make_consultation(expert, is_active=False)
        self.hours = expert.availability.first()
        consultations.add_exception(
            expert=expert, day=timezone.localdate(), is_extra=True, begins=0, ends=60
        )
        self.exception = expert.availability_exceptions.get()
        self.unpaid_hour = book(self.author, self.consultation)
        self.appointment = confirmed(self.author, self.consultation)

    def _learn(self):
        """One who may have a certificate, and one who has it."""
        self.sold.gives_certificate = True
        self.sold.save()
        for member in (self.people["member"], self.author):
            Enrolment.objects.create(
                member=member, item=self.sold, done_at=timezone.now()
            )
        self.path = LearningPath.objects.create(
            title="All of it", slug="all-of-it", goal="Know it", is_shown=True
        )
        self.path.steps.create(item=self.free)
        self.hidden_path = LearningPath.objects.create(
            title="Later", slug="later", goal="Know it then"
        )
        self.quiz, self.paid_quiz = make_quiz(self.free), make_quiz(self.sold)
        for quiz in (self.quiz, self.paid_quiz):
            ask(quiz)
        self.attempt = quizzes.start(quiz=self.quiz, member=self.author)
        self.assignment, self.paid_assignment = (
            assignments.save_assignment(lesson=self.lesson_of(course), task="Do it.")
            for course in (self.free, self.sold)
        )
        self.cohort, self.sold_cohort = (
            make_cohort(course) for course in (self.free, self.sold)
        )
        self.joined_cohort = make_cohort(self.free, mentor=self.people["mentor"])
        self.joined_cohort.learners.create(member=self.people["member"], item=self.free)
        self.podcast = podcasts.make_address(member=self.author)
        self.calendar = calendars.make_address(member=self.author)
        self._events()
        self._challenges()
        self.captions, self.paid_captions = (
            Captions.objects.create(lesson=self.lesson_of(course), language="en")
            for course in (self.free, self.sold)
        )
        self.film = self._film(self.closed)
        self.film_captions = Captions.objects.create(file=self.film, language="en")
        self.certificate = certificates.issue(
            member=self.author, course=self.sold, name="A. Author"
        )

    def _events(self):
        mentor = self.people["mentor"]
        self.event = make_event("Open", host=mentor)
        self.event_draft = make_event("Unfinished", host=mentor, publish=False)
        self.private_event = make_event(
            "Of the few", host=mentor, space=self.private_space
        )
        self.series, self.private_series = (
            start_series(
                event=make_event("Again", host=mentor, publish=False, space=space),
                frequency="monthly_day",
                count=2,
            )
            for space in (None, self.private_space)
        )
        self.occurrence = self.series.events.exclude(series_date=None).first()
        # In a while: somebody may be let in already.
        soon = make_event("Soon", host=mentor, days=1 / 24)
        self.registration = registrations.register(event=soon, member=self.author)
        self.door_helper = door.name_helper(event=soon, member=self.author, by=mentor)
        self.call = make_event("Cases", host=mentor, kind="case")
        self.proposal = case_proposals.propose(
            event=self.call, member=self.author, title="Mine", text="Soil", minutes=9
        )
        self.event_file, self.private_event_file = (
            events.add_material(
                event=event,
                title="Plan",
                upload=SimpleUploadedFile("plan.pdf", b"%PDF-1.4"),
                open_from="before",
            )
            for event in (self.event, self.private_event)
        )

        self.live_rooms = {
            "event": self._room(self.event),
            "private_event": self._room(self.private_event),
        }

    def _room(self, event):
        """What was said, asked and put to the vote in it."""
        room, author = live.room_of(event), self.author
        message = room.messages.create(author=author, body="Hello")
        question = room.questions.create(author=author, body="Why?")
        poll = room.polls.create(question="Tea?", choices=["Yes", "No"])
        return {
            "event": event.pk,
            "message": message.pk,
            "question": question.pk,
            "poll": poll.pk,
            "member": author.pk,
        }

    def _challenges(self):
        mentor = self.people["mentor"]
        camper = make_member("camper")
        self.challenge, self.private_challenge = (
            make_challenge(host=mentor, space=space)
            for space in (self.space, self.private_space)
        )
        self.challenge_draft = make_challenge(
            host=mentor, space=self.space, publish=False
        )
        self.check_in, self.private_check_in = (
            check_in(challenges.join(challenge=it, member=camper), it.first_day)
            for it in (self.challenge, self.private_challenge)
        )

    def _write(self):
        """A course that a mentor is writing, with a friend."""
        mentor = self.people["mentor"]
        self.written = make_course(
            "written", lessons=1, author=mentor, published_at=None
        )
        save(self.written, mentor, description="Begun.")
        asked = assignments.save_assignment(
            lesson=self.lesson_of(self.written), task="Do it."
        )
        self.work = asked.work.create(member=self.author, text="Done.")
        self.own_captions = Captions.objects.create(
            lesson=self.lesson_of(self.written), language="en"
        )
        self.written_cohort = make_cohort(self.written)
        self.written_quiz = make_quiz(self.written)
        self.question = ask(self.written_quiz)
        self.file = self.written.files.create(
            kind="attachment", title="Plan", file="items/plan.pdf"
        )
        self.upload = self.written.uploads.create(
            member=mentor, kind="attachment", name="t.pdf", size=5
        )
        self.own_film = self._film(self.written)
        self.co_author = CoAuthor.objects.create(item=self.written, member=self.author)
        self.invitation = self.written.invitations.create(
            member=self.people["volunteer"], by=mentor
        )

    def _post_file(self, post):
        file = self.author.post_files.create(
            post=post, name="plan.pdf", suffix=".pdf", size=1
        )
        default_storage.save(file.path, ContentFile(b"x"))
        return file

    def _film(self, item):
        return item.files.create(kind="video", title="Film", file="items/film.webm")

    def picture_of(self, item):
        picture = Picture.objects.create(item=item, width=1, height=1)
        default_storage.save(picture.path, ContentFile(b"x"))
        return picture.get_absolute_url()

    def lesson_of(self, course):
        return course.sections.first().lessons.first()

    def _lapse(self, member):
        now = timezone.now()
        Entitlement.objects.create(
            member=member,
            what=MEMBERSHIP,
            starts_at=now - dt.timedelta(days=60),
            ends_at=now - dt.timedelta(days=30),
        )


ROLES = {
    "mentor": Role.MENTOR,
    "volunteer": Role.VOLUNTEER,
    "reviewer": Role.REVIEWER,
    "planner": Role.PLANNER,
    "operator": Role.OPERATOR,
}
PEOPLE = ("member", "lapsed", "paying", *ROLES, "suspended")
