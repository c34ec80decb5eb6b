from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from accounts.privacy import Handler, rows
from content.models import (
    AcceptedAnswer,
    AnswerVote,
    Appointment,
    Asked,
    AskingTerms,
    Attempt,
    AttemptAnswer,
    Availability,
    AvailabilityException,
    Ballot,
    Bookmark,
    CalendarAddress,
    Case,
    CaseProposal,
    Certificate,
    Challenge,
    ChallengeMember,
    ChallengeTask,
    ChallengeTicket,
    CheckIn,
    ChecklistTick,
    CoAuthor,
    CoAuthorInvitation,
    Cohort,
    Consultation,
    Decision,
    DoorHelper,
    Draft,
    DutyDeclined,
    EarlierReview,
    EditorialStep,
    Enrolment,
    Event,
    EventOutcome,
    EventRating,
    EventSeries,
    ExpertCalendar,
    Feedback,
    FeedbackArea,
    FeedbackReport,
    FeedbackStep,
    FilePosition,
    FollowUp,
    Greeting,
    HandedIn,
    HelpfulVote,
    Introduction,
    Item,
    LessonNote,
    LessonProgress,
    LiveBallot,
    LiveMessage,
    LiveMute,
    LivePoll,
    LiveQuestion,
    LiveQuestionVote,
    MoreAttempts,
    Nudge,
    OutdatedFlag,
    PaidQuestion,
    Picture,
    PodcastAddress,
    Poll,
    Post,
    PostFile,
    PostLike,
    PostReport,
    PostRevision,
    QuestionDuty,
    Rating,
    Reaction,
    ReadAlong,
    Rearrangement,
    Registration,
    Revision,
    SeriesGuest,
    SpaceReader,
    Speaker,
    Suggestion,
    SuggestionVote,
    SurveyAnswer,
    SurveyRefusal,
    TextTrace,
    Theme,
    ThemeVote,
    ThemeWeek,
    TimeCell,
    Topic,
    TopicFollow,
    TopicHeat,
    Upload,
    Watched,
    Withdrawal,
)
from content.models.discussions import ReadMarker
from content.services import (
    appointments,
    challenge_tickets,
    challenges,
    event_ratings,
    events,
    live,
    paid_questions,
    polls,
    read_along,
    registrations,
    reports,
    series,
)
from content.services.answers import recount_votes


