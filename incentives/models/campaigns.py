import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Space
from community.lib.languages import in_language
from incentives.models.budgets import Budget
from incentives.models.coupons import Coupon
from incentives.models.points import PointRule


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def due(self, now: dt.datetime) -> "CampaignQuerySet":
        return self.filter(state=Campaign.State.READY, starts_at__lte=now)

    def over(self, now: dt.datetime) -> "CampaignQuerySet":
        return self.filter(state=Campaign.State.RUNNING, ends_at__lte=now)

    def with_reached(self) -> "CampaignQuerySet":
        """Add `reached`: how many members."""
        return self.annotate(reached=models.Count("members", distinct=True))

    def running(self) -> "CampaignQuerySet":
        return self.filter(state=Campaign.State.RUNNING)


class Campaign(models.Model):
    """Something given to some members for a while, to reach a goal that was named.

    Its terms stand once it is handed in. From one state only certain others follow;
    the database refuses the rest.
    """

    activity_kind = "campaign"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waits for a second person")
        READY = "ready", _("Ready to start")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("Every member")
        NEWCOMERS = "newcomers", _("Who joined in the last days")
        QUIET = "quiet", _("Who was not here in the last days")
        PLAN = "plan", _("Who holds a plan")
        SPACE = "space", _("Members of a space")

    name = models.CharField(_("name"), max_length=80)
    goal = models.TextField(
        _("goal"), help_text=_("What shall be different afterwards, and for whom.")
    )
    audience = models.CharField(_("for whom"), max_length=10, choices=Audience)
    days = models.PositiveSmallIntegerField(
        _("days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("For newcomers and the quiet: in how many days."),
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("space"),
    )
    plan = models.CharField(
        _("plan"),
        max_length=60,
        blank=True,
        help_text=_("Its key, such as “membership” or “tier:gold”."),
    )
    title = models.CharField(
        _("title of the message"),
        max_length=120,
        blank=True,
        help_text=_("Told to each member once. Empty: no message."),
    )
    title_zh = models.CharField(
        _("title of the message in Chinese"), max_length=120, blank=True
    )
    text = models.TextField(_("message"), blank=True)
    text_zh = models.TextField(_("message in Chinese"), blank=True)
    points = models.PositiveIntegerField(
        _("points for each member"), default=0, help_text=_("Given once.")
    )
    budget = models.ForeignKey(
        Budget,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("budget"),
        help_text=_("What its points are paid from; more is never given."),
    )
    coupon = models.OneToOneField(
        Coupon,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to={"audience": Coupon.Audience.LISTED},
        related_name="campaign",
        verbose_name=_("coupon"),
        help_text=_(
            "One for the members of a list: whom the campaign reaches is put on it."
        ),
    )
    rules: "models.ManyToManyField[PointRule, CampaignRule]" = models.ManyToManyField(
        PointRule,
        through="CampaignRule",
        related_name="campaigns",
        verbose_name=_("point rules"),
    )
    starts_at = models.DateTimeField(_("starts at"), default=timezone.now)
    ends_at = models.DateTimeField(_("ends at"))
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=State,
        default=State.DRAFT,
        editable=False,
    )
    needs_second = models.BooleanField(
        _("needs a second person"), default=False, editable=False
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="campaigns_submitted",
        verbose_name=_("handed in by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="campaigns_approved",
        verbose_name=_("approved by"),
    )
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = _("incentive campaign")
        verbose_name_plural = _("incentive campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="incentive_campaign_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=~Q(audience__in=["newcomers", "quiet"])
                | Q(days__isnull=False, days__gte=1),
                name="campaign_in_how_many_days",
                violation_error_message=_("Say in how many days."),
            ),
            models.CheckConstraint(
                condition=~Q(audience="space") | Q(space__isnull=False),
                name="campaign_in_which_space",
                violation_error_message=_("Say which space."),
            ),
            models.CheckConstraint(
                condition=~Q(audience="plan") | ~Q(plan=""),
                name="campaign_for_which_plan",
                violation_error_message=_("Say which plan."),
            ),
            models.CheckConstraint(
                condition=Q(points=0) | Q(budget__isnull=False),
                name="campaign_points_have_a_budget",
                violation_error_message=_("Say from which budget the points come."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_by__isnull=False),
                name="campaign_handed_in_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "waiting"])
                | Q(needs_second=False)
                | Q(approved_by__isnull=False),
                name="campaign_approved_above_a_sum",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("submitted_by")),
                name="campaign_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "ended"], started_at__isnull=False)
                | Q(state__in=["draft", "waiting", "ready"], started_at=None),
                name="campaign_started_once",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | ~Q(state="ended") & Q(ended_at=None),
                name="campaign_ended_once",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("incentives:campaign", args=[self.pk])

    def title_in(self, language: str) -> str:
        return in_language(language, self.title, self.title_zh)

    def text_in(self, language: str) -> str:
        return in_language(language, self.text, self.text_zh)


class CampaignRule(models.Model):
    """A point rule that pays only whom this campaign has reached."""

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="campaign_rules",
        verbose_name=_("campaign"),
    )
    rule = models.OneToOneField(
        PointRule,
        on_delete=models.PROTECT,
        related_name="campaign_rule",
        verbose_name=_("point rule"),
    )

    class Meta:
        verbose_name = _("point rule of a campaign")
        verbose_name_plural = _("point rules of a campaign")

    def __str__(self):
        return f"{self.rule}"


class CampaignMember(models.Model):
    """That a campaign has reached a member, with what it gave them. Never twice, and
    nobody who is held out: the database refuses both."""

    activity_kind = "campaign_member"

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        related_name="members",
        verbose_name=_("campaign"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="campaigns",
        verbose_name=_("member"),
    )
    points = models.PositiveIntegerField(_("points"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("member reached by a campaign")
        verbose_name_plural = _("members reached by campaigns")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "member"], name="campaign_reaches_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.campaign_id}"
