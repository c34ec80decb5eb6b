"""Events that come again and again, and who wants to come to all of them."""

import datetime as dt
import zoneinfo
from typing import cast

from dateutil.rrule import rrule, rrulestr
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from community.lib.zones import zone_name
from content.models.events import Event, open_to, validate_zone
from content.models.registrations import Registration

MOST_TIMES = 104
LONGEST = 7 * 24 * 60  # minutes
SHORT_MONTH = 28  # every month has so many days
DAYS_OF_RULES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class EventSeriesQuerySet(models.QuerySet["EventSeries"]):
    def visible_to(self, user):
        """Where this reader may read what its pattern says."""
        if getattr(user, "is_operator", False):
            return self
        pattern = Event.objects.filter(series__isnull=False, series_date=None)
        found = Q(pk__in=pattern.filter(open_to(user)).values("series"))
        return self.filter(found | Q(host=user) if user.is_authenticated else found)


class EventSeries(models.Model):
    """When an event comes again: a rule of RFC 5545 in few words, counted from
    `first_on`, at the same time of its own clock.

    What comes is told by its pattern, an event that never takes place itself. Each
    occurrence is an event of its own, with its own seats; it keeps the date that the
    rule gave it, also when it is moved, so that none is made twice.
    """

    activity_kind = "event_series"

    class Frequency(models.TextChoices):
        WEEKLY = "weekly", _("every week")
        BIWEEKLY = "biweekly", _("every second week")
        MONTHLY_DAY = "monthly_day", _("every month, on the same day")
        MONTHLY_WEEKDAY = (
            "monthly_weekday",
            _("every month, on the same weekday of the same week"),
        )
        MONTHLY_LAST = "monthly_last", _("every month, on the last such weekday")

    host = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="event_series",
        verbose_name=_("host"),
    )
    frequency = models.CharField(_("how often"), max_length=15, choices=Frequency)
    first_on = models.DateField(_("first on"))
    begins_at = models.TimeField(_("begins at"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, validators=[validate_zone]
    )
    minutes = models.PositiveIntegerField(
        _("minutes"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )
    until = models.DateField(_("last day"), null=True, blank=True)
    count = models.PositiveSmallIntegerField(
        _("how many times"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_TIMES)],
    )
    # Registration opens and closes so long before each; negative: after it begins.
    opens_before = models.DurationField(
        _("registration opens so long before"), null=True, editable=False
    )
    closes_before = models.DurationField(
        _("registration closes so long before"), null=True, editable=False
    )
    # Grows with every change that is told of.
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, editable=False
    )

    objects = EventSeriesQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("series of events")
        verbose_name_plural = _("series of events")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(count=None),
                name="series_ends_in_one_way",
            ),
            models.CheckConstraint(
                condition=Q(count=None) | Q(count__range=(1, MOST_TIMES)),
                name="series_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(minutes__range=(1, LONGEST)),
                name="series_event_lasts",
            ),
        ]

    def __str__(self):
        return f"series {self.pk}, {self.rule}"

    def get_absolute_url(self):
        return reverse("content:series", args=[self.pk])

    @property
    def rule(self) -> str:
        """As calendars write it."""
        parts = [self._rhythm()]
        if self.count:
            parts.append(f"COUNT={self.count}")
        if self.until:
            parts.append(f"UNTIL={self.until:%Y%m%d}T235959")
        return ";".join(parts)

    def _rhythm(self) -> str:
        frequency, day = self.frequency, self.first_on.day
        weekday = DAYS_OF_RULES[self.first_on.weekday()]
        if frequency == self.Frequency.WEEKLY:
            return f"FREQ=WEEKLY;BYDAY={weekday}"
        if frequency == self.Frequency.BIWEEKLY:
            return f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}"
        if frequency == self.Frequency.MONTHLY_DAY and day <= SHORT_MONTH:
            return f"FREQ=MONTHLY;BYMONTHDAY={day}"
        if frequency == self.Frequency.MONTHLY_DAY:
            # The last of these that a month has: no month is left out.
            days = ",".join(str(it) for it in range(SHORT_MONTH, day + 1))
            return f"FREQ=MONTHLY;BYMONTHDAY={days};BYSETPOS=-1"
        return f"FREQ=MONTHLY;BYDAY={self._place or -1}{weekday}"

    @property
    def _place(self) -> int | None:
        """Which such weekday of its month it is; None: the last, as the fifth is."""
        place = (self.first_on.day - 1) // 7 + 1
        is_last = self.frequency == self.Frequency.MONTHLY_LAST or place > 4
        return None if is_last else place

    @property
    def dates(self) -> rrule:
        """Of its rule; each is a datetime at midnight, without a zone."""
        start = dt.datetime.combine(self.first_on, dt.time())
        return cast(rrule, rrulestr(self.rule, dtstart=start))

    def between(self, first: dt.date, last: dt.date) -> list[dt.date]:
        found = self.dates.between(_midnight(first), _midnight(last), inc=True)
        return [it.date() for it in found]

    @property
    def begins_with_its_first(self) -> bool:
        """Whether the day from which it is counted is one of its days."""
        return bool(self.between(self.first_on, self.first_on))

    def starts_at(self, date: dt.date) -> dt.datetime:
        """An hour that the clock leaves out is told by the clock before it; of one
        that comes twice, the first is meant: as RFC 5545 wants it."""
        zone = zoneinfo.ZoneInfo(self.time_zone)
        return dt.datetime.combine(date, self.begins_at, zone).astimezone(dt.UTC)

    @property
    def zone_shown(self) -> str:
        return zone_name(self.time_zone)

    @property
    def words(self) -> str:
        """The rule for people."""
        often, end = self._often(), self._ends()
        told = {"rule": often, "end": end}
        return gettext("%(rule)s, %(end)s") % told if end else often

    def _often(self) -> str:
        weekday, day = WEEKDAYS[self.first_on.weekday()], self.first_on.day
        told = {"weekday": weekday, "day": day}
        if self.frequency == self.Frequency.WEEKLY:
            return gettext("every %(weekday)s") % told
        if self.frequency == self.Frequency.BIWEEKLY:
            return gettext("every second %(weekday)s") % told
        if self.frequency == self.Frequency.MONTHLY_DAY:
            if day <= SHORT_MONTH:
                return gettext("every month on day %(day)s") % told
            return gettext("every month on day %(day)s, or on its last day") % told
        return {
            1: gettext("on the first %(weekday)s of every month"),
            2: gettext("on the second %(weekday)s of every month"),
            3: gettext("on the third %(weekday)s of every month"),
            4: gettext("on the fourth %(weekday)s of every month"),
            None: gettext("on the last %(weekday)s of every month"),
        }[self._place] % told

    def _ends(self) -> str:
        if self.count:
            told = ngettext("%(count)s time", "%(count)s times", self.count)
            return told % {"count": self.count}
        if self.until:
            return gettext("until %(date)s") % {"date": date_format(self.until)}
        return ""