def export(member: User) -> dict[str, Any]:
    return {
        "topics": rows(member.topics, "title", "kind", "link", "created_at"),
        "posts": rows(
            member.posts, "topic__title", "number", "body", "created_at", "edited_at"
        ),
        "earlier texts of posts": rows(
            PostRevision.objects.filter(post__author=member),
            *("post_id", "number", "title", "body", "replaced_at"),
        ),
        "files in posts": rows(
            member.post_files, "key", "name", "post_id", "size", "created_at"
        ),
        "thanks given": rows(member.likes, "post_id", "created_at"),
        "polls asked": rows(
            Poll.objects.filter(topic__author=member), "topic__title", "choices"
        ),
        # Of an anonymous poll it is kept, and told, only that they voted.
        "votes in polls": [
            {"poll": str(it.poll), "chosen": polls.words_of(it.poll, it)}
            for it in member.ballots.select_related("poll__topic")
        ],
        "topics followed or muted": rows(
            member.topic_follows, "topic_id", "stance", "since"
        ),
        "spaces followed or muted": rows(
            member.space_readings, "space__name", "stance", "caught_up_at"
        ),
        "reactions given": rows(member.reactions, "post_id", "kind", "created_at"),
        "kept for later": rows(member.bookmarks, "post_id", "item_id", "created_at"),
        "answers marked as right": rows(member.answers_marked, "post_id", "role", "at"),
        "votes on answers": rows(member.answer_votes, "post_id", "is_helpful", "at"),
        "questions asked of the member": rows(
            member.duties, "topic_id", "due_at", "answered_at"
        ),
        "questions declined": rows(member.duties_declined, "duty_id"),
        "themes proposed": rows(
            member.themes, "title", "why", "state", "answer", "created_at"
        ),
        "themes wanted": rows(member.theme_votes, "theme__title", "created_at"),
        "themed weeks led": rows(member.theme_weeks, "title", "starts_on"),
        "newcomers welcomed": rows(member.greetings, "taken_at", "done_at"),
        "read positions": rows(member.read_markers, "topic_id", "last_number"),
        "library items written": rows(member.items, "title", "created_at"),
        "library items written with others": rows(member.co_written, "item__title"),
        "invitations to write with others": rows(
            member.asked_to_write, "item__title", "asked_at", "answer", "answered_at"
        ),
        "asked to write with them": rows(
            member.asked_others_to_write, "item__title", "asked_at"
        ),
        "library texts saved": rows(member.revisions, "texts", "created_at"),
        "library texts not saved yet": rows(member.drafts, "texts", "saved_at"),
        "pictures in library texts": rows(member.pictures, "key", "created_at"),
        "files on their way": rows(
            member.uploads, "name", "size", "arrived", "touched_at"
        ),
        "steps in reviewing": rows(
            member.editorial_steps, "item__title", "act", "text", "at"
        ),
        "points of checklists ticked": rows(member.ticks, "item__title", "at"),
        "items said to be out of date": rows(
            member.outdated_flags, "item__title", "text", "created_at"
        ),
        "ratings": rows(
            member.ratings, "item__title", "stars", "words", "reply", "created_at"
        ),
        "ratings found helpful": rows(member.helpful_votes, "rating_id"),
        "courses": rows(
            member.enrolments,
            *("item__title", "started_at", "last_at", "done_at", "unlocked_at"),
            "cohort__name",
        ),
        "courses left before they began": rows(
            member.withdrawals, "course__title", "at"
        ),
        "cohorts guided": rows(member.cohorts, "course__title", "name", "starts_on"),
        "introductions to classmates": rows(
            member.cohort_introductions, "cohort__name", "text", "at"
        ),
        "asked how it goes in a cohort": rows(member.nudges, "cohort__name", "at"),
        "learners asked how it goes": rows(member.nudges_given, "cohort__name", "at"),
        "quizzes taken": rows(
            member.quiz_attempts,
            *("quiz_id", "started_at", "handed_in_at", "right", "asked", "passed"),
        ),
        "more attempts at quizzes": rows(
            member.more_attempts, "quiz_id", "asked_at", "number", "given_at"
        ),
        "answers in quizzes": rows(
            AttemptAnswer.objects.filter(attempt__member=member),
            *("attempt_id", "question__text", "given", "is_right"),
        ),
        "work handed in": rows(
            member.handed_in,
            *("assignment__lesson__title", "text", "file", "at", "outcome"),
            *("comment", "marks"),
        ),
        "earlier reviews of it": rows(
            EarlierReview.objects.filter(work__member=member),
            *("work_id", "reviewed_at", "outcome", "comment", "marks"),
        ),
        "certificates": [
            {"name": it.name, "course": it.title, "code": it.code}
            for it in member.certificates.all()
        ],
        "podcast address": rows(
            PodcastAddress.objects.filter(member=member), "made_at"
        ),
        "calendar address": rows(
            CalendarAddress.objects.filter(member=member), "made_at"
        ),
        "events led": rows(
            member.events_hosted, "title", "summary", "body", "state", "starts_at"
        ),
        "helping at the door of events": rows(member.doors, "event__title", "since"),
        "speaking at events": rows(member.speaking, "event__title", "name", "about"),
        "series of events led": rows(
            member.event_series, "frequency", "first_on", "begins_at", "until"
        ),
        "series of events attended": rows(
            member.series_attended, "series_id", "answers", "since"
        ),
        "registrations for events": rows(
            member.registrations,
            *("event__title", "state", "answers", "paid_points", "registered_at"),
            *("cancelled_at", "checked_in_at", "seconds_present", "no_show"),
        ),
        "said in live rooms": rows(
            member.live_messages, "room__event__title", "body", "at", "hidden_at"
        ),
        "asked in live rooms": rows(
            member.live_questions,
            *("room__event__title", "body", "at", "votes", "answered_at", "hidden_at"),
        ),
        "votes in live rooms": [
            *rows(
                member.live_question_votes.filter(question__hidden_at=None),
                "question__body",
            ),
            *rows(member.live_ballots, "poll__question", "choice"),
        ],
        "muted in live rooms": rows(member.live_mutes, "room__event__title", "at"),
        "challenges led": rows(
            member.challenges_hosted, "title", "summary", "body", "task", "first_day"
        ),
        "challenges paid for": rows(
            member.challenge_tickets,
            *("challenge__title", "paid_at", "paid_points", "given_up_at"),
        ),
        "challenges": rows(
            member.challenges,
            *("challenge__title", "team__name", "time_zone", "remind_hour"),
            *("is_ranked", "joined_at", "left_at", "done_at"),
        ),
        "check-ins": rows(
            CheckIn.objects.filter(participant__member=member),
            *("participant__challenge__title", "day", "at", "post_id", "praised_at"),
        ),
        "check-ins praised": rows(member.check_ins_praised, "day", "praised_at"),
        "events rated": rows(
            member.event_ratings, "event__title", "stars", "words", "created_at"
        ),
        "cases proposed": rows(
            member.cases_proposed,
            *("event__title", "title", "text", "minutes", "state", "reason"),
            "created_at",
        ),
        "notes of events": rows(
            EventOutcome.objects.filter(event__host=member), "event__title", "notes"
        ),
        "notes on lessons": rows(
            member.lesson_notes, "lesson__title", "text", "saved_at"
        ),
        "recordings": rows(member.file_positions, "file__title", "seconds"),
        "time with recordings": rows(
            member.watched, "lesson__title", "file__title", "day", "seconds"
        ),
        "texts held": rows(
            member.cases.filter(what__in=Case.HELD),
            *("what", "arguments", "created_at", "outcome"),
        ),
        "decisions on texts": rows(
            Decision.objects.filter(case__author=member),
            *("act", "reason", "rule__title", "at", "undone_at"),
        ),
        "posts reported": rows(
            member.reports,
            *("case__what", "post_id", "case__rating_id", "reason", "words"),
            *("created_at", "upheld"),
        ),
        "decisions made on others": rows(
            member.moderation_decisions, "case_id", "act", "at"
        ),
        "heated talks seen to": rows(
            TopicHeat.objects.filter(seen_by=member), "topic__title", "seen_at"
        ),
        "terms for questions": rows(
            AskingTerms.objects.filter(expert=member),
            *("is_open", "price", "currency", "points", "days", "about"),
        ),
        "consultations offered": rows(
            member.consultations,
            *("title", "about", "minutes", "price", "currency", "points", "place"),
            *("is_active", "created_at"),
        ),
        "calendar for consultations": rows(
            ExpertCalendar.objects.filter(expert=member),
            *("time_zone", "notice_hours", "days_ahead", "join_url"),
        ),
        "weekly hours": rows(member.availability, "weekday", "begins", "ends"),
        "days that are otherwise": rows(
            member.availability_exceptions, "day", "is_extra", "begins", "ends"
        ),
        "appointments asked": rows(
            member.appointments_asked,
            *("title", "brief", "state", "starts_at", "ends_at", "place", "join_url"),
            *("price", "currency", "points", "paid_points", "asked_at", "ended_at"),
            *("part_back", "settled_at", "asker_came_at", "asker_says", "rating"),
            "rating_words",
        ),
        "appointments given": rows(
            member.appointments_taken.filter(asked_at__isnull=False),
            *("title", "state", "starts_at", "ends_at", "place", "join_url"),
            *("confirmed_at", "ended_at", "reason", "expert_came_at", "expert_says"),
        ),
        "hours taken": rows(member.time_cells, "starts_at"),
        "paid questions asked": rows(
            member.questions_asked,
            *("title", "text", "is_open", "state", "price", "currency", "points"),
            *("paid_points", "asked_at", "ended_at", "given_back_at", "rating"),
            "rating_words",
        ),
        "answers to paid questions": rows(
            member.questions_taken.filter(asked_at__isnull=False),
            *("title", "state", "asked_at", "due_at", "answer", "ended_at", "reason"),
        ),
        "words more about paid questions": rows(
            member.follow_ups, "question_id", "text", "created_at"
        ),
        "answers read along for points": rows(
            member.read_along, "question_id", "points", "at", "refunded_at"
        ),
        "feedback": rows(
            member.feedback, "area__name", "text", "page", "state", "created_at"
        ),
        "answers to it": rows(
            FeedbackStep.objects.filter(feedback__member=member),
            *("feedback_id", "state", "text", "at"),
        ),
        "feedback answered": rows(member.feedback_steps, "feedback_id", "state", "at"),
        "suggestions": rows(
            member.suggestions, "title", "text", "state", "answer", "created_at"
        ),
        "votes for suggestions": rows(
            member.suggestion_votes, "suggestion__title", "at"
        ),
        "surveys": rows(
            member.surveys_asked,
            *("survey__kind", "survey__occasion", "asked_at", "seen_at"),
            *("answered_at", "declined_at", "comment"),
        ),
        "answers in surveys": rows(
            SurveyAnswer.objects.filter(asked__member=member),
            *("asked_id", "question", "value"),
        ),
        "asked never to be asked": rows(
            SurveyRefusal.objects.filter(member=member), "at"
        ),
        "lessons": rows(member.lesson_progress, "lesson__title", "seconds", "done_at"),
    }


