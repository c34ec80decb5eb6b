from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.lib import markdown


class PolicyVersion(models.Model):
    """One dated text of the terms, the privacy policy or the rules, in one language."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("Terms of use")
        PRIVACY = "privacy", _("Privacy policy")
        AUTHOR = "author", _("Author agreement")
        RULES = "rules", _("Community rules")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    version = models.PositiveIntegerField(_("version"), default=1)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES
    )
    body = models.TextField(_("text"))
    body_html = models.TextField(_("text as shown"), editable=False)
    note = models.CharField(
        _("what has changed"), max_length=300, blank=True, help_text=_("In a sentence.")
    )
    needs_consent = models.BooleanField(
        _("members have to agree again"),
        default=True,
        help_text=_("Not for a mended typing error."),
    )
    published_at = models.DateTimeField(_("published at"), default=timezone.now)

    class Meta:
        ordering = ["kind", "-version", "language"]
        verbose_name = _("policy text")
        verbose_name_plural = _("policy texts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "version", "language"], name="policy_version_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.version}"

    def get_absolute_url(self):
        return reverse("accounts:policy", args=[self.kind])


class Rule(models.Model):
    """One numbered rule of a version of the community's rules, in one language.

    Made of the text when it is published, and never changed: decisions cite it.
    """

    policy = models.ForeignKey(
        PolicyVersion,
        on_delete=models.CASCADE,
        related_name="rule_rows",
        verbose_name=_("version of the text"),
    )
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        ordering = ["policy", "number"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "number"], name="rule_number_once"
            ),
        ]

    def __str__(self):
        return f"{self.number}. {self.title}"

    def get_absolute_url(self):
        return f"/rules/#rule-{self.number}"

    @property
    def html(self) -> str:
        return markdown.render(self.text)


class Purpose(models.TextChoices):
    """What a member may agree to; the first two are needed to be a member."""

    TERMS = "terms", _("The terms of use")
    PRIVACY = "privacy", _("The privacy policy")
    PROFILING = "profiling", _("Recommendations and models made from what I do here")
    NEWSLETTER = "newsletter", _("News by e-mail")
    DIRECTORY = "directory", _("Being found in the list of people")


class Consent(models.Model):
    """That a member agreed to one purpose, on which text, from when to when."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="consents",
        verbose_name=_("member"),
    )
    # One of Purpose, or of PersonalKind: each personal fact has its own; or the rules.
    purpose = models.CharField(_("purpose"), max_length=12)
    version = models.PositiveIntegerField(_("version of the text"))
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        ordering = ["-given_at"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "purpose"],
                condition=Q(withdrawn_at=None),
                name="consent_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None)
                | Q(withdrawn_at__gte=models.F("given_at")),
                name="consent_withdrawn_after_given",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} agrees to {self.purpose}"
