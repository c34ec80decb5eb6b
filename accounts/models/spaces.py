from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager


class JoinMode(models.TextChoices):
    """How one comes in, into the community or into a space."""

    OPEN = "open", _("Everybody may come in")
    APPLICATION = "application", _("Whoever asks and is let in")
    INVITATION = "invitation", _("Only who is invited")
    PAYMENT = "payment", _("Whoever has a plan")


class SpaceQuerySet(models.QuerySet["Space"]):
    def visible_to(self, user):
        """Spaces this reader may enter."""
        from accounts.services.entitlements import held_numbers  # it reads models

        if getattr(user, "is_operator", False):
            return self
        if not getattr(user, "is_member", False):
            return self.filter(access=Space.Access.PUBLIC)
        joined = SpaceMember.objects.filter(member=user, left_at=None).values("space")
        access = Space.Access
        return self.filter(
            models.Q(access__in=[access.PUBLIC, access.MEMBERS])
            | models.Q(access=access.JOINED, pk__in=joined)
            | models.Q(access=access.PLAN, pk__in=held_numbers(user, "space"))
            | models.Q(access=access.LEVEL, min_level__lte=user.level)
        )

    def listed_for(self, user):
        """Those, and the ones with a door to knock at: whoever wants in sees it."""
        return self.filter(
            models.Q(pk__in=self.visible_to(user).values("pk"))
            | models.Q(access__in=[Space.Access.PLAN, Space.Access.LEVEL])
            | models.Q(access=Space.Access.JOINED, join_mode=JoinMode.APPLICATION)
        )

    def with_joined(self, user):
        """Add `joined`: whether this reader belongs to it today."""
        places = SpaceMember.objects.filter(
            space=models.OuterRef("pk"), member=user.pk, left_at=None
        )
        return self.annotate(joined=models.Exists(places))


class Space(models.Model):
    """A circle with its own goal, members and content."""

    class Access(models.TextChoices):
        PUBLIC = "public", _("Everyone reads, members write")
        MEMBERS = "members", _("Members of the community")
        JOINED = "joined", _("Only those who joined this space")
        PLAN = "plan", _("Only those whose plan opens it")
        LEVEL = "level", _("Only those who have reached a level")

    slug = models.SlugField(_("name in the address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    goal = models.CharField(_("goal"), max_length=300, blank=True)
    audience = models.CharField(_("for whom"), max_length=300, blank=True)
    rules = models.TextField(_("rules"), blank=True)
    access = models.CharField(
        _("access"), max_length=10, choices=Access, default=Access.MEMBERS
    )
    min_level = models.PositiveSmallIntegerField(
        _("from which level on"),
        null=True,
        blank=True,
        help_text=_("For a space that opens with a level."),
    )
    join_mode = models.CharField(
        _("how one joins"), max_length=11, choices=JoinMode, default=JoinMode.OPEN
    )
    seats = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("hours until a question should be answered"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as long as everywhere in the community."),
    )
    tags = TaggableManager(_("subjects"), blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = SpaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("space")
        verbose_name_plural = _("spaces")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(access="level")
                | models.Q(min_level__isnull=False, min_level__gte=1),
                name="space_by_level_says_which",
                violation_error_message=_("Say from which level on it opens."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def key(self) -> str:
        """What an offer or a bundle opens it by."""
        return f"space:{self.pk}"


class SpaceMember(models.Model):
    """That somebody belongs to a space, from when to when, and as what.

    `external_key` is the member's key in the history it was imported from.
    """

    class Role(models.TextChoices):
        MEMBER = "member", _("Member")
        MENTOR = "mentor", _("Mentor")
        VOLUNTEER = "volunteer", _("Volunteer")

    GUIDES = (Role.MENTOR, Role.VOLUNTEER)

    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, related_name="members", verbose_name=_("space")
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="spaces",
        verbose_name=_("member"),
    )
    role = models.CharField(
        _("role in the space"),
        max_length=9,
        choices=Role,
        default=Role.MEMBER,
        db_default=Role.MEMBER,
    )
    joined_at = models.DateTimeField(_("joined at"), default=timezone.now)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    # null: unique only where present.
    external_key = models.CharField(  # noqa: DJ001
        _("key in the imported history"), max_length=80, null=True, blank=True
    )

    class Meta:
        verbose_name = _("member of a space")
        verbose_name_plural = _("members of spaces")
        constraints = [
            models.UniqueConstraint(
                fields=["space", "member"], name="space_member_once"
            ),
            models.UniqueConstraint(
                fields=["space", "external_key"], name="space_member_key_once"
            ),
        ]
        indexes = [
            # The few who guide a space, out of the many who belong to it.
            models.Index(
                fields=["space"],
                condition=~models.Q(role="member") & models.Q(left_at=None),
                name="space_guides",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.space_id}"
