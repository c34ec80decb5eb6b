from typing import Any

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.roles import Role


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """A new account; without a password nobody can sign in to it by one."""
        user = self.model(
            username=username,
            email=self.normalize_email(email).lower() if email else None,
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, **fields: Any) -> "User":
        return self.create_user(username, is_staff=True, is_superuser=True, **fields)

    def people(self) -> models.QuerySet["User"]:
        """Everyone whose account has not been erased."""
        return self.filter(erased_at=None)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Never deleted: erasing empties the row.

    Sign-in is by e-mail; `username` is the public handle. Members imported from
    elsewhere have no e-mail until they claim their account.
    """

    class Experience(models.TextChoices):
        NEW = "new", _("New to it")
        SOME = "some", _("Some experience")
        EXPERIENCED = "experienced", _("Experienced")

    class MessagesFrom(models.TextChoices):
        EVERYONE = "everyone", _("Every member")
        FOLLOWED = "followed", _("Those I follow")
        NOBODY = "nobody", _("Nobody")

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    username = models.CharField(
        _("handle"),
        max_length=80,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("This handle is taken.")},
    )
    # null, not "": imported members have no e-mail, and it is unique.
    email = models.EmailField(_("e-mail"), null=True, blank=True)  # noqa: DJ001
    name = models.CharField(_("name"), max_length=80, blank=True)
    about = models.CharField(_("about me"), max_length=500, blank=True)
    avatar = models.ImageField(_("picture"), upload_to="avatars", blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    roles = ArrayField(
        models.CharField(max_length=12, choices=Role),
        default=list,
        blank=True,
        editable=False,
        verbose_name=_("roles"),
    )
    experience = models.CharField(
        _("experience"), max_length=11, choices=Experience, blank=True
    )
    # What the member has earned here; 0 is where everybody begins.
    level = models.PositiveSmallIntegerField(_("level"), default=0, editable=False)
    # Has an account and has not been let in yet.
    is_applicant = models.BooleanField(_("waits to be let in"), default=False)
    messages_from = models.CharField(
        _("who may write to me"),
        max_length=8,
        choices=MessagesFrom,
        default=MessagesFrom.EVERYONE,
        db_default=MessagesFrom.EVERYONE,
    )
    # Conversations with something new: the header of every page tells it.
    unread_messages = models.PositiveIntegerField(
        _("conversations with news"), default=0, db_default=0, editable=False
    )
    is_staff = models.BooleanField(_("may enter the admin"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("joined at"), default=timezone.now)
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    # What sanctions in force say; kept by `services.sanctions`.
    muted_until = models.DateTimeField(
        _("cannot write until"), null=True, blank=True, editable=False
    )
    removed_at = models.DateTimeField(
        _("removed at"), null=True, blank=True, editable=False
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    # Mails to this address that came back; and since when it gets no more.
    mail_failures = models.PositiveSmallIntegerField(
        _("mails that came back"), default=0, db_default=0, editable=False
    )
    mail_failing_at = models.DateTimeField(
        _("mails come back since"), null=True, editable=False
    )

    activity_kind = "person"

    objects = UserManager()

    # What `entitlements.held` found, for as long as this object lives: one request.
    held_keys: frozenset[str] | None = None
    # News not read yet, as far as the bell counts; known of the member of a request.
    unread_news = 0
    # For a request of somebody of the staff who has not set up the factor they need.
    lacks_second_factor = False

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("member accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("Somebody has this e-mail address already."),
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="user_handle_unique",
                violation_error_message=_("This handle is taken."),
            ),
            models.CheckConstraint(
                condition=~models.Q(email=""), name="user_email_absent_is_null"
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def get_absolute_url(self):
        return reverse("accounts:person", args=[self.username])

    @property
    def may_act_as_staff(self) -> bool:
        """A suspension takes the powers of all roles away; so does a missing factor."""
        return self.suspended_at is None and not self.lacks_second_factor

    def has_perm(self, perm, obj=None):
        return self.may_act_as_staff and super().has_perm(perm, obj)

    def has_module_perms(self, app_label):
        return self.may_act_as_staff and super().has_module_perms(app_label)

    @property
    def is_member(self) -> bool:
        return not self.is_applicant and self.removed_at is None

    @property
    def is_operator(self) -> bool:
        is_one = self.is_superuser or Role.OPERATOR in self.roles
        return self.may_act_as_staff and is_one

    @property
    def is_mentor(self) -> bool:
        return Role.MENTOR in self.roles

    @property
    def is_volunteer(self) -> bool:
        return self.may_act_as_staff and Role.VOLUNTEER in self.roles

    @property
    def is_reviewer(self) -> bool:
        return self.may_act_as_staff and Role.REVIEWER in self.roles

    @property
    def is_planner(self) -> bool:
        return self.may_act_as_staff and Role.PLANNER in self.roles

    @property
    def is_muted(self) -> bool:
        return self.muted_until is not None and self.muted_until > timezone.now()

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None