def _midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time())


class SeriesGuest(models.Model):
    """Somebody who comes to all of a series: registered for each as it is made."""

    series = models.ForeignKey(
        EventSeries,
        on_delete=models.CASCADE,
        related_name="guests",
        verbose_name=_("series of events"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="series_attended",
        verbose_name=_("member"),
    )
    # To the questions of each event, in their order.
    answers = models.JSONField(_("answers"), default=list, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("guest of a series")
        verbose_name_plural = _("guests of series")
        constraints = [
            models.UniqueConstraint(
                fields=["series", "member"], name="series_guest_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.series_id}"


class EventReminder(models.Model):
    """That one member was reminded of one beginning: each way once.

    An event that is moved begins at another time, of which one is reminded anew.
    """

    class Kind(models.TextChoices):
        DAY = "day", _("a day before")
        HOUR = "hour", _("an hour before")
        START = "start", _("when it begins")

    registration = models.ForeignKey(
        Registration,
        on_delete=models.CASCADE,
        related_name="reminders",
        verbose_name=_("registration"),
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    starts_at = models.DateTimeField(_("begins"))
    told_at = models.DateTimeField(_("told at"), default=timezone.now)

    class Meta:
        verbose_name = _("reminder of an event")
        verbose_name_plural = _("reminders of events")
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "kind", "starts_at"],
                name="event_reminded_once",
            ),
        ]

    def __str__(self):
        return f"{self.registration_id} {self.kind}"