def erase(member: User) -> None:
    """Texts are emptied, their places stay; courses written here stay the house's."""
    member.posts.update(body="", body_html="", edited_at=timezone.now())
    member.topics.update(title="…", link="")
    for poll in Poll.objects.filter(topic__author=member):
        poll.question = ""
        poll.choices = [str(number) for number in range(1, len(poll.choices) + 1)]
        poll.save(update_fields=["question", "choices"])
    PostRevision.objects.filter(post__author=member).delete()
    member.post_files.all().delete()  # with their bytes: see receivers.py
    member.editorial_steps.update(text="")
    member.ratings.all().delete()
    # What reports quote is the post itself, emptied above.
    reports.forget_cleared(Decision.objects.filter(case__author=member))
    Decision.objects.filter(case__author=member).update(before={})
    member.cases.update(arguments={}, reasons=[])
    # What it was about is counted on, and an answered suggestion stays on the board.
    member.feedback.update(text="…", page="")
    FeedbackStep.objects.filter(feedback__member=member).update(text="")
    member.suggestions.filter(state=Suggestion.State.HELD).delete()
    member.themes.update(title="…", why="")
    member.live_messages.update(body="…")
    member.live_questions.update(body="…")
    for live_poll in LivePoll.objects.filter(room__event__host=member):
        live_poll.question = "…"
        live_poll.choices = [str(n) for n in range(1, len(live_poll.choices) + 1)]
        live_poll.save(update_fields=["question", "choices"])
    anonymise(member)
    member.events_hosted.update(title="…", summary="", body="", body_html="")
    member.challenges_hosted.update(
        title="…", summary="", body="", body_html="", task="…"
    )
    ChallengeTask.objects.filter(challenge__host=member).delete()
    EventOutcome.objects.filter(event__host=member).update(notes="", notes_html="")
    read_along.close_all_of(member)
    member.questions_asked.update(title="…", text="", rating_words="")
    member.questions_taken.update(answer="", reason="")
    member.follow_ups.update(text="")
    member.appointments_asked.update(brief="", rating_words="", join_url="")
    member.appointments_taken.update(reason="", join_url="", title="…", place="")
    Appointment.objects.filter(ended_by=member).update(reason="")
    member.consultations.update(title="…", about="", place="")


