"""Camps (打卡): a task for each day, and who did it.

What a member checks in with is a post in the challenge's topic: so it is looked at,
held, reported, answered, thanked for and forgotten like everything that members write,
and whoever may read the space reads it.
"""

import datetime as dt
import zoneinfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Space, Title
from community.lib.dates import site_day
from community.lib.money import validate_currency
from community.lib.zones import zone_name
from content.models.discussions import Post, Topic
from content.models.moderation import Case

BODY_LENGTH = 20_000
TASK_LENGTH = 4_000
MOST_DAYS = 100
MOST_LATE_HOURS = 48
MOST_IN_A_TEAM = 50
ZONE_KEPT = dt.timedelta(days=7)


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def visible_to(self, user):
        """Those that went out, where this reader may read; drafts are their host's."""
        if getattr(user, "is_operator", False):
            return self
        out = ~Q(state=Challenge.State.DRAFT) & Q(
            space__in=Space.objects.visible_to(user)
        )
        return self.filter(out | Q(host=user) if user.is_authenticated else out)

    def published(self):
        return self.filter(state=Challenge.State.PUBLISHED)


class Challenge(models.Model):
    """One camp. Its row is the lock for its places and its teams.

    Whose day it is, each member's own clock says: in the zone kept with them (see
    ChallengeMember). A day is open from its first minute until `late_hours` after its
    end. `rest_days` are how many days one may miss without losing a streak.
    """

    activity_kind = "challenge"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        CANCELLED = "cancelled", _("Cancelled")

    class Access(models.TextChoices):
        FREE = "free", _("Everyone who sees it")
        MEMBERSHIP = "membership", _("Paying members")
        SOLD = "sold", _("Whoever pays for it")

    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    body = models.TextField(_("description"), max_length=BODY_LENGTH, blank=True)
    body_html = models.TextField(_("description as shown"), blank=True, editable=False)
    task = models.TextField(
        _("the task of each day"),
        max_length=TASK_LENGTH,
        help_text=_("A day may have one of its own instead."),
    )
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="challenges_hosted",
        verbose_name=_("host"),
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        related_name="challenges",
        verbose_name=_("space"),
        help_text=_("Who may read there sees the challenge, and what is checked in."),
    )
    topic = models.OneToOneField(
        Topic,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="challenge",
        verbose_name=_("topic"),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.DRAFT
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    required_days = models.PositiveSmallIntegerField(
        _("days to finish it"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=_("Who checks in on so many days has finished."),
    )
    rest_days = models.PositiveSmallIntegerField(
        _("rest days"),
        default=2,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("So many days may be missed without losing the streak."),
    )
    late_hours = models.PositiveSmallIntegerField(
        _("hours to be late"),
        default=12,
        validators=[MaxValueValidator(MOST_LATE_HOURS)],
        help_text=_("So long after a day is over one may still check in for it."),
    )
    places = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as many as come."),
    )
    team_size = models.PositiveSmallIntegerField(
        _("people in a team"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(MOST_IN_A_TEAM)],
        help_text=_("Empty: everybody for themselves."),
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
    title_given = models.ForeignKey(
        Title,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("title of honour for who finishes"),
    )
    cancel_reason = models.CharField(_("why cancelled"), max_length=300, blank=True)
    form_key = models.UUIDField(
        _("key of the form"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(
        _("created at"), default=timezone.now, editable=False
    )

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="challenge_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(last_day__lt=F("first_day") + dt.timedelta(days=MOST_DAYS)),
                name="challenge_is_not_endless",
                violation_error_message=_("A challenge has at most 100 days."),
            ),
            models.CheckConstraint(
                condition=Q(first_day__gte=dt.date(2000, 1, 1))
                & Q(last_day__lte=dt.date(2200, 1, 1)),
                name="challenge_in_our_time",
                violation_error_message=_("A day between the years 2000 and 2200."),
            ),
            models.CheckConstraint(
                condition=Q(required_days__gte=1), name="challenge_asks_for_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(topic__isnull=False),
                name="challenge_out_has_a_topic",
            ),
            models.UniqueConstraint(
                fields=["host", "form_key"], name="challenge_once_a_form"
            ),
            models.CheckConstraint(
                condition=(
                    Q(access="sold", price__gt=0) | Q(access="sold", points__gt=0)
                )
                & (Q(price=None) | Q(price__gt=0))
                & (Q(points=None) | Q(points__gt=0))
                | (~Q(access="sold") & Q(price=None, points=None)),
                name="challenge_sold_has_a_price",
                violation_error_message=_("Name a price in money or in points."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:challenge", args=[self.pk])

    @property
    def what(self) -> str:
        """The key that is bought with a place."""
        return f"challenge:{self.pk}"

    @property
    def is_sold(self) -> bool:
        return self.access == Challenge.Access.SOLD

    @property
    def is_draft(self) -> bool:
        return self.state == Challenge.State.DRAFT

    @property
    def is_published(self) -> bool:
        return self.state == Challenge.State.PUBLISHED

    @property
    def is_cancelled(self) -> bool:
        return self.state == Challenge.State.CANCELLED

    @property
    def is_over(self) -> bool:
        """By the community's clock; members finish their day by their own."""
        return site_day() > self.last_day

    @property
    def is_coming(self) -> bool:
        return site_day() < self.first_day

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1

    @property
    def all_days(self) -> list[dt.date]:
        return [self.first_day + dt.timedelta(days=it) for it in range(self.days)]

    def number_of(self, day: dt.date) -> int:
        """1 is the first day."""
        return (day - self.first_day).days + 1


class ChallengeTask(models.Model):
    """What is to be done on one day, in place of the task of each day."""

    challenge = models.ForeignKey(
        Challenge,
        on_delete=models.CASCADE,
        related_name="tasks",
        verbose_name=_("challenge"),
    )
    number = models.PositiveSmallIntegerField(_("day"))
    text = models.TextField(_("task"), max_length=TASK_LENGTH)

    class Meta:
        verbose_name = _("task of a day")
        verbose_name_plural = _("tasks of days")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "number"], name="challenge_task_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_DAYS),
                name="challenge_task_on_a_day",
            ),
        ]

    def __str__(self):
        return f"{self.challenge_id}, {self.number}"


class ChallengeTeam(models.Model):
    """People who go through a challenge together."""

    challenge = models.ForeignKey(
        Challenge,
        on_delete=models.CASCADE,
        related_name="teams",
        verbose_name=_("challenge"),
    )
    name = models.CharField(_("name"), max_length=40)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "name"], name="challenge_team_once_a_name"
            ),
        ]

    def __str__(self):
        return self.name


