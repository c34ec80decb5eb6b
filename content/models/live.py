"""The room of an event while it runs: what is said, asked and voted on in it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.models.events import Event

LINE_LENGTH = 500
CHOICE_LENGTH = 120
FEWEST_CHOICES = 2
MOST_CHOICES = 6


class LiveRoom(models.Model):
    """Its row is the lock for all that changes in it.

    Who watches asks again and again whether something is new: `chat` and `board` grow
    with every change of what is said, and of questions and polls, so that the answer
    is a comparison.
    """

    activity_kind = "live_room"

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, related_name="room", verbose_name=_("event")
    )
    chat = models.PositiveIntegerField(_("changes of the chat"), default=0)
    board = models.PositiveIntegerField(_("changes of questions and polls"), default=0)
    slow_seconds = models.PositiveSmallIntegerField(_("slow mode"), default=0)
    pinned = models.ForeignKey(
        "content.LiveMessage",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("pinned"),
    )
    # Until then the time that people were here is booked with their registrations.
    booked_until = models.DateTimeField(_("booked until"), null=True, editable=False)

    class Meta:
        verbose_name = _("live room")
        verbose_name_plural = _("live rooms")

    def __str__(self):
        return str(self.event)

    def get_absolute_url(self):
        return f"/events/{self.event_id}/live/"


class Line(models.Model):
    """What one person said in a room; hidden, it is there for the hosts only."""

    body = models.CharField(pgettext_lazy("chat", "text"), max_length=LINE_LENGTH)
    at = models.DateTimeField(_("at"), default=timezone.now)
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hidden by"),
    )
    # Names the form it came from, so that a double click says it once.
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    class Meta:
        abstract = True

    def __str__(self):
        return self.body[:60]


class LiveMessage(Line):
    activity_kind = "live_message"

    room = models.ForeignKey(
        LiveRoom,
        on_delete=models.CASCADE,
        related_name="messages",
        verbose_name=_("live room"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="live_messages",
        verbose_name=_("author"),
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("message in a live room")
        verbose_name_plural = _("messages in live rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["author", "form_key"], name="live_message_once_a_form"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "id"], name="live_message_by_room"),
            models.Index(fields=["author", "-at"], name="live_message_by_author"),
        ]

    @property
    def since_start(self) -> str:
        """Minutes and seconds of the event: the same for readers in any zone, and the
        place in a recording."""
        passed = int((self.at - self.room.event.starts_at).total_seconds())
        minutes, seconds = divmod(abs(passed), 60)
        return f"{'−' if passed < 0 else ''}{minutes}:{seconds:02}"


class LiveQuestion(Line):
    """For the hosts to answer; the others say by votes which of them first.

    `carried_at`: nobody answered it, and it stands in a topic now.
    """

    activity_kind = "live_question"

    room = models.ForeignKey(
        LiveRoom,
        on_delete=models.CASCADE,
        related_name="questions",
        verbose_name=_("live room"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="live_questions",
        verbose_name=_("author"),
    )
    votes = models.PositiveIntegerField(_("votes"), default=0)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    carried_at = models.DateTimeField(_("carried over at"), null=True, blank=True)

    class Meta:
        ordering = ["-votes", "pk"]
        verbose_name = _("question in a live room")
        verbose_name_plural = _("questions in live rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["author", "form_key"], name="live_question_once_a_form"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "-votes", "id"], name="live_question_order"),
            models.Index(fields=["author", "-at"], name="live_question_by_author"),
        ]


class LiveQuestionVote(models.Model):
    question = models.ForeignKey(
        LiveQuestion, on_delete=models.CASCADE, related_name="voters"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="live_question_votes",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question", "member"], name="live_question_voted_for_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} for {self.question_id}"


class LivePoll(models.Model):
    """One choice, counted at once, for as long as the host leaves it open.

    The polls of topics and lessons stand where they can be read later, may be
    anonymous, ranked and changed, and are read for each viewer alone: none of that
    fits a show of hands that one text tells to everybody.
    """

    activity_kind = "live_poll"

    room = models.ForeignKey(
        LiveRoom,
        on_delete=models.CASCADE,
        related_name="polls",
        verbose_name=_("live room"),
    )
    question = models.CharField(
        pgettext_lazy("poll", "question"), max_length=LINE_LENGTH
    )
    choices = ArrayField(
        models.CharField(max_length=CHOICE_LENGTH),
        verbose_name=pgettext_lazy("poll", "choices"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    closed_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("poll in a live room")
        verbose_name_plural = _("polls in live rooms")
        constraints = [
            models.CheckConstraint(
                condition=Q(choices__len__gte=FEWEST_CHOICES)
                & Q(choices__len__lte=MOST_CHOICES),
                name="live_poll_has_choices",
            ),
            models.UniqueConstraint(
                fields=["room", "form_key"], name="live_poll_once_a_form"
            ),
        ]

    def __str__(self):
        return self.question


class LiveBallot(models.Model):
    poll = models.ForeignKey(LivePoll, on_delete=models.CASCADE, related_name="ballots")
    # null: whoever it was has left, and the vote still counts.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="live_ballots",
    )
    choice = models.PositiveSmallIntegerField()  # 1 is the first

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "member"], name="live_ballot_once_per_member"
            ),
            models.CheckConstraint(
                condition=Q(choice__gte=1, choice__lte=MOST_CHOICES),
                name="live_ballot_is_a_choice",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.poll_id}"


class LiveMute(models.Model):
    """This member listens in this room, and says nothing."""

    room = models.ForeignKey(
        LiveRoom,
        on_delete=models.CASCADE,
        related_name="mutes",
        verbose_name=_("live room"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="live_mutes",
        verbose_name=_("member"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("mute in a live room")
        verbose_name_plural = _("mutes in live rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["room", "member"], name="live_muted_once_a_room"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.room_id}"
