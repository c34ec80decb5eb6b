"""Short questions to few members, seldom: who was asked, with what probability, and
who answered, so that answers can be weighed by who is silent."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    DateRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

REST_DAYS = 30
MOST_A_QUARTER = 2
COMMENT_LENGTH = 1000


class Survey(models.Model):
    """One instrument, asked on one occasion or, without one, of members drawn by lot.

    The questions and their sources stand in services/instruments.py.
    """

    class Kind(models.TextChoices):
        CSAT = "csat", _("Satisfaction with one thing (CSAT)")
        NPS = "nps", _("Recommending it (NPS)")
        SATISFACTION = "satisfaction", _("Satisfaction with the community")

    class Occasion(models.TextChoices):
        NONE = "", _("None: members drawn by lot")
        COURSE = "course", _("A course was finished")
        ANSWER = "answer", _("An answer was accepted")
        EVENT = "event", _("An event was attended")
        COHORT = "cohort", _("A cohort came to its end")

    kind = models.CharField(_("instrument"), max_length=12, choices=Kind)
    occasion = models.CharField(
        _("occasion"), max_length=8, choices=Occasion, blank=True
    )
    share = models.FloatField(
        _("share that is asked"),
        default=0.1,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Of the occasions; or of the members, a month. From 0 to 1."),
    )
    most_a_month = models.PositiveIntegerField(_("at most asked a month"), default=200)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = [
            models.CheckConstraint(
                condition=Q(share__range=(0, 1)), name="survey_share_is_a_share"
            ),
            models.CheckConstraint(
                condition=(Q(kind="csat") & ~Q(occasion=""))
                | (~Q(kind="csat") & Q(occasion="")),
                name="survey_of_one_thing_has_an_occasion",
            ),
        ]

    def __str__(self):
        kind = self.get_kind_display()
        return f"{kind}: {self.get_occasion_display()}" if self.occasion else str(kind)


class Asked(models.Model):
    """That a member was asked, and what came of it.

    `probability` is that with which they were drawn from those who could be asked that
    day. Tenure and plan are as they were then.
    """

    activity_kind = "survey"

    survey = models.ForeignKey(
        Survey, on_delete=models.PROTECT, related_name="asked", verbose_name=_("survey")
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="surveys_asked",
        verbose_name=_("member"),
    )
    target_kind = models.CharField(max_length=20, blank=True)
    target_id = models.BigIntegerField(null=True)
    probability = models.FloatField()
    asked_on = models.DateField()
    rests_until = models.DateField()
    quarter = models.CharField(max_length=6)
    number = models.PositiveSmallIntegerField()
    tenure_days = models.PositiveIntegerField()
    is_paying = models.BooleanField()
    asked_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True, max_length=COMMENT_LENGTH)

    class Meta:
        ordering = ["-asked_on", "-id"]
        constraints = [
            # Both without an extension: a member's number is a range of one.
            ExclusionConstraint(
                name="survey_asks_are_rested",
                expressions=[
                    (
                        Func(
                            F("member_id"),
                            F("member_id"),
                            Value("[]"),
                            function="int8range",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("asked_on"),
                            F("rests_until"),
                            RangeBoundary(),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.UniqueConstraint(
                fields=["member", "quarter", "number"], name="survey_ask_numbered"
            ),
            models.CheckConstraint(
                condition=Q(number__range=(1, MOST_A_QUARTER)),
                name="survey_asks_few_a_quarter",
            ),
            models.CheckConstraint(
                condition=Q(probability__gt=0, probability__lte=1),
                name="survey_ask_has_a_probability",
            ),
            models.UniqueConstraint(
                fields=["survey", "member", "target_kind", "target_id"],
                name="survey_once_for_a_thing",
            ),
        ]

    def __str__(self):
        return f"{self.survey_id} asked of {self.member_id}"

    def get_absolute_url(self):
        return reverse("content:survey", args=[self.pk])


class SurveyAnswer(models.Model):
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=20)
    value = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asked", "question"], name="survey_answer_once"
            ),
            models.CheckConstraint(
                condition=Q(value__range=(0, 10)), name="survey_answer_in_range"
            ),
        ]

    def __str__(self):
        return f"{self.asked_id} {self.question}"


class SurveyRefusal(models.Model):
    """A member who wants to be asked nothing."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="survey_refusal",
    )
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return str(self.member_id)


class SurveyReport(Survey):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("surveys in numbers")
