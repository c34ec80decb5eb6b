"""Polls in topics and lessons, and who has voted."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content.models.courses import Lesson
from content.models.discussions import Topic
from content.models.items import Item

FEWEST_CHOICES = 2
MOST_CHOICES = 20
CHOICE_LENGTH = 120
QUESTION_LENGTH = 200


class PollQuerySet(models.QuerySet["Poll"]):
    def visible_to(self, user):
        """Those that stand where this reader may read."""
        return self.filter(
            Q(topic__in=Topic.objects.visible_to(user))
            | Q(lesson__section__item__in=Item.objects.readable_by(user))
        )


class Poll(models.Model):
    """A question with choices. Its row is the lock for its ballots.

    `tally` says how often each ballot was cast ("2,1" is the second choice before the
    first). It is all there is of an anonymous poll: that a member voted is kept apart,
    in rows that say nothing else. One row, written whole, with its keys in an order of
    their own, tells nobody which of them was written when.
    """

    activity_kind = "poll"

    class Kind(models.TextChoices):
        SINGLE = "single", _("One choice")
        MULTIPLE = "multiple", _("Several choices")
        RANKED = "ranked", _("Put in order")

    class Shows(models.TextChoices):
        ALWAYS = "always", _("At any time")
        VOTED = "voted", _("To who has voted")
        CLOSED = "closed", _("When the poll has ended")

    topic = models.OneToOneField(
        Topic,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="poll",
        verbose_name=_("topic"),
    )
    lesson = models.OneToOneField(
        Lesson,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="poll",
        verbose_name=_("lesson"),
    )
    # Where a topic asks, its title is the question until somebody has voted.
    question = models.CharField(
        pgettext_lazy("poll", "question"), max_length=QUESTION_LENGTH, blank=True
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.SINGLE)
    choices = ArrayField(
        models.CharField(max_length=CHOICE_LENGTH),
        verbose_name=pgettext_lazy("poll", "choices"),
    )
    most = models.PositiveSmallIntegerField(_("at most so many choices"), default=1)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    is_changeable = models.BooleanField(_("votes may be changed"), default=False)
    shows = models.CharField(
        _("results are shown"), max_length=6, choices=Shows, default=Shows.VOTED
    )
    closes_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    tally = models.JSONField(_("ballots"), default=dict, editable=False)
    # Grows when the poll is changed: who saw another one does not vote in this.
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = PollQuerySet.as_manager()

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")
        indexes = [
            models.Index(
                fields=["closes_at"],
                condition=Q(closed_at=None, closes_at__isnull=False),
                name="poll_to_close",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(topic__isnull=False, lesson=None)
                | Q(topic=None, lesson__isnull=False) & ~Q(question=""),
                name="poll_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(choices__len__gte=FEWEST_CHOICES)
                & Q(choices__len__lte=MOST_CHOICES),
                name="poll_has_choices",
            ),
            models.CheckConstraint(
                condition=Q(most__gte=1) & (Q(kind="multiple") | Q(most=1)),
                name="poll_most_fits_kind",
            ),
            # A vote that nobody can find again cannot be changed.
            models.CheckConstraint(
                condition=Q(is_anonymous=False) | Q(is_changeable=False),
                name="poll_anonymous_votes_stay",
            ),
        ]

    def __str__(self):
        return self.question or str(self.topic)

    def get_absolute_url(self):
        thing = self.topic or self.lesson
        return f"{thing.get_absolute_url()}#poll"

    @property
    def voters(self) -> int:
        return sum(self.tally.values())

    @property
    def is_over(self) -> bool:
        is_past = self.closes_at is not None and self.closes_at <= timezone.now()
        return self.closed_at is not None or is_past


class Ballot(models.Model):
    """That a member has voted; in an open poll also what, the best first.

    Without a moment, and in an anonymous poll without `chosen`.
    """

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="ballots")
    # null: whoever it was has left, and the vote still counts.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="ballots",
    )
    chosen = ArrayField(models.PositiveSmallIntegerField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "member"], name="ballot_once_per_member"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in poll {self.poll_id}"
