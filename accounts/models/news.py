"""What a member wants to hear of, where and when."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.notifications import Notification

Kind = Notification.Kind
DAYS_OF_A_WEEK = 7


class NewsGroup(models.TextChoices):
    """Kinds of news that one chooses about together."""

    TO_ME = "to_me", _("Replies and mentions: what is said to me")
    FOLLOWED = "followed", _("New topics in what I follow")
    OTHER = "other", _("Everything else about me")


GROUPS = {
    Kind.REPLIED: NewsGroup.TO_ME,
    Kind.MENTIONED: NewsGroup.TO_ME,
    Kind.ANSWER_ACCEPTED: NewsGroup.TO_ME,
    Kind.ANSWER_CHECKED: NewsGroup.TO_ME,
    Kind.CHECK_IN_ANSWERED: NewsGroup.TO_ME,
    Kind.CHECK_IN_PRAISED: NewsGroup.TO_ME,
    Kind.TOPIC_STARTED: NewsGroup.FOLLOWED,
}


def group_of(kind: str) -> NewsGroup:
    return GROUPS.get(Kind(kind), NewsGroup.OTHER)


class Way(models.TextChoices):
    """How news of a group leaves the site; on the site they always are."""

    NOW = "now", _("by mail, soon")
    DIGEST = "digest", _("in the digest")
    OFF = "off", _("only here")


class NewsChoice(models.Model):
    """What one member chose; whoever has no row has chosen what stands here.

    `digest_at` is when the next digest is due, so that nobody is looked at before.
    """

    class Digest(models.TextChoices):
        OFF = "off", _("never")
        DAILY = "daily", _("every day")
        WEEKLY = "weekly", _("every week")

    class Day(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="news_choice"
    )
    to_me = models.CharField(max_length=6, choices=Way, default=Way.NOW)
    followed = models.CharField(max_length=6, choices=Way, default=Way.DIGEST)
    other = models.CharField(max_length=6, choices=Way, default=Way.NOW)
    digest = models.CharField(max_length=6, choices=Digest, default=Digest.WEEKLY)
    digest_day = models.PositiveSmallIntegerField(choices=Day, default=Day.MONDAY)
    digest_hour = models.PositiveSmallIntegerField(default=8)
    digest_at = models.DateTimeField(null=True)
    digested_at = models.DateTimeField(null=True)
    # The same hour twice: never quiet.
    quiet_from = models.PositiveSmallIntegerField(default=22)
    quiet_to = models.PositiveSmallIntegerField(default=8)

    class Meta:
        indexes = [
            models.Index(
                fields=["digest_at"],
                condition=Q(digest_at__isnull=False),
                name="news_digest_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hour__lt=24, quiet_from__lt=24, quiet_to__lt=24),
                name="news_hours_of_a_day",
            ),
            models.CheckConstraint(
                condition=Q(digest_day__lt=DAYS_OF_A_WEEK), name="news_day_of_a_week"
            ),
            models.CheckConstraint(
                condition=~Q(digest="off") | Q(digest_at=None),
                name="news_no_digest_is_never_due",
            ),
        ]

    def __str__(self):
        return f"{self.member_id}: {self.digest}"

    def way_of(self, kind: str) -> str:
        return getattr(self, group_of(kind).value)

    def quiet_until(self, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
        """When the member's quiet hours end, if it is quiet now."""
        hour = now.astimezone(zone).hour
        if self.quiet_from < self.quiet_to:
            is_quiet = self.quiet_from <= hour < self.quiet_to
        else:
            is_quiet = hour >= self.quiet_from or hour < self.quiet_to
        if self.quiet_from == self.quiet_to or not is_quiet:
            return None
        return next_at(now, zone, self.quiet_to)

    def next_digest(self, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
        if self.digest == self.Digest.OFF:
            return None
        is_weekly = self.digest == self.Digest.WEEKLY
        day = self.digest_day if is_weekly else None
        return next_at(now, zone, self.digest_hour, day)


def next_at(
    now: dt.datetime, zone: ZoneInfo, hour: int, weekday: int | None = None
) -> dt.datetime:
    """The next time that the clocks of a zone show this hour, perhaps on that day.

    Counted in days of the calendar there: a day with a change of the clocks has 23
    or 25 hours, and an hour that it leaves out comes when it would have been.
    """
    today = now.astimezone(zone).date()
    for ahead in range(DAYS_OF_A_WEEK + 1):
        day = today + dt.timedelta(days=ahead)
        at = dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)
        if at > now and weekday in (None, day.weekday()):
            return at
    raise ValueError(f"no such day: {weekday}")