def anonymise(member: User) -> None:
    """What the member wrote stays as it is; the row of its author has no name."""
    voted_on = list(member.answer_votes.values_list("post", flat=True))
    member.answer_votes.all().delete()
    recount_votes(voted_on)
    named_in = Post.objects.filter(
        Q(author=member) | Q(marks__by=member) | Q(pk__in=voted_on)
    ).values("topic")
    Topic.objects.filter(Q(pk__in=named_in) | Q(author=member)).update(
        revision=F("revision") + 1
    )
    Topic.objects.filter(posts__reactions__member=member).update(
        revision=F("revision") + 1
    )
    member.reactions.all().delete()
    member.bookmarks.all().delete()
    PostRevision.objects.filter(hidden_by=member).update(hidden_by=None)
    # What stands in posts stays; what was not posted is nobody else's.
    member.post_files.filter(post=None).delete()
    member.post_files.update(name="…")
    member.duties.update(mentor=None)
    member.duties_declined.all().delete()
    paid_questions.end_all_of(member)
    _leave_appointments(member)
    _leave_events(member)
    challenges.end_all_of(member)
    challenge_tickets.leave_all(member)
    challenges.leave_all(member)
    member.check_ins_praised.update(praised_by=None)
    AskingTerms.objects.filter(expert=member).delete()
    _leave_feedback(member)
    member.likes.all().delete()
    member.ballots.update(member=None)  # what was counted stays counted
    Theme.objects.filter(votes__member=member).update(vote_count=F("vote_count") - 1)
    member.theme_votes.all().delete()
    member.greetings.all().delete()
    Greeting.objects.filter(newcomer=member).delete()
    member.read_markers.all().delete()
    member.topic_follows.all().delete()
    member.space_readings.all().delete()
    member.items.update(author=None)
    member.reviews.update(reviewer=None)
    member.co_written.all().delete()
    member.asked_to_write.all().delete()
    member.asked_others_to_write.update(by=None)
    member.cohorts.update(mentor=None)
    member.cohort_introductions.all().delete()
    member.nudges.all().delete()
    member.nudges_given.update(by=None)
    member.drafts.all().delete()
    member.revisions.update(author=None)
    member.pictures.update(member=None)
    member.uploads.all().delete()  # with their bytes: see receivers.py
    member.editorial_steps.update(member=None)
    member.ticks.all().delete()
    member.outdated_flags.all().delete()
    Rating.objects.filter(votes__member=member).update(
        helpful_count=F("helpful_count") - 1
    )
    member.helpful_votes.all().delete()
    PodcastAddress.objects.filter(member=member).delete()
    _close_cases(member)
    member.lesson_progress.all().delete()
    member.file_positions.all().delete()
    member.watched.all().delete()
    member.lesson_notes.all().delete()
    member.quiz_attempts.all().delete()
    member.more_attempts.all().delete()
    _remove_work(member)
    member.certificates.all().delete()
    member.enrolments.all().delete()
    member.withdrawals.all().delete()


