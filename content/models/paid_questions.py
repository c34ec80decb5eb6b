"""Questions to a named expert, paid for before they are asked."""

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Offer
from community.lib import markdown
from community.lib.money import validate_currency
from content.models.paying import PaidFor

TITLE_LENGTH = 160
TEXT_LENGTH = 20_000
MOST_DAYS = 30


class AskingTerms(models.Model):
    """What an expert takes for an answer, and how long it may take them."""

    expert = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="asking_terms",
        verbose_name=_("expert"),
    )
    is_open = models.BooleanField(_("takes questions"), default=False)
    price = models.PositiveIntegerField(
        _("price"), null=True, blank=True
    )  # minor units
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", validators=[validate_currency]
    )
    points = models.PositiveIntegerField(_("price in points"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(
        _("days to answer"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )
    about = models.CharField(_("what they answer"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("terms for questions")
        verbose_name_plural = _("terms for questions")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=False)
                | Q(price__isnull=False)
                | Q(points__isnull=False),
                name="terms_open_have_a_price",
                violation_error_message=_("Name a price in money or in points."),
            ),
            models.CheckConstraint(
                condition=(Q(price=None) | Q(price__gt=0))
                & (Q(points=None) | Q(points__gt=0)),
                name="terms_prices_are_something",
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=MOST_DAYS),
                name="terms_days_plausible",
            ),
        ]

    def __str__(self):
        return str(self.expert)


class PaidQuestion(PaidFor):
    """One member asks one expert; what was paid is held until there is an answer.

    Draft and waiting are the asker's own; from asked on the expert sees it. Exactly
    one of money (`order`) and points (`paid_points`) pays for it.
    """

    activity_kind = "paid_question"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waiting for payment")
        ASKED = "asked", _("Waiting for an answer")
        ANSWERED = "answered", _("Answered")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="questions_asked",
        verbose_name=_("asker"),
    )
    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="questions_taken",
        verbose_name=_("expert"),
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    text = models.TextField(_("question"), max_length=TEXT_LENGTH)
    is_open = models.BooleanField(
        _("others may read along"),
        default=False,
        help_text=_("For a small price, of which you get a part, once it is answered."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT
    )
    # As the expert's terms were when it was written.
    price = models.PositiveIntegerField(_("price"), null=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    points = models.PositiveIntegerField(_("price in points"), null=True)
    days = models.PositiveSmallIntegerField(_("days to answer"))
    share = models.PositiveSmallIntegerField(_("share in ‰"), default=0)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    asked_at = models.DateTimeField(_("asked at"), null=True)
    due_at = models.DateTimeField(_("to be answered by"), null=True)
    # None once the expert was reminded.
    remind_at = models.DateTimeField(_("remind at"), null=True)
    # The expert's answer as far as it is written; from then on nobody withdraws.
    begun_at = models.DateTimeField(_("answer begun at"), null=True)
    answer = models.TextField(_("answer"), max_length=TEXT_LENGTH, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    reason = models.CharField(_("why declined"), max_length=300, blank=True)
    given_back_at = models.DateTimeField(_("given back at"), null=True)
    # By which others read along, for money.
    reading = models.OneToOneField(
        Offer,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("offer to read along"),
    )
    rating = models.PositiveSmallIntegerField(_("rating"), null=True)
    rating_words = models.CharField(_("words"), max_length=500, blank=True)
    # Names the form it came from, so that a double click writes one.
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("paid question")
        verbose_name_plural = _("paid questions")
        constraints = [
            models.UniqueConstraint(
                fields=["asker", "form_key"], name="paid_question_once_a_form"
            ),
            models.CheckConstraint(
                condition=~Q(asker=F("expert")), name="paid_question_asks_another"
            ),
            # What is asked is paid, in exactly one way, and has its time.
            models.CheckConstraint(
                condition=Q(
                    asked_at=None,
                    due_at=None,
                    order=None,
                    paid_points=None,
                    state__in=["draft", "waiting", "withdrawn"],
                )
                | Q(
                    asked_at__isnull=False,
                    due_at__gt=F("asked_at"),
                    state__in=[
                        *("asked", "answered", "declined", "expired", "withdrawn")
                    ],
                )
                & (
                    Q(order__isnull=False, paid_points=None)
                    | Q(order=None, paid_points__gt=0)
                ),
                name="paid_question_asked_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "waiting", "asked"], ended_at=None)
                | Q(
                    state__in=["answered", "declined", "expired", "withdrawn"],
                    ended_at__isnull=False,
                ),
                name="paid_question_over_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(given_back_at=None)
                | Q(asked_at__isnull=False, ended_at__isnull=False),
                name="paid_question_given_back_when_over",
            ),
            models.CheckConstraint(
                condition=Q(rating=None)
                | Q(rating__gte=1, rating__lte=5, state="answered"),
                name="paid_question_rated_when_answered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state="asked"),
                name="paid_question_due",
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:paid_question", args=[self.pk])

    @property
    def is_unpaid(self) -> bool:
        return self.state in {self.State.DRAFT, self.State.WAITING}

    @property
    def is_answered(self) -> bool:
        return self.state == self.State.ANSWERED

    @property
    def is_waiting_for_answer(self) -> bool:
        return self.state == self.State.ASKED

    @property
    def may_be_withdrawn(self) -> bool:
        return self.is_unpaid or (self.is_waiting_for_answer and not self.begun_at)

    @property
    def what(self) -> str:
        """The key that is bought in order to ask it."""
        return f"question:{self.pk}"

    @property
    def key_to_read(self) -> str:
        return f"reading:{self.pk}"

    @property
    def term(self) -> dt.timedelta:
        return dt.timedelta(days=self.days)

    # These pages are opened seldom: what they show is rendered when it is shown.
    @property
    def text_html(self) -> str:
        return markdown.render(self.text)

    @property
    def answer_html(self) -> str:
        return markdown.render(self.answer)


class FollowUp(models.Model):
    """A word more between asker and expert, once there is an answer."""

    question = models.ForeignKey(
        PaidQuestion,
        on_delete=models.CASCADE,
        related_name="follow_ups",
        verbose_name=_("paid question"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="follow_ups",
        verbose_name=_("author"),
    )
    text = models.TextField(_("text"), max_length=TEXT_LENGTH)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    form_key = models.UUIDField(null=True, editable=False, verbose_name=_("form"))

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "form_key"], name="follow_up_once_a_form"
            ),
        ]

    def __str__(self):
        return f"{self.author} {self.created_at:%Y-%m-%d}"

    @property
    def text_html(self) -> str:
        return markdown.render(self.text)


class ReadAlong(models.Model):
    """That a member paid points to read an answer to another's question."""

    question = models.ForeignKey(
        PaidQuestion,
        on_delete=models.PROTECT,
        related_name="read_along",
        verbose_name=_("paid question"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="read_along",
        verbose_name=_("member"),
    )
    points = models.PositiveIntegerField(_("points paid"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    # Who gave the points back, and why, stands in the audit chain.
    refunded_at = models.DateTimeField(_("paid back at"), null=True, editable=False)

    class Meta:
        verbose_name = _("reader of an answer")
        verbose_name_plural = _("readers of answers")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "member"],
                condition=models.Q(refunded_at=None),
                name="read_along_once",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} {self.question_id}"
