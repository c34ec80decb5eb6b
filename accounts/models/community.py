from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.spaces import JoinMode
from community.lib.colours import COLOUR
from community.lib.money import validate_currency


class Community(models.Model):
    """The one row about the community itself: its name and its charter."""

    name = models.CharField(_("name"), max_length=80, default="Zhiqun 知群")
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    goal = models.TextField(_("goal"), blank=True)
    audience = models.TextField(_("for whom"), blank=True)
    member_gets = models.TextField(_("what members get"), blank=True)
    not_offered = models.TextField(_("what is not offered"), blank=True)
    culture = models.TextField(
        _("how we are with each other"),
        blank=True,
        help_text=_("The culture page begins with it. Markdown works here."),
    )
    introductions = models.ForeignKey(
        "accounts.Space",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("where new members introduce themselves"),
    )
    language = models.CharField(
        _("main language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="CNY", validators=[validate_currency]
    )
    bank_details = models.TextField(
        _("bank account"),
        blank=True,
        help_text=_("Shown to who pays by bank transfer: holder, IBAN, bank."),
    )
    join_mode = models.CharField(
        _("how one becomes a member"),
        max_length=11,
        choices=JoinMode,
        default=JoinMode.OPEN,
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(COLOUR, _("Give it as #rrggbb."))],
        help_text=_(
            "For buttons and marks. Where it would be hard to read on our light or"
            " dark ground we take the nearest shade that can be read. Empty: ours."
        ),
    )
    logo = models.ImageField(_("logo"), upload_to="brand", blank=True)
    answer_hours = models.PositiveSmallIntegerField(
        _("hours until a question should be answered"),
        default=48,
        validators=[MinValueValidator(1)],
        help_text=_("Who is asked to answer is reminded before, operators after."),
    )
    campaign_points = models.PositiveIntegerField(
        _("points above which a campaign needs a second person"),
        default=10_000,
        null=True,
        blank=True,
        help_text=_("What it may give in all. Empty: none needs one."),
    )
    set_up_at = models.DateTimeField(_("set up at"), null=True, blank=True)

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("community")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="community_is_one"),
        ]

    def __str__(self):
        return self.name