def _close_cases(member: User) -> None:
    """What waits is posted by nobody any more; who reported and decided has no name."""
    waiting = member.cases.filter(closed_at=None, what__in=Case.HELD)
    waiting.update(
        arguments={},
        reasons=[],
        closed_at=timezone.now(),
        outcome=Case.Outcome.WITHDRAWN,
    )
    member.text_traces.all().delete()
    member.claimed_cases.update(claimed_by=None, claimed_at=None)
    member.reports.update(member=None, words="")
    member.moderation_decisions.update(by=None)
    Decision.objects.filter(undone_by=member).update(undone_by=None)
    TopicHeat.objects.filter(seen_by=member).update(seen_by=None, seen_at=None)
    member.rearrangements.update(by=None)


def _leave_events(member: User) -> None:
    """What they would have led does not take place; that they came is counted on."""
    series.end_all_of(member)
    member.series_attended.all().delete()
    events.cancel_all_of(member)
    registrations.leave_all(member)
    member.registrations.update(answers=[])
    live.forget(member)
    event_ratings.withdraw_all_of(member)
    proposed = member.cases_proposed
    proposed.filter(state=CaseProposal.State.PROPOSED).delete()
    proposed.update(title="…", text="", reason="", form_key=None)
    EventOutcome.objects.filter(looked_by=member).update(looked_words="")
    member.speaking.all().delete()
    member.doors.all().delete()
    CalendarAddress.objects.filter(member=member).delete()


