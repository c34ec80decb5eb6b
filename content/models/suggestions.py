"""The board of suggestions, and what became of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.feedback import TEXT_LENGTH, Feedback


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def on_the_board(self):
        return self.exclude(state=Suggestion.State.HELD).filter(merged_into=None)

    def readable_by(self, user):
        """What is on the board, or was put together with it; and one's own."""
        if getattr(user, "is_operator", False):
            return self
        return self.filter(~Q(state=Suggestion.State.HELD) | Q(author=user.pk))


class Suggestion(models.Model):
    """Something that could be better. `vote_count` is kept equal to its votes."""

    activity_kind = "suggestion"

    class State(models.TextChoices):
        HELD = "held", _("Waits to be looked at")
        OPEN = "open", _("Open for votes")
        PLANNED = "planned", _("Planned")
        DOING = "doing", _("Being done")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    ADOPTED = (State.PLANNED, State.DOING, State.DONE)

    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=TEXT_LENGTH)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name=_("author"),
    )
    # Said to the operators alone: its author is not named on the board.
    feedback = models.ForeignKey(
        Feedback,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name=_("feedback"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.HELD
    )
    answer = models.TextField(_("public answer"), max_length=TEXT_LENGTH, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    adopted_at = models.DateTimeField(_("adopted at"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("the same as"),
    )
    vote_count = models.PositiveIntegerField(_("votes"), default=0)
    form_key = models.UUIDField(_("key of the form"), null=True, editable=False)
    created_at = models.DateTimeField(_("made at"), default=timezone.now)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        indexes = [
            models.Index(
                F("vote_count").desc(), F("id").desc(), name="suggestion_by_votes"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="suggestion_is_not_its_own_double",
            ),
            models.UniqueConstraint(
                fields=["author", "form_key"], name="suggestion_once_per_form"
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("content:suggestion", args=[self.pk])

    @property
    def is_voted_on(self) -> bool:
        over = {self.State.HELD, self.State.DONE, self.State.DECLINED}
        return self.merged_into_id is None and self.state not in over


class SuggestionVote(models.Model):
    suggestion = models.ForeignKey(
        Suggestion, on_delete=models.CASCADE, related_name="votes"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="suggestion_votes",
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["suggestion", "member"], name="suggestion_vote_once_a_member"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} for {self.suggestion_id}"


class Change(models.Model):
    """You said, we did: something that is better now, and who had asked for it."""

    activity_kind = "change"

    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=TEXT_LENGTH)
    done_on = models.DateField(_("done on"), default=timezone.localdate)
    feedback = models.ManyToManyField(
        Feedback, blank=True, related_name="changes", verbose_name=_("feedback")
    )
    suggestions = models.ManyToManyField(
        Suggestion, blank=True, related_name="changes", verbose_name=_("suggestions")
    )
    published_at = models.DateTimeField(
        _("published at"), null=True, blank=True, editable=False
    )

    class Meta:
        ordering = ["-done_on", "-id"]
        verbose_name = _("change")
        verbose_name_plural = _("changes: you said, we did")

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{reverse('content:changes')}#change-{self.pk}"
