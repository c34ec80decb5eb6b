from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Entitlement, Offer, Order
from accounts.models.offers import key_validator
from community.lib.languages import in_language
from community.lib.money import validate_currency

# Of these a member's count is kept; the others are over.
STANDING = ("reserved", "used")


class CouponQuerySet(models.QuerySet["Coupon"]):
    def in_force(self, at) -> "CouponQuerySet":
        begun = self.filter(is_active=True, starts_at__lte=at)
        return begun.filter(Q(ends_at=None) | Q(ends_at__gt=at))

    def off_the_price(self) -> "CouponQuerySet":
        return self.filter(gives__in=[Coupon.Gives.AMOUNT, Coupon.Gives.PERCENT])


class Coupon(models.Model):
    """What is given off a price, or for nothing: to whom, for what, how often.

    `taken` counts the uses that stand; the database keeps it from passing the limit.
    """

    activity_kind = "coupon"

    class Gives(models.TextChoices):
        AMOUNT = "amount", _("An amount off the price")
        PERCENT = "percent", _("A part of the price")
        DAYS = "days", _("Free days")
        ITEM = "item", _("Something for nothing")
        PARTNER = "partner", _("A code of a partner")

    class Codes(models.TextChoices):
        NONE = "none", _("No code: it applies by itself")
        SHARED = "shared", _("One code for all")
        SINGLE = "single", _("Codes that count once each")

    class For(models.TextChoices):
        ALL = "all", _("All that is sold")
        PLANS = "plans", _("Plans of the membership")
        KIND = "kind", _("One kind of thing")
        OFFERS = "offers", _("Chosen offers")

    class Audience(models.TextChoices):
        EVERYBODY = "everybody", _("Everybody")
        NEW = "new", _("Who has not bought anything yet")
        HOLDERS = "holders", _("Who holds a key now, such as a plan")
        LISTED = "listed", _("Members of a list")
        LEVEL = "level", _("Members from a level on")

    title = models.CharField(
        _("title"), max_length=80, help_text=_("As the member reads it.")
    )
    title_zh = models.CharField(_("title in Chinese"), max_length=80, blank=True)
    description = models.TextField(_("description"), blank=True, max_length=1000)
    gives = models.CharField(_("gives"), max_length=8, choices=Gives)
    amount = models.PositiveIntegerField(_("amount"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(
        _("percent"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    at_most = models.PositiveIntegerField(
        _("at most"),
        null=True,
        blank=True,
        help_text=_("Of a percentage: no more than this comes off. Empty: all of it."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", validators=[validate_currency]
    )
    opens = models.CharField(
        _("what it opens"),
        max_length=60,
        blank=True,
        validators=[key_validator],
        help_text=_("Of free days and free things: “membership”, “item:12”."),
    )
    days = models.PositiveIntegerField(
        _("days"), null=True, blank=True, validators=[MaxValueValidator(3660)]
    )
    partner = models.CharField(_("partner"), max_length=80, blank=True)
    partner_url = models.URLField(_("the partner's page"), blank=True)

    codes = models.CharField(
        _("codes"), max_length=8, choices=Codes, default=Codes.SHARED
    )
    applies_to = models.CharField(
        pgettext_lazy("coupon", "for"), max_length=8, choices=For, default=For.ALL
    )
    kind = models.CharField(
        _("kind of thing"),
        max_length=30,
        blank=True,
        help_text=_("The word before the number in a key, such as “item” or “event”."),
    )
    offers = models.ManyToManyField(
        Offer, blank=True, related_name="+", verbose_name=_("offers")
    )
    minimum = models.PositiveIntegerField(
        _("from a price of"),
        default=0,
        help_text=_("The price before anything is off."),
    )
    audience = models.CharField(
        _("for whom"), max_length=10, choices=Audience, default=Audience.EVERYBODY
    )
    audience_key = models.CharField(
        _("key they hold"), max_length=60, blank=True, validators=[key_validator]
    )
    min_level = models.PositiveSmallIntegerField(
        _("from which level on"), null=True, blank=True
    )
    starts_at = models.DateTimeField(_("since"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    most_uses = models.PositiveIntegerField(
        _("uses in all"), null=True, blank=True, help_text=_("Empty: any number.")
    )
    most_each = models.PositiveSmallIntegerField(
        _("uses a member"), default=1, validators=[MinValueValidator(1)]
    )
    periods = models.PositiveSmallIntegerField(
        _("periods of a plan"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("1: only the first. 3: the next two renewals as well."),
    )
    stacks = models.BooleanField(
        _("goes with others"),
        default=False,
        help_text=_("Of those that do not, only the best one counts."),
    )
    comes_back = models.BooleanField(
        _("comes back with a refund"),
        default=True,
        help_text=_("When the whole order is given back, it can be used again."),
    )
    is_active = models.BooleanField(_("on offer"), default=True)
    taken = models.PositiveIntegerField(_("uses so far"), default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.CheckConstraint(
                condition=Q(most_uses=None) | Q(taken__lte=F("most_uses")),
                name="coupon_within_its_limit",
                violation_error_message=_("More of it are used already."),
            ),
            models.CheckConstraint(
                condition=Q(most_each__gte=1, periods__gte=1),
                name="coupon_counts_from_one",
                violation_error_message=_("At least 1."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="coupon_ends_after_it_begins",
                violation_error_message=_("The end lies before the beginning."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(gives="amount", amount__isnull=False, amount__gt=0)
                    | Q(
                        gives="percent",
                        percent__isnull=False,
                        percent__gte=1,
                        percent__lte=100,
                    )
                    | Q(gives="days", days__isnull=False, days__gt=0) & ~Q(opens="")
                    | Q(gives="item") & ~Q(opens="")
                    | Q(gives="partner") & ~Q(partner="")
                ),
                name="coupon_gives_something",
                violation_error_message=_(
                    "Say how much it gives: an amount, a percentage, a key to open "
                    "(and for how many days), or the partner's name."
                ),
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *args: Any, **options: Any) -> None:
        """What others count meanwhile is not written over by a form."""
        if not self._state.adding and options.get("update_fields") is None:
            fields = (field.name for field in self._meta.concrete_fields)
            options["update_fields"] = [
                name for name in fields if name not in {"id", "taken"}
            ]
        super().save(*args, **options)

    def clean(self):
        if self.gives == self.Gives.PARTNER and self.codes != self.Codes.SINGLE:
            raise ValidationError({"codes": _("A partner's codes count once each.")})
        if self.applies_to == self.For.KIND and not self.kind:
            raise ValidationError({"kind": _("Which kind?")})
        if self.audience == self.Audience.HOLDERS and not self.audience_key:
            raise ValidationError({"audience_key": _("Which key?")})
        if self.audience == self.Audience.LEVEL and not self.min_level:
            raise ValidationError({"min_level": _("From which level on?")})

    def title_in(self, language: str) -> str:
        return in_language(language, self.title, self.title_zh)

    @property
    def is_off_the_price(self) -> bool:
        return self.gives in {self.Gives.AMOUNT, self.Gives.PERCENT}

    @property
    def is_partners(self) -> bool:
        return self.gives == self.Gives.PARTNER


class CouponCode(models.Model):
    """What is typed to use a coupon; a single one counts once.

    One with a member was handed to them, and is of no use to others.
    """

    coupon = models.ForeignKey(
        Coupon,
        on_delete=models.PROTECT,
        related_name="all_codes",
        verbose_name=_("coupon"),
    )
    # As it is compared: capital letters and digits only, see `tidy`.
    code = models.CharField(_("code"), max_length=60)
    is_partners = models.BooleanField(_("of a partner"), default=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="coupon_codes",
        verbose_name=_("handed to"),
    )
    handed_at = models.DateTimeField(_("handed out at"), null=True, blank=True)
    # What it was handed out for, so that it is so once.
    handed_for = models.CharField(
        _("handed out for"), max_length=80, null=True, blank=True, unique=True
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(is_partners=False),
                name="coupon_code_names_one_coupon",
                violation_error_message=_("There is this code already."),
            ),
            models.UniqueConstraint(
                fields=["coupon", "code"], name="coupon_code_once_a_coupon"
            ),
            # However often they press, a member gets one code of each partner's.
            models.UniqueConstraint(
                fields=["coupon", "member"],
                condition=Q(is_partners=True, member__isnull=False),
                name="coupon_of_partner_once_a_member",
            ),
            models.CheckConstraint(
                condition=Q(member=None, handed_at=None)
                | Q(member__isnull=False, handed_at__isnull=False),
                name="coupon_code_handed_to_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["coupon"],
                condition=Q(member=None),
                name="coupon_code_to_hand_out",
            ),
        ]

    def __str__(self):
        return self.code


class CouponListed(models.Model):
    """A member on the list of a coupon."""

    coupon = models.ForeignKey(
        Coupon,
        on_delete=models.CASCADE,
        related_name="listed",
        verbose_name=_("coupon"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="coupons_listed",
        verbose_name=_("member"),
    )

    class Meta:
        verbose_name = _("member of a coupon's list")
        verbose_name_plural = _("members of coupons' lists")
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "member"], name="coupon_lists_a_member_once"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} of coupon {self.coupon_id}"


class CouponUse(models.Model):
    """That a member uses a coupon: held for an order that waits for its money, or for
    good. `nth` counts a member's uses; a use `of` an earlier one is that coupon going
    on with the next period of a plan, and counts for nothing."""

    activity_kind = "coupon_use"

    class State(models.TextChoices):
        RESERVED = "reserved", _("Kept for an order")
        USED = "used", _("Used")
        RELEASED = "released", _("Free again: not paid in time")
        RETURNED = "returned", _("Came back with a refund")

    coupon = models.ForeignKey(
        Coupon,
        on_delete=models.PROTECT,
        related_name="uses",
        verbose_name=_("coupon"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="coupon_uses",
        verbose_name=_("member"),
    )
    code = models.ForeignKey(
        CouponCode,
        on_delete=models.PROTECT,
        null=True,
        related_name="uses",
        verbose_name=_("code"),
    )
    takes_code = models.BooleanField(_("uses the code up"), default=False)
    nth = models.PositiveSmallIntegerField(_("which of the member's uses"), null=True)
    of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="carried",
        verbose_name=_("goes on from"),
    )
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        null=True,
        related_name="coupon_uses",
        verbose_name=_("order"),
    )
    entitlement = models.ForeignKey(
        Entitlement,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("opened"),
    )
    amount = models.PositiveIntegerField(_("amount"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.RESERVED
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "member", "nth"],
                condition=Q(state__in=STANDING, of=None),
                name="coupon_use_counted_once",
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state__in=STANDING, takes_code=True),
                name="coupon_code_used_once",
            ),
            models.UniqueConstraint(
                fields=["order", "coupon"], name="coupon_use_once_an_order"
            ),
            models.CheckConstraint(
                condition=Q(of=None, nth__gte=1) | Q(of__isnull=False, nth=None),
                name="coupon_use_counts_or_goes_on",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False, amount__gt=0)
                | Q(order=None, amount=0, state__in=["used", "returned"]),
                name="coupon_use_is_off_an_order",
            ),
        ]

    def __str__(self):
        return f"{self.coupon_id} by {self.member_id}"
