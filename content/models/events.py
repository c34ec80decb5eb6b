"""What happens at a time: webinars, live sessions, salons, cases, office hours."""

import datetime as dt
import uuid
import zoneinfo
from pathlib import PurePosixPath

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Space
from community.lib.money import validate_currency
from community.lib.zones import zone_name
from content.models.cohorts import Cohort
from content.models.courses import Enrolment

BODY_LENGTH = 20_000
MOST_SEATS = 100_000
MOST_QUESTIONS = 5
QUESTION_LENGTH = 200


def validate_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("There is no such time zone."))


def _cohorts_of(user):
    """Those in which this reader learns, or which they guide."""
    if not user.is_authenticated:
        return Cohort.objects.none()
    learnt = Enrolment.objects.filter(member=user, cohort__isnull=False)
    return Cohort.objects.filter(Q(pk__in=learnt.values("cohort")) | Q(mentor=user))


def open_to(user) -> Q:
    """Whether an event's place is open to this reader: its space, and its cohort."""
    of_space = Q(space=None) | Q(space__in=Space.objects.visible_to(user))
    return of_space & (Q(cohort=None) | Q(cohort__in=_cohorts_of(user)))


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user):
        """Those that went out, where this reader may read; drafts are their host's."""
        if getattr(user, "is_operator", False):
            return self
        out = ~Q(state=Event.State.DRAFT) & open_to(user)
        return self.filter(out | Q(host=user) if user.is_authenticated else out)

    def published(self):
        return self.filter(state=Event.State.PUBLISHED)

    def coming(self, now: dt.datetime | None = None):
        """What is not over, the next first."""
        return self.filter(ends_at__gt=now or timezone.now()).order_by(
            "starts_at", "pk"
        )


