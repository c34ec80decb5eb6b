from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from accounts.privacy import Handler, rows
from content.models import (
    Attempt,
    AttemptAnswer,
    Certificate,
    ChecklistTick,
    CoAuthor,
    CoAuthorInvitation,
    Cohort,
    Draft,
    EarlierReview,
    EditorialStep,
    Enrolment,
    FilePosition,
    Greeting,
    HandedIn,
    HelpfulVote,
    Item,
    LessonNote,
    LessonProgress,
    MoreAttempts,
    OutdatedFlag,
    Picture,
    PodcastAddress,
    Post,
    PostLike,
    Rating,
    Revision,
    Theme,
    ThemeVote,
    ThemeWeek,
    Topic,
    Upload,
    Watched,
    Withdrawal,
)
from content.models.discussions import ReadMarker


def export(member: User) -> dict[str, Any]:
    return {
        "topics": rows(member.topics, "title", "kind", "created_at"),
        "posts": rows(
            member.posts, "topic__title", "number", "body", "created_at", "edited_at"
        ),
        "thanks given": rows(member.likes, "post_id", "created_at"),
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
        "notes on lessons": rows(
            member.lesson_notes, "lesson__title", "text", "saved_at"
        ),
        "recordings": rows(member.file_positions, "file__title", "seconds"),
        "time with recordings": rows(
            member.watched, "lesson__title", "file__title", "day", "seconds"
        ),
        "lessons": rows(member.lesson_progress, "lesson__title", "seconds", "done_at"),
    }


def erase(member: User) -> None:
    """Texts are emptied, their places stay; courses written here stay the house's."""
    member.posts.update(body="", body_html="", edited_at=timezone.now())
    member.topics.update(title="…")
    member.editorial_steps.update(text="")
    member.ratings.all().delete()
    member.themes.update(title="…", why="")
    anonymise(member)


def anonymise(member: User) -> None:
    """What the member wrote stays as it is; the row of its author has no name."""
    Topic.objects.filter(Q(posts__author=member) | Q(author=member)).update(
        revision=F("revision") + 1
    )
    member.likes.all().delete()
    Theme.objects.filter(votes__member=member).update(vote_count=F("vote_count") - 1)
    member.theme_votes.all().delete()
    member.greetings.all().delete()
    Greeting.objects.filter(newcomer=member).delete()
    member.read_markers.all().delete()
    member.items.update(author=None)
    member.reviews.update(reviewer=None)
    member.co_written.all().delete()
    member.asked_to_write.all().delete()
    member.asked_others_to_write.update(by=None)
    member.cohorts.update(mentor=None)
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


def _remove_work(member: User) -> None:
    """With its files, once nothing can bring the rows back."""
    for name in files(member):
        transaction.on_commit(partial(default_storage.delete, name))
    member.handed_in.all().delete()


def files(member: User) -> list[str]:
    with_file = member.handed_in.exclude(file="")
    return list(with_file.values_list("file", flat=True))


HANDLER = Handler(
    name="content",
    covers=(
        *(Topic, Post, PostLike, ReadMarker, Item, Enrolment, LessonProgress),
        *(Certificate, LessonNote, Attempt, MoreAttempts, HandedIn, EarlierReview),
        *(Withdrawal, CoAuthorInvitation),
        *(CoAuthor, Cohort, Draft, Revision, Picture, EditorialStep, ChecklistTick),
        *(PodcastAddress, OutdatedFlag, Rating, HelpfulVote),
        *(FilePosition, Upload, Watched),
        *(Theme, ThemeVote, ThemeWeek, Greeting),
    ),
    export=export,
    erase=erase,
    anonymise=anonymise,
    files=files,
)
