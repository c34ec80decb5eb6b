"""What comes of an event: who was there, what is said of it, what remains of it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.discussions import Topic
from content.models.events import BODY_LENGTH, Event
from content.models.items import Item

WORDS_LENGTH = 1000


class EventOutcome(models.Model):
    """Made when there is something to keep of the event. The numbers are kept equal to
    its registrations and ratings, so that lists need not count."""

    event = models.OneToOneField(
        Event,
        on_delete=models.CASCADE,
        related_name="outcome",
        verbose_name=_("event"),
    )
    # When it was counted who came. Nobody of whom that is known: it was not noted.
    settled_at = models.DateTimeField(_("counted at"), null=True)
    came = models.PositiveIntegerField(_("came"), default=0)
    missed = models.PositiveIntegerField(_("did not come"), default=0)
    rating_count = models.PositiveIntegerField(_("ratings"), default=0)
    rating_sum = models.PositiveIntegerField(_("stars, all together"), default=0)
    notes = models.TextField(_("notes"), max_length=BODY_LENGTH, blank=True)
    notes_html = models.TextField(_("notes as shown"), blank=True, editable=False)
    notes_at = models.DateTimeField(_("notes since"), null=True)
    recording = models.ForeignKey(
        Item,
        on_delete=models.SET_NULL,
        null=True,
        related_name="recorded",
        verbose_name=_("recording"),
    )
    recording_told_at = models.DateTimeField(_("recording told of at"), null=True)
    topic = models.ForeignKey(
        Topic,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("discussion"),
    )
    # Few came of many, or those who came surely did not like it.
    poor_since = models.DateTimeField(_("went badly, known since"), null=True)
    looked_at = models.DateTimeField(_("looked into at"), null=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("looked into by"),
    )
    looked_words = models.CharField(
        _("what was found"), max_length=WORDS_LENGTH, blank=True
    )

    class Meta:
        verbose_name = _("what came of an event")
        verbose_name_plural = _("what came of events")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rating_sum__gte=F("rating_count"),
                    rating_sum__lte=5 * F("rating_count"),
                ),
                name="outcome_stars_are_one_to_five",
            ),
            models.CheckConstraint(
                condition=Q(looked_at=None) | Q(looked_by__isnull=False),
                name="outcome_looked_into_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["poor_since"],
                condition=Q(poor_since__isnull=False, looked_at=None),
                name="outcome_to_look_into",
            ),
        ]

    def __str__(self):
        return str(self.event)


class EventRating(models.Model):
    """One member's stars for an event that they came to, perhaps with words."""

    activity_kind = "event_rating"

    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        related_name="ratings",
        verbose_name=_("event"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="event_ratings",
        verbose_name=_("member"),
    )
    stars = models.PositiveSmallIntegerField(
        _("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    words = models.TextField(_("in words"), max_length=WORDS_LENGTH, blank=True)
    created_at = models.DateTimeField(_("given at"), default=timezone.now)
    hidden_at = models.DateTimeField(_("hidden at"), null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("rating of an event")
        verbose_name_plural = _("ratings of events")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "member"], name="event_rated_once_a_member"
            ),
            models.CheckConstraint(
                condition=Q(stars__range=(1, 5)), name="event_rated_one_to_five"
            ),
        ]

    def __str__(self):
        return f"{self.stars} stars for {self.event_id}"
