"""That somebody should answer a question, and by when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Field
from content.models.discussions import Topic


class QuestionDuty(models.Model):
    """By when a question should have its first answer, and who is asked for it.

    Anybody may answer; `answered_at` is when somebody other than the asker did.
    """

    topic = models.OneToOneField(
        Topic,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="duty",
        verbose_name=_("question"),
    )
    field = models.ForeignKey(
        Field,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("field of knowledge"),
    )
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="duties",
        verbose_name=_("who is asked to answer"),
    )
    remind_at = models.DateTimeField(_("reminded from"))
    due_at = models.DateTimeField(_("to be answered by"))
    answered_at = models.DateTimeField(_("first answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("question to answer")
        verbose_name_plural = _("questions to answer")
        indexes = [
            models.Index(
                F("due_at"), condition=Q(answered_at=None), name="duty_waiting"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(remind_at__lte=F("due_at")), name="duty_reminds_before"
            ),
        ]

    def __str__(self):
        return str(self.topic)


class DutyDeclined(models.Model):
    """That a member will not answer this question: they are not asked again."""

    duty = models.ForeignKey(
        QuestionDuty, on_delete=models.CASCADE, related_name="declined"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="duties_declined",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "member"], name="duty_declined_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} declined {self.duty_id}"
