"""How somebody comes in: asked, invited, in turn; and what they said they look for."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag

from accounts.models.spaces import Space


class JoinQuestion(models.Model):
    """Asked of everybody who applies: to a space, or to the community."""

    space = models.ForeignKey(
        Space,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("space"),
        help_text=_("Empty: asked of those who want into the community."),
    )
    prompt = models.CharField(_("question"), max_length=200)
    is_required = models.BooleanField(_("has to be answered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("question to applicants")
        verbose_name_plural = _("questions to applicants")

    def __str__(self):
        return self.prompt


class Application(models.Model):
    """Somebody wants in: into the community, or into one space."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for an answer")
        QUEUED = "queued", _("On the waiting list")
        OFFERED = "offered", _("A place is free")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (State.WAITING, State.QUEUED, State.OFFERED)

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="applications",
        verbose_name=_("member"),
    )
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("space"),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.WAITING
    )
    # [[question, answer], …] as they were asked and answered.
    answers = models.JSONField(_("answers"), default=list)
    # Of 100, how well what they look for fits the space; null: nothing to compare.
    match = models.PositiveSmallIntegerField(_("match"), null=True, blank=True)
    match_reasons = ArrayField(
        models.CharField(max_length=60),
        default=list,
        verbose_name=_("reasons of the match"),
    )
    created_at = models.DateTimeField(_("asked at"), default=timezone.now)
    # A free place is kept until then.
    offered_until = models.DateTimeField(_("offered until"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "space"],
                condition=Q(state__in=["waiting", "queued", "offered"]),
                nulls_distinct=False,
                name="application_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="offered", offered_until__isnull=False)
                | (~Q(state="offered") & Q(offered_until=None)),
                name="application_offer_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["space", "state", "created_at"], name="application_q"),
        ]

    def __str__(self):
        return f"{self.member} → {self.space or '·'}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def valid(self) -> "InvitationQuerySet":
        now = timezone.now()
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now),
            Q(uses_left=None) | Q(uses_left__gt=0),
            ended_at=None,
        )


class Invitation(models.Model):
    """A code that lets in, for a number of times and until a day; one with `member`
    lets in only them."""

    activity_kind = "invitation"

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)
    space = models.ForeignKey(
        Space,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("space"),
        help_text=_("Empty: into the community."),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="invited_by_name",
        editable=False,
        verbose_name=_("only for"),
    )
    # Guides of a space ask members in; who is let into the community is not theirs.
    for_members_only = models.BooleanField(
        _("for members only"), default=False, db_default=False, editable=False
    )
    note = models.CharField(_("for whom"), max_length=120, blank=True)
    uses_left = models.PositiveIntegerField(
        _("times it may be used"), null=True, blank=True, default=1
    )
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="invitations",
        editable=False,
        verbose_name=_("created by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self):
        return self.code


class Interest(models.Model):
    """That a member said to be interested in a subject of the library."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="interests",
        verbose_name=_("member"),
    )
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, related_name="+", verbose_name=_("tag")
    )
    declared_at = models.DateTimeField(_("declared at"), default=timezone.now)

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")
        constraints = [
            models.UniqueConstraint(fields=["member", "tag"], name="interest_once"),
        ]

    def __str__(self):
        return f"{self.member_id} {self.tag}"
