"""Where members come from: channels, campaigns, tracked links, and who brought whom."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.lib.money import validate_currency


class Channel(models.Model):
    """A way by which people hear of the community."""

    class Kind(models.TextChoices):
        SOCIAL = "social", _("Social media")
        FORUM = "forum", _("Professional forum")
        CONFERENCE = "conference", _("Conference")
        REFERRAL = "referral", _("Brought by members")
        DIRECT = "direct", _("Direct")
        IMPORT = "import", _("Import")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self):
        return self.name


class Campaign(models.Model):
    """One effort on one channel, and what it cost."""

    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        related_name="campaigns",
        verbose_name=_("channel"),
    )
    name = models.CharField(_("name"), max_length=80)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    cost = models.PositiveIntegerField(_("cost"), default=0)  # in minor units
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", validators=[validate_currency]
    )

    class Meta:
        ordering = ["-starts_on", "name"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self):
        return self.name


class TrackedLink(models.Model):
    """A short address that leads to a page here and counts who comes by it.

    A member's own link has an `owner`: who joins by it was brought by them. They have
    one for everything, and one for each thing that they share, which is named like in
    the activity log.
    """

    code = models.CharField(_("code"), max_length=20, unique=True, editable=False)
    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        related_name="links",
        verbose_name=_("channel"),
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="links",
        verbose_name=_("campaign"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="own_links",
        editable=False,
        verbose_name=_("owner"),
    )
    object_kind = models.CharField(
        _("kind of thing"), max_length=20, blank=True, editable=False
    )
    object_id = models.BigIntegerField(_("its number"), null=True, editable=False)
    path = models.CharField(
        _("leads to"), max_length=200, default="/", help_text=_("A page of this site.")
    )
    note = models.CharField(_("where it stands"), max_length=120, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("tracked link")
        verbose_name_plural = _("tracked links")
        constraints = [
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"),
                name="link_stays_here",
                violation_error_message=_("A page of this site begins with one “/”."),
            ),
            models.CheckConstraint(
                condition=Q(object_kind="", object_id=None)
                | ~Q(object_kind="") & Q(object_id__isnull=False, owner__isnull=False),
                name="link_shares_one_thing_or_none",
            ),
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(object_id=None),
                name="link_for_everything_once",
            ),
            models.UniqueConstraint(
                fields=["object_kind", "object_id", "owner"],
                condition=Q(object_id__isnull=False),
                name="link_for_a_thing_once",
            ),
        ]

    def __str__(self):
        return self.note or self.code

    def clean(self):
        """A campaign is an effort on one channel; the figures are summed by it."""
        if self.campaign and self.campaign.channel_id != self.channel_id:
            raise ValidationError(
                {"campaign": _("This campaign is one of another channel.")}
            )


class LinkDay(models.Model):
    """How often a link was followed on a day; machines that say so are left out."""

    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    visits = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "day"], name="link_day_once"),
        ]

    def __str__(self):
        return f"{self.link_id} {self.day}"


class Origin(models.Model):
    """By which link a member first came, and by which last before joining."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="origin",
        verbose_name=_("member"),
    )
    first_link = models.ForeignKey(
        TrackedLink,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("first link"),
    )
    first_at = models.DateTimeField(_("first came at"))
    last_link = models.ForeignKey(
        TrackedLink,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("last link"),
    )
    last_at = models.DateTimeField(_("last came at"))
    # What the last touch counts for; direct without a link.
    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        related_name="origins",
        verbose_name=_("channel"),
    )

    # What they signed up with, until the first time that they sign in.
    invitation = models.ForeignKey(
        "accounts.Invitation",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("invitation"),
    )

    class Meta:
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_at__gte=F("first_at")), name="origin_first_before_last"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} by {self.channel_id}"


class Referral(models.Model):
    """That a member brought another. It counts once the other has stayed."""

    activity_kind = "referral"

    referrer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="referrals",
        verbose_name=_("brought by"),
    )
    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="referred",
        verbose_name=_("member"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    stayed_at = models.DateTimeField(_("stayed at"), null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=~Q(referrer=F("member")), name="referral_of_another"
            ),
        ]

    def __str__(self):
        return f"{self.referrer_id} brought {self.member_id}"
