from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def kind_choices():
    """By name, so that a new kind of news needs no migration."""
    return Notification.Kind.choices


class Notification(models.Model):
    """One piece of news for one member; `key` says which, so none is told twice.

    It names what it is about and who did it, and holds no words: what it says is made
    when it is shown, of what its reader may see then.
    """

    class Kind(models.TextChoices):
        """What news can be; grouped by who tells it. A new one is one line here."""

        # accounts
        MESSAGE = "message", _("Somebody wrote to you")
        # accounts: order
        SANCTIONED = "sanctioned", _("Something was decided about you")
        APPEAL_DECIDED = "appeal_decided", _("Your appeal was looked at")
        # accounts
        TITLE_GIVEN = "title_given", _("You were given a title")
        ANNIVERSARY = "anniversary", _("You have been here for another year")
        # content: talk
        REPLIED = "replied", _("Somebody replied")
        MENTIONED = "mentioned", _("Somebody mentioned you")
        TOPIC_STARTED = "topic_started", _("A new topic in a space you follow")
        ANNOUNCED = "announced", _("An announcement in a space of yours")
        TOPIC_MOVED = "topic_moved", _("Your topic stands elsewhere now")
        TOPIC_FEATURED = "topic_featured", _("Your topic is one of the best")
        INVITED = "invited", _("You are invited into a space")
        ANSWER_ACCEPTED = "answer_accepted", _("Your answer was accepted")
        POLL_CLOSED = "poll_closed", _("A poll you voted in has ended")
        # content: order
        HELD_ACCEPTED = "held_accepted", _("What you wrote was let through")
        HELD_REJECTED = "held_rejected", _("What you wrote was not let through")
        POST_HIDDEN = "post_hidden", _("A post of yours was hidden")
        RATING_HIDDEN = "rating_hidden", _("A rating of yours was hidden")
        PAGE_CLEARED = "page_cleared", _("Something was taken off your page")
        LINE_HIDDEN = "line_hidden", _("A line of yours in a live room was hidden")
        REPORT_DECIDED = "report_decided", _("What you reported was looked at")
        ANSWER_CHECKED = "answer_checked", _("An expert marked your answer as right")
        QUESTION_ASSIGNED = "question_assigned", _("You are asked to answer a question")
        QUESTION_DUE = "question_due", _("A question you should answer is due soon")
        QUESTION_OVERDUE = "question_overdue", _("A question is past its target time")
        # content: paid questions
        PAID_QUESTION_ASKED = "paid_question_asked", _("A paid question for you")
        PAID_QUESTION_DUE = "paid_question_due", _("A paid question is due soon")
        PAID_QUESTION_ANSWERED = (
            "paid_question_answered",
            _("Your question is answered"),
        )
        PAID_QUESTION_MORE = "paid_question_more", _("More about a paid question")
        PAID_QUESTION_ENDED = (
            "paid_question_ended",
            _("A paid question ended without an answer"),
        )
        # incentives
        BOUNTY_WON = "bounty_won", _("Your answer won a bounty")
        BOUNTY_BACK = "bounty_back", _("Your bounty came back")
        REWARD_SHIPPED = "reward_shipped", _("A reward is on its way to you")
        REWARD_BACK = "reward_back", _("Your points for a reward came back")
        CAMPAIGN = "campaign", _("Something for you")
        POINTS_UNTIL = "points_until", _("How long some of your points can be used")
        POINTS_WAIT = "points_wait", _("Some of your points wait a little")
        POINTS_CHECKED = "points_checked", _("Your points were looked at")
        LEVEL_REACHED = "level_reached", _("You reached a level")
        LEVEL_STAYS = "level_stays", _("Your level stays for some time yet")
        LEVEL_CHANGED = "level_changed", _("Your level has changed")
        BADGE_EARNED = "badge_earned", _("You earned a badge")
        # content: feedback
        FEEDBACK_GIVEN = "feedback_given", _("Feedback for you to answer")
        FEEDBACK_ANSWERED = "feedback_answered", _("Your feedback was answered")
        SUGGESTION_ANSWERED = "suggestion_answered", _("A suggestion was answered")
        CHANGE_MADE = "change_made", _("What you asked for was done")
        SURVEY_ASKED = "survey_asked", _("You are asked a few questions")
        # content: themes
        THEME_CHOSEN = "theme_chosen", _("A theme you wanted was chosen")
        THEME_DECLINED = "theme_declined", _("Your theme was not chosen")
        # content: events
        EVENT_SEAT = "event_seat", _("A seat at an event is kept for you")
        EVENT_CHANGED = "event_changed", _("An event takes place otherwise")
        EVENT_CANCELLED = "event_cancelled", _("An event was cancelled")
        EVENT_SOON = "event_soon", _("An event begins soon")
        EVENT_BEGINS = "event_begins", _("An event begins now")
        EVENT_DOOR = "event_door", _("You are asked to help at the door")
        # content: challenges
        CHALLENGE_TODAY = "challenge_today", _("Today's task of a challenge")
        CHALLENGE_DONE = "challenge_done", _("You finished a challenge")
        CHALLENGE_CANCELLED = "challenge_cancelled", _("A challenge was cancelled")
        CHECK_IN_ANSWERED = "check_in_answered", _("Somebody answered your check-in")
        CHECK_IN_PRAISED = "check_in_praised", _("Your check-in was praised")
        EVENT_OVER = "event_over", _("An event that you came to is over")
        EVENT_REMAINS = "event_remains", _("Something remains of an event")
        CASE_PROPOSED = "case_proposed", _("Somebody proposes a case")
        CASE_ACCEPTED = "case_accepted", _("Your case is in the agenda")
        CASE_DECLINED = "case_declined", _("Your case was not taken")
        # content: cohorts
        COHORT_EVENT = "cohort_event", _("Your cohort meets")
        COHORT_DUE = "cohort_due", _("Something of your course is due soon")
        COHORT_NUDGE = "cohort_nudge", _("Your mentor asks how you are getting on")
        COHORT_OVER = "cohort_over", _("Your cohort came to its end")
        # content: appointments
        APPOINTMENT_ASKED = "appointment_asked", _("Somebody asks for your time")
        APPOINTMENT_DUE = "appointment_due", _("An appointment waits for your answer")
        APPOINTMENT_CONFIRMED = "appointment_confirmed", _("An appointment stands")
        APPOINTMENT_LINK = "appointment_link", _("You meet by another link")
        APPOINTMENT_MOVE = "appointment_move", _("Another time is proposed")
        APPOINTMENT_STAYS = "appointment_stays", _("The old time of it stands")
        APPOINTMENT_ENDED = "appointment_ended", _("An appointment is off")
        APPOINTMENT_SOON = "appointment_soon", _("An appointment begins soon")
        APPOINTMENT_AFTER = "appointment_after", _("How was the appointment?")
        APPOINTMENT_DONE = "appointment_done", _("An appointment took place")
        APPOINTMENT_DISPUTED = "appointment_disputed", _("An appointment is looked at")
        APPOINTMENT_DECIDED = "appointment_decided", _("An appointment was decided")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="notifications",
        verbose_name=_("member"),
    )
    kind = models.CharField(_("kind"), max_length=30, choices=kind_choices)
    key = models.CharField(_("key"), max_length=120)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("who did it"),
    )
    target_kind = models.CharField(_("kind of thing"), max_length=20, blank=True)
    target_id = models.BigIntegerField(_("its number"), null=True)
    created_at = models.DateTimeField(_("told at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True)
    # When it is decided whether it is mailed, until that has been done.
    mail_at = models.DateTimeField(_("to be mailed at"), null=True)
    mail = models.ForeignKey(
        "accounts.Mail",
        on_delete=models.SET_NULL,
        null=True,
        related_name="news",
        verbose_name=_("the mail that told it"),
    )

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            # What the bell counts, on every page.
            models.Index(
                fields=["member"],
                condition=models.Q(read_at=None),
                name="notification_unread",
            ),
            models.Index(
                fields=["mail_at"],
                condition=models.Q(mail_at__isnull=False),
                name="notification_to_mail",
            ),
            models.Index(
                models.F("member"),
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="notification_latest",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "key"], name="notification_once_per_key"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.key}"
