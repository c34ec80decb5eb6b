"""Time with an expert: what they offer, when they are there, and who has which hour."""

import datetime as dt
import zoneinfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.lib import markdown
from community.lib.money import validate_currency
from community.lib.zones import zone_name
from content.models.paying import PaidFor

CELL = dt.timedelta(minutes=15)
CELL_MINUTES = 15
LEAST_MINUTES, MOST_MINUTES = 15, 180
DAY_MINUTES = 24 * 60
TITLE_LENGTH = 120
ABOUT_LENGTH = 2000
BRIEF_LENGTH = 5000
REASON_LENGTH = 300


class Consultation(models.Model):
    """What an expert talks about for how long, and for what."""

    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="consultations",
        verbose_name=_("expert"),
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    about = models.TextField(_("what one gets"), max_length=ABOUT_LENGTH)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=60)
    price = models.PositiveIntegerField(
        _("price"), null=True, blank=True
    )  # minor units
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", validators=[validate_currency]
    )
    points = models.PositiveIntegerField(_("price in points"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)  # "": online
    is_active = models.BooleanField(_("can be booked"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    # Names the form it came from, so that a double click makes one.
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    minutes__gte=LEAST_MINUTES,
                    minutes__lte=MOST_MINUTES,
                    minutes=F("minutes") / CELL_MINUTES * CELL_MINUTES,
                ),
                name="consultation_fills_cells",
            ),
            models.CheckConstraint(
                condition=(Q(price__gt=0) | Q(points__gt=0))
                & (Q(price=None) | Q(price__gt=0))
                & (Q(points=None) | Q(points__gt=0)),
                name="consultation_has_a_price",
                violation_error_message=_("Name a price in money or in points."),
            ),
            models.UniqueConstraint(
                fields=["expert", "form_key"], name="consultation_once_a_form"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:consultation", args=[self.pk])

    @property
    def about_html(self) -> str:
        return markdown.render(self.about)


class ExpertCalendar(models.Model):
    """By which clock an expert's hours are meant, and how early one has to book."""

    expert = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="expert_calendar",
        verbose_name=_("expert"),
    )
    time_zone = models.CharField(_("time zone"), max_length=60)
    notice_hours = models.PositiveSmallIntegerField(
        _("hours ahead, at least"),
        default=24,
        validators=[MinValueValidator(4), MaxValueValidator(14 * 24)],
    )
    days_ahead = models.PositiveSmallIntegerField(
        _("days ahead, at most"),
        default=28,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    # Where the two meet, unless another link is given when confirming.
    join_url = models.URLField(_("meeting link"), blank=True)

    class Meta:
        verbose_name = _("expert's calendar")
        verbose_name_plural = _("experts' calendars")
        constraints = [
            models.CheckConstraint(
                condition=Q(notice_hours__gte=4, days_ahead__lte=60),
                name="expert_calendar_plausible",
            ),
        ]

    def __str__(self):
        return str(self.expert_id)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def zone_shown(self) -> str:
        return zone_name(self.time_zone)


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


IN_A_DAY = Q(
    ends__gt=F("begins"),
    ends__lte=DAY_MINUTES,
    begins=F("begins") / CELL_MINUTES * CELL_MINUTES,
    ends=F("ends") / CELL_MINUTES * CELL_MINUTES,
)


def clock(minutes: int) -> str:
    """Minutes after midnight, as the clock on the wall shows them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


class Availability(models.Model):
    """Hours of every week, in minutes after midnight by the expert's clock."""

    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="availability",
        verbose_name=_("expert"),
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    begins = models.PositiveSmallIntegerField(_("from"))
    ends = models.PositiveSmallIntegerField(_("to"))

    class Meta:
        ordering = ["weekday", "begins", "pk"]
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        constraints = [
            models.CheckConstraint(condition=IN_A_DAY, name="availability_in_a_day"),
            models.CheckConstraint(
                condition=Q(weekday__lte=6), name="availability_on_a_weekday"
            ),
            models.UniqueConstraint(
                fields=["expert", "weekday", "begins", "ends"],
                name="availability_said_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.shown}"

    @property
    def shown(self) -> str:
        return f"{clock(self.begins)}–{clock(self.ends)}"


class AvailabilityException(models.Model):
    """One day that is otherwise: not there, or there at other hours as well."""

    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="availability_exceptions",
        verbose_name=_("expert"),
    )
    day = models.DateField(_("day"))
    is_extra = models.BooleanField(_("there as well"), default=False)
    begins = models.PositiveSmallIntegerField(_("from"), default=0)
    ends = models.PositiveSmallIntegerField(_("to"), default=DAY_MINUTES)

    class Meta:
        ordering = ["day", "begins", "pk"]
        verbose_name = _("exception from the weekly hours")
        verbose_name_plural = _("exceptions from the weekly hours")
        constraints = [
            models.CheckConstraint(
                condition=IN_A_DAY, name="availability_exception_in_a_day"
            ),
            models.UniqueConstraint(
                fields=["expert", "day", "is_extra", "begins", "ends"],
                name="availability_exception_said_once",
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.shown}"

    @property
    def is_whole_day(self) -> bool:
        return (self.begins, self.ends) == (0, DAY_MINUTES)

    @property
    def shown(self) -> str:
        return f"{clock(self.begins)}–{clock(self.ends)}"


class Said(models.TextChoices):
    """What one of the two says of it afterwards."""

    NOTHING = "", _("nothing yet")
    TOOK_PLACE = "held", _("it took place")
    ALONE = "alone", _("the other was not there")
    AWAY = "away", _("I was not there")


class Appointment(PaidFor):
    """One member takes an hour of one expert; what was paid is held until it was.

    Waiting is the asker's own; from asked on the expert sees it. Exactly one of money
    (`order`) and points (`paid_points`) pays for it.
    """

    activity_kind = "appointment"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for payment")
        ASKED = "asked", _("Waiting for the expert")
        CONFIRMED = "confirmed", _("Confirmed")
        DISPUTED = "disputed", _("Being looked at")
        DONE = "done", _("Took place")
        REJECTED = "rejected", _("Not taken")
        EXPIRED = "expired", _("Not confirmed in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CANCELLED = "cancelled", _("Cancelled")
        MISSED = "missed", _("Somebody was not there")
        DECIDED = "decided", _("Decided by the community")

    RUNNING = ("waiting", "asked", "confirmed", "disputed")
    # As long as these stand, the hour belongs to nobody else.
    KEEPS_TIME = ("waiting", "asked", "confirmed")

    consultation = models.ForeignKey(
        Consultation,
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name=_("consultation"),
    )
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="appointments_asked",
        verbose_name=_("asker"),
    )
    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="appointments_taken",
        verbose_name=_("expert"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.WAITING
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    brief = models.TextField(_("what it is about"), max_length=BRIEF_LENGTH)
    # As the consultation was when it was booked.
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    place = models.CharField(_("place"), max_length=200, blank=True)
    price = models.PositiveIntegerField(_("price"), null=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    points = models.PositiveIntegerField(_("price in points"), null=True)
    share = models.PositiveSmallIntegerField(_("share in ‰"), default=0)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    asked_at = models.DateTimeField(_("asked at"), null=True)
    # Until then it is to be paid, or once it is asked, to be confirmed.
    due_at = models.DateTimeField(_("due"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    join_url = models.URLField(_("meeting link"), blank=True)
    # Of what is asked: the expert; of what stands: both.
    remind_at = models.DateTimeField(_("remind at"), null=True)
    # Another time that one of the two has proposed.
    new_starts_at = models.DateTimeField(_("proposed time"), null=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    # When each went to the meeting by our link, and what each says of it.
    asker_came_at = models.DateTimeField(_("asker came at"), null=True)
    expert_came_at = models.DateTimeField(_("expert came at"), null=True)
    asker_says = models.CharField(
        _("asker says"), max_length=5, choices=Said, default="", blank=True
    )
    expert_says = models.CharField(
        _("expert says"), max_length=5, choices=Said, default="", blank=True
    )
    said_at = models.DateTimeField(_("said at"), null=True)
    asked_after_at = models.DateTimeField(_("asked how it was at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    reason = models.CharField(_("why"), max_length=REASON_LENGTH, blank=True)
    # Of what was paid, in per cent; decided with the end.
    part_back = models.PositiveSmallIntegerField(_("given back in %"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True)
    rating_words = models.CharField(_("words"), max_length=500, blank=True)
    # Names the form it came from, so that a double click books one.
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.UniqueConstraint(
                fields=["asker", "form_key"], name="appointment_once_a_form"
            ),
            models.CheckConstraint(
                condition=~Q(asker=F("expert")), name="appointment_between_two"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="appointment_ends_after_it_begins",
            ),
            # What is asked is paid, in exactly one way.
            models.CheckConstraint(
                condition=Q(
                    asked_at=None,
                    order=None,
                    paid_points=None,
                    state__in=["waiting", "withdrawn"],
                )
                | (
                    Q(asked_at__isnull=False)
                    & ~Q(state="waiting")
                    & (
                        Q(order__isnull=False, paid_points=None)
                        | Q(order=None, paid_points__gt=0)
                    )
                ),
                name="appointment_asked_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "asked", "confirmed", "disputed"],
                    ended_at=None,
                    part_back=None,
                )
                | Q(
                    state__in=[
                        *("done", "rejected", "expired", "withdrawn", "cancelled"),
                        *("missed", "decided"),
                    ],
                    ended_at__isnull=False,
                    part_back__lte=100,
                ),
                name="appointment_over_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None)
                | Q(asked_at__isnull=False, ended_at__isnull=False),
                name="appointment_settled_when_over",
            ),
            models.CheckConstraint(
                condition=Q(new_starts_at=None, proposed_by=None)
                | Q(
                    new_starts_at__isnull=False,
                    proposed_by__isnull=False,
                    state="confirmed",
                ),
                name="appointment_proposal_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(rating=None)
                | Q(rating__gte=1, rating__lte=5, state="done"),
                name="appointment_rated_when_done",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["waiting", "asked"]),
                name="appointment_due",
            ),
            models.Index(
                fields=["ends_at"],
                condition=Q(state="confirmed"),
                name="appointment_coming",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:appointment", args=[self.pk])

    @property
    def what(self) -> str:
        """The key that is bought with it."""
        return f"appointment:{self.pk}"

    @property
    def length(self) -> dt.timedelta:
        return self.ends_at - self.starts_at

    @property
    def minutes(self) -> int:
        return int(self.length.total_seconds()) // 60

    @property
    def new_ends_at(self) -> dt.datetime | None:
        return self.new_starts_at and self.new_starts_at + self.length

    @property
    def brief_html(self) -> str:
        return markdown.render(self.brief)

    @property
    def is_online(self) -> bool:
        return not self.place

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_asked(self) -> bool:
        return self.state == self.State.ASKED

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.State.CONFIRMED

    @property
    def is_disputed(self) -> bool:
        return self.state == self.State.DISPUTED

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def may_be_cancelled(self) -> bool:
        return self.is_confirmed and not self.has_begun

    @property
    def may_be_judged(self) -> bool:
        """Whether the two may say how it was."""
        return self.is_confirmed and self.has_begun


class TimeCell(models.Model):
    """A quarter of an hour of one person, taken: nobody is in two places.

    An appointment that stands has its cells for both of the two; they are taken in its
    transaction and go when it ends, so whatever runs at the same time, an hour is
    given once.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="time_cells",
        verbose_name=_("person"),
    )
    starts_at = models.DateTimeField(_("begins"))
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.CASCADE,
        related_name="cells",
        verbose_name=_("appointment"),
    )

    class Meta:
        verbose_name = _("taken quarter of an hour")
        verbose_name_plural = _("taken quarters of an hour")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "starts_at"], name="time_cell_taken_once"
            ),
        ]

    def __str__(self):
        return f"{self.person_id} {self.starts_at:%Y-%m-%d %H:%M}"