class Event(models.Model):
    """One occurrence. Its row is the lock for its seats.

    `taken` counts the registrations that hold a seat; a constraint keeps it within
    `seats`. Times are kept in UTC with the zone in which they were meant. `revision`
    grows with every change that calendars should learn of.
    """

    activity_kind = "event"

    class Kind(models.TextChoices):
        WEBINAR = "webinar", _("Webinar")
        LIVE = "live", _("Live session")
        SALON = "salon", _("Salon")
        CASE = "case", _("Case sharing")
        OFFICE_HOURS = "office_hours", _("Office hours")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        CANCELLED = "cancelled", _("Cancelled")

    class Access(models.TextChoices):
        FREE = "free", _("Everyone who sees it")
        MEMBERSHIP = "membership", _("Paying members")
        SOLD = "sold", _("Whoever pays for it")

    class LateRefund(models.TextChoices):
        NONE = "none", _("nothing")
        HALF = "half", _("half of it")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    body = models.TextField(_("description"), max_length=BODY_LENGTH, blank=True)
    body_html = models.TextField(_("description as shown"), blank=True, editable=False)
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="events_hosted",
        verbose_name=_("host"),
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("space"),
        help_text=_("Only who may read there sees the event. Empty: everybody."),
    )
    cohort = models.ForeignKey(
        Cohort,
        # To let it go would open the event to everybody.
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("cohort"),
        help_text=_("Only who learns in it, and its mentor, see the event."),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.DRAFT
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, validators=[validate_zone]
    )
    place = models.CharField(
        _("place"),
        max_length=200,
        blank=True,
        help_text=_("Where people meet in person. Empty: online."),
    )
    map_url = models.URLField(_("map"), max_length=500, blank=True)
    # For the registered only, like whatever else lets somebody in.
    join_url = models.URLField(
        _("link to join"),
        max_length=500,
        blank=True,
        help_text=_("Shown to those who have a seat, and to nobody else."),
    )

    access = models.CharField(
        _("open to"), max_length=10, choices=Access, default=Access.FREE
    )
    price = models.PositiveIntegerField(
        _("price"), null=True, blank=True
    )  # minor units
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", validators=[validate_currency]
    )
    points = models.PositiveIntegerField(_("price in points"), null=True, blank=True)
    included_in_membership = models.BooleanField(
        _("included in the membership"), default=False
    )

    seats = models.PositiveIntegerField(
        _("seats"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)],
        help_text=_("Empty: as many as come."),
    )
    taken = models.PositiveIntegerField(_("seats taken"), default=0, editable=False)
    opens_at = models.DateTimeField(_("registration opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("registration closes"), null=True, blank=True)
    questions = ArrayField(
        models.CharField(max_length=QUESTION_LENGTH),
        verbose_name=_("questions at registration"),
        default=list,
        blank=True,
        size=MOST_QUESTIONS,
    )
    free_until_hours = models.PositiveSmallIntegerField(
        _("hours before, until which everything is given back"),
        default=24,
        validators=[MaxValueValidator(24 * 60)],
    )
    late_refund = models.CharField(
        _("given back to who cancels later"),
        max_length=4,
        choices=LateRefund,
        default=LateRefund.NONE,
    )
    # Of everybody who worked for it, as said by who leads it when it is over.
    staff_minutes = models.PositiveIntegerField(
        _("minutes of staff work"), null=True, editable=False
    )
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, editable=False
    )
    changed_at = models.DateTimeField(
        _("changed at"), default=timezone.now, editable=False
    )
    # When those who have a seat were last told of another time or place: who was
    # registered before may go without a loss.
    moved_at = models.DateTimeField(_("moved at"), null=True, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    # Why, for those who had a seat.
    cancel_reason = models.CharField(_("why cancelled"), max_length=300, blank=True)
    # Of a series: the date that its rule gave this one; the pattern of all has none.
    series = models.ForeignKey(
        "content.EventSeries",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="events",
        verbose_name=_("series of events"),
    )
    series_date = models.DateField(_("date in the series"), null=True, editable=False)
    # It was changed alone: what moves the others leaves it where it is.
    departs = models.BooleanField(_("changed alone"), default=False, editable=False)
    # Names the form it came from, so that a double click makes one.
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="event_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(seats=None) | Q(seats__gte=1),
                name="event_has_a_seat",
            ),
            # Whatever runs at the same time: no seat is given twice.
            models.CheckConstraint(
                condition=Q(seats=None) | Q(taken__lte=F("seats")),
                name="event_seats_are_enough",
                violation_error_message=_("More seats are taken than that."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(access="sold", price__gt=0) | Q(access="sold", points__gt=0)
                )
                & (Q(price=None) | Q(price__gt=0))
                & (Q(points=None) | Q(points__gt=0))
                | (~Q(access="sold") & Q(price=None, points=None)),
                name="event_sold_has_a_price",
                violation_error_message=_("Name a price in money or in points."),
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None)
                | Q(closes_at=None)
                | Q(closes_at__gt=F("opens_at")),
                name="event_registration_closes_after_it_opens",
                violation_error_message=_("Registration cannot close before it opens."),
            ),
            models.UniqueConstraint(
                fields=["host", "form_key"], name="event_once_a_form"
            ),
            # Judged at the end: a series moves all of its dates at once.
            models.UniqueConstraint(
                fields=["series", "series_date"],
                name="event_once_a_date",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["series"],
                condition=Q(series_date=None),
                name="event_one_pattern",
            ),
            models.CheckConstraint(
                condition=Q(series__isnull=False) | Q(series_date=None),
                name="event_date_in_a_series",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="event_by_time"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:event", args=[self.pk])

    @property
    def what(self) -> str:
        """The key that is bought with a seat."""
        return f"event:{self.pk}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def zone_shown(self) -> str:
        return zone_name(self.time_zone)

    @property
    def starts_there(self) -> dt.datetime:
        """As the clock on its own wall says."""
        return self.starts_at.astimezone(self.zone)

    @property
    def ends_there(self) -> dt.datetime:
        return self.ends_at.astimezone(self.zone)

    @property
    def left(self) -> int | None:
        """Free seats; None: as many as come."""
        return None if self.seats is None else max(self.seats - self.taken, 0)

    @property
    def is_online(self) -> bool:
        return not self.place

    @property
    def is_published(self) -> bool:
        return self.state == Event.State.PUBLISHED

    @property
    def is_cancelled(self) -> bool:
        return self.state == Event.State.CANCELLED

    @property
    def is_draft(self) -> bool:
        return self.state == Event.State.DRAFT

    @property
    def is_pattern(self) -> bool:
        """What the events of a series are made of: never takes place itself."""
        return self.series_id is not None and self.series_date is None

    @property
    def is_sold(self) -> bool:
        return self.access == Event.Access.SOLD

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def registration_ends_at(self) -> dt.datetime:
        """Nobody comes in after the end, whatever else was said."""
        return min(self.closes_at or self.ends_at, self.ends_at)

    @property
    def takes_registrations(self) -> bool:
        now = timezone.now()
        has_opened = self.opens_at is None or self.opens_at <= now
        return self.is_published and has_opened and now < self.registration_ends_at

    @property
    def free_until(self) -> dt.datetime:
        """Who cancels before gets everything back."""
        return self.starts_at - dt.timedelta(hours=self.free_until_hours)


class Speaker(models.Model):
    """Who speaks at an event: a member, or somebody from outside by name."""

    event = models.ForeignKey(
        Event,
        on_delete=models.CASCADE,
        related_name="speakers",
        verbose_name=_("event"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="speaking",
        verbose_name=_("member"),
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    about = models.CharField(_("about"), max_length=400, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("speaker")
        verbose_name_plural = _("speakers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(member=None, name=""),
                name="speaker_is_somebody",
                violation_error_message=_("Name a member, or give a name."),
            ),
            models.UniqueConstraint(
                fields=["event", "member"], name="speaker_once_an_event"
            ),
        ]

    def __str__(self):
        return self.name or str(self.member)


class AgendaEntry(models.Model):
    """What comes when: counted from the beginning, so that it moves with the event."""

    event = models.ForeignKey(
        Event,
        on_delete=models.CASCADE,
        related_name="agenda",
        verbose_name=_("event"),
    )
    begins_after = models.PositiveSmallIntegerField(
        _("minutes after the beginning"), validators=[MaxValueValidator(7 * 24 * 60)]
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(24 * 60)]
    )
    title = models.CharField(_("title"), max_length=160)
    speaker = models.ForeignKey(
        Speaker,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("speaker"),
    )

    class Meta:
        ordering = ["begins_after", "pk"]
        verbose_name = _("entry of the agenda")
        verbose_name_plural = _("agenda")

    def __str__(self):
        return self.title


def material_path(material: "EventMaterial", filename: str) -> str:
    """A name that cannot be guessed; who may have it is asked at every request."""
    return f"events/{uuid.uuid4().hex}{PurePosixPath(filename).suffix.lower()[:8]}"


class EventMaterial(models.Model):
    """A file for those who have a seat: to prepare with, or to take along after."""

    class When(models.TextChoices):
        BEFORE = "before", _("As soon as they are registered")
        AFTER = "after", _("When the event is over")

    event = models.ForeignKey(
        Event,
        on_delete=models.CASCADE,
        related_name="materials",
        verbose_name=_("event"),
    )
    title = models.CharField(_("title"), max_length=160)
    file = models.FileField(_("file"), upload_to=material_path)
    open_from = models.CharField(
        _("open"), max_length=6, choices=When, default=When.BEFORE
    )
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("material")
        verbose_name_plural = _("materials")

    def __str__(self):
        return self.title

    @property
    def is_open(self) -> bool:
        return self.open_from == EventMaterial.When.BEFORE or self.event.is_over


class CalendarAddress(models.Model):
    """A member's own address for calendars, which cannot sign in.

    Whoever knows it sees where the member goes, so only its digest is kept; another
    one takes its place.
    """

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="calendar_address",
        verbose_name=_("member"),
    )
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self):
        return str(self.member_id)
