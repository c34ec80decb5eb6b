"""The activity log: what every member did, and the only way news travels upward."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.spaces import Space


class Verb(models.TextChoices):
    """Everything that can happen. Names only: what they mean is for those above.

    Grouped by who writes them; a new one is one line here.
    """

    # accounts
    SIGNED_UP = "signed_up", _("Signed up")
    JOINED_SPACE = "joined_space", _("Joined a space")
    LEFT_SPACE = "left_space", _("Left a space")
    PAID = "paid", _("Paid for something")
    REFUNDED = "refunded", _("Got money back")
    CANCELLED = "cancelled", _("Cancelled a plan")
    GIFT_REDEEMED = "gift_redeemed", _("Redeemed a gift")
    REFERRAL_STAYED = "referral_stayed", _("Brought somebody who stayed")
    FOLLOWED = "followed", _("Followed somebody")
    # content
    VISITED = "visited", _("Was here")
    VIEWED = "viewed", _("Opened something")
    ENROLLED = "enrolled", _("Began a course")
    WATCHED = "watched", _("Watched or heard a recording")
    LESSON_DONE = "lesson_done", _("Finished a lesson")
    QUIZ_PASSED = "quiz_passed", _("Passed a quiz")
    WORK_HANDED_IN = "work_handed_in", _("Handed in work")
    COURSE_DONE = "course_done", _("Finished a course")
    ITEM_READ = "item_read", _("Read something to its end")
    RATED = "rated", _("Rated something")
    PUBLISHED = "published", _("Published something")
    QUALITY_REACHED = "quality_reached", _("Wrote something that is surely good")
    QUALITY_LOST = "quality_lost", _("Wrote something that proved less good")
    TOPIC_STARTED = "topic_started", _("Started a topic")
    REPLIED = "replied", _("Replied")
    POST_REMOVED = "post_removed", _("Had a post removed")
    POST_RESTORED = "post_restored", _("Had a removed post shown again")
    TOPIC_REMOVED = "topic_removed", _("Had a topic removed")
    TOPIC_RESTORED = "topic_restored", _("Had a removed topic shown again")
    TOPIC_FEATURED = "topic_featured", _("Had a topic chosen as one of the best")
    TOPIC_UNFEATURED = "topic_unfeatured", _("Had that taken back")
    LIKED = "liked", _("Thanked for a post")
    VOTED = "voted", _("Voted in a poll")
    REACTED = "reacted", _("Reacted to a post")
    ANSWER_ACCEPTED = "answer_accepted", _("Had an answer accepted")
    ANSWER_UNACCEPTED = "answer_unaccepted", _("Had an accepted answer taken back")
    ANSWER_CHOSEN = "answer_chosen", _("Had an answer chosen by who asked")
    ANSWER_UNCHOSEN = "answer_unchosen", _("Is no longer the choice of who asked")
    PAID_QUESTION_ASKED = "paid_question_asked", _("Asked an expert for a price")
    PAID_QUESTION_ANSWERED = "paid_question_answered", _("Answered a paid question")
    APPOINTMENT_ASKED = "appointment_asked", _("Asked for an expert's time")
    APPOINTMENT_CONFIRMED = "appointment_confirmed", _("Confirmed an appointment")
    APPOINTMENT_HELD = "appointment_held", _("An appointment took place")
    APPOINTMENT_ENDED = "appointment_ended", _("An appointment did not take place")
    PAID_QUESTION_ENDED = "paid_question_ended", _("A paid question had no answer")
    EVENT_REGISTERED = "event_registered", _("Registered for an event")
    EVENT_LEFT = "event_left", _("Gave a seat at an event back")
    LIVE_ASKED = "live_asked", _("Asked a question in a live room")
    LIVE_LED = "live_led", _("Kept order in a live room")
    CHALLENGE_JOINED = "challenge_joined", _("Joined a challenge")
    CHECKED_IN = "checked_in", _("Checked in to a challenge")
    CHALLENGE_DONE = "challenge_done", _("Finished a challenge")
    EVENT_ATTENDED = "event_attended", _("Came to an event")
    EVENT_RATED = "event_rated", _("Rated an event")
    CASE_PROPOSED = "case_proposed", _("Proposed a case")
    # incentives
    BOUNTY_PUT_UP = "bounty_put_up", _("Put up points for an answer")
    FEEDBACK_GIVEN = "feedback_given", _("Gave feedback")
    SUGGESTION_ADOPTED = "suggestion_adopted", _("Had a suggestion adopted")
    SURVEY_ANSWERED = "survey_answered", _("Answered a survey")
    THEME_PROPOSED = "theme_proposed", _("Proposed a theme")
    THEME_CHOSEN = "theme_chosen", _("Had a theme chosen")
    WELCOMED = "welcomed", _("Welcomed a newcomer")
    # histories imported from elsewhere
    INTERACTED = "interacted", _("Took part")
    CONSUMED = "consumed", _("Used something")
    ASKED = "asked", _("Asked a question")
    ANSWERED = "answered", _("Answered a question")
    CONTRIBUTED = "contributed", _("Contributed something")
    EARNED_BADGE = "earned_badge", _("Earned a badge")


class Activity(models.Model):
    """One thing a member did, once written never changed.

    The table is partitioned by month of `at` and carries BRIN indexes only, so
    that writing stays cheap at any size; look rows up by a window of `at` or
    `ingested_at`, never by id alone. `data` holds ids, never text, so there is
    nothing personal to erase in it.
    """

    at = models.DateTimeField(_("at"), default=timezone.now)
    ingested_at = models.DateTimeField(_("taken in at"), db_default=Now())
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="activities",
        db_constraint=False,
        db_index=False,
        verbose_name=_("member"),
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("space"),
    )
    verb = models.CharField(_("deed"), max_length=30)
    object_kind = models.CharField(_("kind of thing"), max_length=20, blank=True)
    object_id = models.BigIntegerField(_("its number"), null=True)
    count = models.PositiveIntegerField(_("how often"), default=1, db_default=1)
    data = models.JSONField(
        _("details"), default=dict, db_default=models.Value({}, models.JSONField())
    )

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")

    def __str__(self):
        return f"{self.member_id} {self.verb} {self.object_kind}:{self.object_id}"
