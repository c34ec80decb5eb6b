from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.offers import MEMBERSHIP, key_validator
from incentives.models.coupons import Coupon


class RewardQuerySet(models.QuerySet["Reward"]):
    def on_offer(self, at=None) -> "RewardQuerySet":
        at = at or timezone.now()
        return self.filter(
            Q(until=None) | Q(until__gt=at), is_active=True, since__lte=at
        )


class Reward(models.Model):
    """What members may take for their points."""

    activity_kind = "reward"

    class Kind(models.TextChoices):
        DAYS = "days", _("Days of the membership")
        KEY = "key", _("A course, a space or a bundle")
        COUPON = "coupon", _("A coupon")
        GOODS = "goods", _("Goods that are sent")
        DONATION = "donation", _("A donation to a cause")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("description"), blank=True)
    picture = models.ImageField(_("picture"), upload_to="rewards", blank=True)
    points = models.PositiveIntegerField(
        _("price in points"), validators=[MinValueValidator(1)]
    )
    what = models.CharField(
        _("what it opens"), max_length=60, blank=True, validators=[key_validator]
    )
    # A new code of it, for the member alone.
    coupon = models.ForeignKey(
        Coupon,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rewards",
        limit_choices_to=Q(codes="single") & ~Q(gives="partner"),
        verbose_name=_("coupon"),
        help_text=_("One whose codes count once each."),
    )
    days = models.PositiveSmallIntegerField(
        _("days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3660)],
        help_text=_("Empty, for what it opens: for ever."),
    )
    stock = models.PositiveIntegerField(
        _("left"), null=True, blank=True, help_text=_("Empty: as many as are wanted.")
    )
    per_member = models.PositiveSmallIntegerField(
        _("at most for one member"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as often as they like."),
    )
    min_level = models.PositiveSmallIntegerField(_("from which level on"), default=0)
    since = models.DateTimeField(_("from"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("on offer"), default=True)

    objects = RewardQuerySet.as_manager()

    class Meta:
        ordering = ["position", "points", "pk"]
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0),
                name="reward_has_a_price",
                violation_error_message=_("A reward costs at least one point."),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="reward_ends_after_it_begins",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="days") | Q(days__isnull=False),
                name="reward_of_days_has_some",
                violation_error_message=_("Say how many days."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="key") | ~Q(what=""),
                name="reward_opens_something",
                violation_error_message=_("Say what it opens."),
            ),
            models.CheckConstraint(
                condition=Q(kind="coupon", coupon__isnull=False)
                | ~Q(kind="coupon") & Q(coupon=None),
                name="reward_of_a_coupon_names_it",
                violation_error_message=_("Choose a coupon, for this kind alone."),
            ),
            models.CheckConstraint(
                condition=Q(per_member=None) | Q(per_member__gt=0),
                name="reward_may_be_had_by_a_member",
                violation_error_message=_("Leave it empty in place of 0."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/shop/{self.pk}/"

    def clean(self):
        if self.kind == self.Kind.GOODS and self.stock is None:
            raise ValidationError({"stock": _("Say how many there are to send.")})

    @property
    def opens(self) -> str:
        """The key that it gives, if it gives one."""
        if self.kind == self.Kind.DAYS:
            return MEMBERSHIP
        return self.what if self.kind == self.Kind.KEY else ""

    @property
    def is_sent(self) -> bool:
        return self.kind == self.Kind.GOODS

    @property
    def is_sold_out(self) -> bool:
        return self.stock == 0
