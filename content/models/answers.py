"""What is said of the answers to a question: that they are right, or helpful."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.discussions import Post


class AcceptedAnswer(models.Model):
    """That an answer is right: said by who asked, or by somebody who knows the field.

    The two are kept apart, because they say different things: it helped, it is true.
    """

    class Role(models.TextChoices):
        ASKER = "asker", _("Who asked")
        EXPERT = "expert", _("An expert")

    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="marks", verbose_name=_("answer")
    )
    role = models.CharField(_("marked by"), max_length=6, choices=Role)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="answers_marked",
        verbose_name=_("who marked it"),
    )
    at = models.DateTimeField(_("marked at"), default=timezone.now)

    class Meta:
        verbose_name = _("accepted answer")
        verbose_name_plural = _("accepted answers")
        constraints = [
            models.UniqueConstraint(
                fields=["post", "role"], name="answer_accepted_once_per_role"
            ),
        ]

    def __str__(self):
        return f"{self.post_id} accepted by {self.role}"


class AnswerVote(models.Model):
    """Whether a member finds an answer helpful."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="answer_votes"
    )
    is_helpful = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "post"], name="answer_voted_on_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} on {self.post_id}: {self.is_helpful}"
