"""What people tell the house about itself, and what it says in return."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from community.lib.languages import in_language

TEXT_LENGTH = 4000
WORKING_DAYS = 3


class InTwoLanguages(models.Model):
    """A name that the operators write in English and in Chinese."""

    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return in_language(get_language() or "", self.name, self.name_zh)


class FeedbackArea(InTwoLanguages):
    """A part of the house: who looks after it, and how soon it answers."""

    slug = models.SlugField(_("short name"), unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback_areas",
        verbose_name=_("who looks after it"),
    )
    working_days = models.PositiveSmallIntegerField(
        _("answered within"),
        default=WORKING_DAYS,
        help_text=_("Working days, Monday to Friday."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("area of feedback")
        verbose_name_plural = _("areas of feedback")
        constraints = [
            models.CheckConstraint(
                condition=Q(working_days__range=(1, 60)), name="feedback_area_has_days"
            ),
        ]


class FeedbackSubject(InTwoLanguages):
    """What feedback is about, as the operators call it; counted over time."""

    class Meta:
        ordering = ["name"]
        verbose_name = _("subject of feedback")
        verbose_name_plural = _("subjects of feedback")


class FeedbackReply(models.Model):
    """Words that operators often need when they answer."""

    text = models.CharField(_("text"), max_length=400)
    text_zh = models.CharField(_("text in Chinese"), max_length=400, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("ready answer")
        verbose_name_plural = _("ready answers to feedback")

    def __str__(self):
        return self.text_in(get_language() or "")

    def text_in(self, language: str) -> str:
        return in_language(language, self.text, self.text_zh)


class Feedback(models.Model):
    """What somebody said. Of anonymous feedback no table knows who: its moment is
    kept to the hour, and whoever has the `code` sees how it stands."""

    activity_kind = "feedback"

    class State(models.TextChoices):
        NEW = "new", _("New")
        TAKEN = "taken", _("Being looked at")
        ANSWERED = "answered", _("Answered")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    WAITING = (State.NEW, State.TAKEN)

    area = models.ForeignKey(
        FeedbackArea,
        on_delete=models.PROTECT,
        related_name="feedback",
        verbose_name=_("area"),
    )
    text = models.TextField(_("text"), max_length=TEXT_LENGTH)
    page = models.CharField(_("page"), max_length=200, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="feedback",
        verbose_name=_("member"),
    )
    code = models.CharField(_("code"), max_length=30, unique=True, editable=False)
    form_key = models.UUIDField(
        _("key of the form"), null=True, unique=True, editable=False
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.NEW
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback_owned",
        verbose_name=_("who looks after it"),
    )
    subjects = models.ManyToManyField(
        FeedbackSubject,
        blank=True,
        related_name="feedback",
        verbose_name=_("subjects"),
    )
    created_at = models.DateTimeField(_("given at"), default=timezone.now)
    due_at = models.DateTimeField(_("to be answered by"))
    answered_at = models.DateTimeField(_("first answered at"), null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["new", "taken"]),
                name="feedback_waiting",
            ),
            models.Index(fields=["created_at"], name="feedback_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["new", "taken"]) | Q(answered_at__isnull=False),
                name="feedback_ends_with_an_answer",
            ),
        ]

    def __str__(self):
        return self.text[:80]

    def get_absolute_url(self):
        return reverse("content:feedback_state", args=[self.code])


class FeedbackStep(models.Model):
    """One thing that happened with a feedback, with what was said to its author."""

    feedback = models.ForeignKey(
        Feedback,
        on_delete=models.CASCADE,
        related_name="steps",
        verbose_name=_("feedback"),
    )
    state = models.CharField(_("state"), max_length=10, choices=Feedback.State)
    text = models.TextField(_("text"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="feedback_steps",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("step of a feedback")
        verbose_name_plural = _("steps of feedback")

    def __str__(self):
        return f"{self.feedback_id} {self.state}"


class FeedbackReport(Feedback):
    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("feedback in numbers")