class ChallengeMember(models.Model):
    """Somebody who takes part.

    `time_zone` says when their days begin: it is that of their profile on the day they
    joined, and can be taken anew once in a week, so that moving it about gains nothing.
    """

    challenge = models.ForeignKey(
        Challenge,
        on_delete=models.PROTECT,
        related_name="members",
        verbose_name=_("challenge"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="challenges",
        verbose_name=_("member"),
    )
    team = models.ForeignKey(
        ChallengeTeam,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("team"),
    )
    time_zone = models.CharField(_("time zone"), max_length=64)
    zone_since = models.DateTimeField(_("in it since"), default=timezone.now)
    is_ranked = models.BooleanField(_("shown in the ranking"), default=True)
    remind_hour = models.PositiveSmallIntegerField(
        _("reminded at"), null=True, blank=True
    )
    reminded_on = models.DateField(_("last reminded on"), null=True, editable=False)
    joined_at = models.DateTimeField(_("joined at"), default=timezone.now)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    done_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("participant of a challenge")
        verbose_name_plural = _("participants of challenges")
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "member"], name="challenge_joined_once"
            ),
            models.CheckConstraint(
                condition=Q(remind_hour=None) | Q(remind_hour__lte=23),
                name="challenge_reminder_at_an_hour",
            ),
        ]
        indexes = [
            models.Index(
                fields=["challenge"],
                condition=Q(left_at=None, remind_hour__isnull=False),
                name="challenge_to_remind",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.challenge_id}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def zone_shown(self) -> str:
        return zone_name(self.time_zone)

    @property
    def may_move(self) -> bool:
        return self.zone_since <= timezone.now() - ZONE_KEPT


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def standing(self):
        """What others may read: posted, or let through, and not hidden."""
        return self.filter(
            Q(post__isnull=False, post__hidden_at=None)
            | Q(post=None, case__post__isnull=False, case__post__hidden_at=None)
        )

    def counting(self):
        """With what still waits to be looked at: it was done in time."""
        waits = Q(post=None, case__isnull=False, case__closed_at=None)
        return self.filter(
            waits
            | Q(post__isnull=False, post__hidden_at=None)
            | Q(post=None, case__post__isnull=False, case__post__hidden_at=None)
        )

    def of_those_there(self):
        return self.filter(participant__left_at=None)


class CheckIn(models.Model):
    """That somebody did a day's task: the post that says so, or what of it is held.

    One for each day. When it was not let through, or was hidden, the same row takes
    what they check in with instead.
    """

    activity_kind = "check_in"

    participant = models.ForeignKey(
        ChallengeMember,
        on_delete=models.PROTECT,
        related_name="check_ins",
        verbose_name=_("participant of a challenge"),
    )
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    is_late = models.BooleanField(_("late"), default=False)
    post = models.OneToOneField(
        Post,
        on_delete=models.PROTECT,
        null=True,
        related_name="check_in",
        verbose_name=_("post"),
    )
    case = models.OneToOneField(
        Case,
        on_delete=models.PROTECT,
        null=True,
        related_name="check_in",
        verbose_name=_("held"),
    )
    praised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="check_ins_praised",
        verbose_name=_("praised by"),
    )
    praised_at = models.DateTimeField(_("praised at"), null=True, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "day"], name="check_in_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(post__isnull=False, case=None)
                | Q(post=None, case__isnull=False),
                name="check_in_is_posted_or_held",
            ),
        ]
        indexes = [models.Index(fields=["day", "id"], name="check_in_by_day")]

    def __str__(self):
        return f"{self.participant_id} on {self.day}"

    def get_absolute_url(self):
        return reverse("content:check_in", args=[self.pk])

    @property
    def number(self) -> int:
        """Of the day, in its challenge."""
        return self.participant.challenge.number_of(self.day)

    @property
    def shown(self) -> Post | None:
        """The post, once there is one."""
        return self.post or (self.case.post if self.case else None)

    @property
    def is_waiting(self) -> bool:
        return self.case is not None and self.case.closed_at is None
