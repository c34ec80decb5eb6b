"""What is sold. Nothing here knows what a course or a plan is.

A seller makes an offer of a key ("membership", "item:12", "tier:gold"), and asks
later who is entitled to that key.
"""

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.lib.money import validate_currency

MEMBERSHIP = "membership"

key_validator = RegexValidator(
    r"^[a-z]+(:[\w-]+)?$", _("A key such as “membership”, “item:12” or “tier:gold”.")
)


class Bundle(models.Model):
    """A key that opens other keys: a tier of the membership, or courses together.

    What is put in it later is open to those who hold it already.
    """

    key = models.CharField(
        _("key"),
        max_length=60,
        unique=True,
        validators=[key_validator],
        help_text=_("For example “tier:gold” or “bundle:starter”."),
    )
    title = models.CharField(_("title"), max_length=120)
    opens = ArrayField(
        models.CharField(max_length=60, validators=[key_validator]),
        verbose_name=_("opens"),
        help_text=_(
            "Keys, separated by commas: “membership” makes it a tier of the "
            "membership, “space:3” opens a space, “item:12” a course."
        ),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "key"]
        verbose_name = _("bundle")
        verbose_name_plural = _("bundles")

    def __str__(self):
        return self.title


class OfferQuerySet(models.QuerySet["Offer"]):
    def on_sale(self) -> "OfferQuerySet":
        return self.filter(is_active=True)

    def plans(self) -> "OfferQuerySet":
        """Offers of the membership, or of a tier of it."""
        tiers = Bundle.objects.filter(opens__contains=[MEMBERSHIP])
        return self.filter(Q(what=MEMBERSHIP) | Q(what__in=tiers.values("key")))


class Offer(models.Model):
    """What may be bought at what price, for how long."""

    slug = models.SlugField(
        _("name in the address"), max_length=80, unique=True, allow_unicode=True
    )
    what = models.CharField(
        _("what it opens"),
        max_length=60,
        validators=[key_validator],
        help_text=_(
            "“membership”, the key of a bundle, “space:” and the number of a space, "
            "or “item:” and the number of a course."
        ),
        db_index=True,
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(
        _("description"), blank=True, help_text=_("One benefit a line.")
    )
    price = models.PositiveIntegerField(_("price"))  # in minor units
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", validators=[validate_currency]
    )
    months = models.PositiveSmallIntegerField(
        _("months"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(120)],
        help_text=_("How long it lasts: 1, 3 or 12, for example."),
    )
    days = models.PositiveIntegerField(
        _("days"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3660)],
        help_text=_("Or in days. Both empty: for ever."),
    )
    renews = models.BooleanField(
        _("renews"),
        default=False,
        help_text=_("Goes on after that time until the member cancels."),
    )
    trial_days = models.PositiveSmallIntegerField(
        _("days to try it"), default=0, help_text=_("Free, once a member.")
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"),
        default=7,
        help_text=_("It stays open so long when a renewal is not paid in time."),
    )
    save_days = models.PositiveSmallIntegerField(
        _("days offered to those who cancel"),
        default=0,
        help_text=_("Free days for staying, offered once. 0: nothing is offered."),
    )
    left = models.PositiveIntegerField(
        _("left to sell"),
        null=True,
        blank=True,
        help_text=_("Empty: as many as are wanted."),
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="offers",
        verbose_name=_("creator"),
        help_text=_("Whose work it is; shares are agreed with them."),
    )
    # Made for one buyer, such as a question to an expert.
    only_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for"),
        help_text=_("Empty: for everybody."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("on sale"), default=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["position", "price", "id"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(days=0) & ~Q(months=0),
                name="offer_lasts",
                violation_error_message=_("Leave it empty in place of 0."),
            ),
            models.CheckConstraint(
                condition=Q(days=None) | Q(months=None),
                name="offer_lasts_days_or_months",
                violation_error_message=_("Either months or days, not both."),
            ),
            models.CheckConstraint(
                condition=Q(renews=False) | ~Q(days=None, months=None),
                name="offer_that_renews_has_an_end",
                violation_error_message=_("What renews needs months or days."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("accounts:checkout", args=[self.slug])

    def clean(self):
        if self.trial_days and not self.renews:
            raise ValidationError(
                {"trial_days": _("Only what renews can be tried first.")}
            )

    @property
    def benefits(self) -> list[str]:
        return [line for line in self.description.splitlines() if line.strip()]

    @property
    def is_for_ever(self) -> bool:
        return self.months is None and self.days is None

    @property
    def term(self) -> relativedelta:
        """How long it lasts, in calendar months or days; not for what is for ever."""
        return relativedelta(months=self.months or 0, days=self.days or 0)