def _leave_feedback(member: User) -> None:
    member.feedback_areas.update(owner=None)
    member.feedback_owned.update(owner=None)
    member.feedback_steps.update(by=None)
    member.feedback.update(member=None)
    Suggestion.objects.filter(votes__member=member).update(
        vote_count=F("vote_count") - 1
    )
    member.suggestion_votes.all().delete()
    member.suggestions.update(author=None)
    member.surveys_asked.all().delete()
    SurveyRefusal.objects.filter(member=member).delete()


def _leave_appointments(member: User) -> None:
    """What has begun is the other's and the clock's to decide; its hours go with it."""
    appointments.end_all_of(member)
    member.consultations.update(is_active=False)
    ExpertCalendar.objects.filter(expert=member).delete()
    member.availability.all().delete()
    member.availability_exceptions.all().delete()


def _remove_work(member: User) -> None:
    """With its files, once nothing can bring the rows back."""
    for name in _work_files(member):
        transaction.on_commit(partial(default_storage.delete, name))
    member.handed_in.all().delete()


def files(member: User) -> list[str]:
    return _work_files(member) + [it.path for it in member.post_files.all()]


def _work_files(member: User) -> list[str]:
    with_file = member.handed_in.exclude(file="")
    return list(with_file.values_list("file", flat=True))


HANDLER = Handler(
    name="content",
    covers=(
        *(AcceptedAnswer, AnswerVote, QuestionDuty, DutyDeclined),
        *(Ballot, Topic, Post, PostLike, ReadMarker, TopicFollow, SpaceReader),
        *(Item, Enrolment, LessonProgress),
        *(Certificate, LessonNote, Attempt, MoreAttempts, HandedIn, EarlierReview),
        *(Withdrawal, CoAuthorInvitation),
        *(CoAuthor, Cohort, Introduction, Nudge),
        *(Draft, Revision, Picture, EditorialStep, ChecklistTick),
        *(PodcastAddress, OutdatedFlag, Rating, HelpfulVote),
        *(FilePosition, Upload, Watched),
        *(Case, Decision, PostReport, TextTrace, TopicHeat, Rearrangement),
        *(Reaction, Bookmark, PostRevision, PostFile),
        *(AskingTerms, PaidQuestion, FollowUp, ReadAlong),
        *(Consultation, ExpertCalendar, Availability, AvailabilityException),
        *(Appointment, TimeCell),
        *(Feedback, FeedbackArea, FeedbackReport, FeedbackStep, Suggestion),
        *(SuggestionVote, Asked, SurveyRefusal),
        *(Theme, ThemeVote, ThemeWeek, Greeting),
        *(Challenge, ChallengeMember, CheckIn, ChallengeTicket),
        *(Event, Speaker, Registration, CalendarAddress, EventSeries, SeriesGuest),
        *(EventOutcome, EventRating, CaseProposal, DoorHelper),
        *(LiveMessage, LiveQuestion, LiveQuestionVote, LiveBallot, LiveMute),
    ),
    export=export,
    erase=erase,
    anonymise=anonymise,
    files=files,
)
