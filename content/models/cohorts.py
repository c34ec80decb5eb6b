import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.items import Item


class Cohort(models.Model):
    """One run of a course, which its learners begin on the same day.

    Who learns in it is said by their enrolments; a constraint in the database keeps
    an enrolment from pointing at a cohort of another course.
    """

    course = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="cohorts",
        verbose_name=_("course"),
    )
    name = models.CharField(_("name"), max_length=80)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="cohorts",
        verbose_name=_("mentor"),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    seats = models.PositiveSmallIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        ordering = ["starts_on", "id"]
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="cohort_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__gte=dt.date(2000, 1, 1))
                & Q(ends_on__lte=dt.date(2200, 1, 1)),
                name="cohort_in_our_time",
                violation_error_message=_("A day between the years 2000 and 2200."),
            ),
            # What the enrolments' reference to both columns needs.
            models.UniqueConstraint(fields=["id", "course"], name="cohort_of_a_course"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("content:cohort", args=[self.pk])


class Withdrawal(models.Model):
    """That a member left a course before it began for them. Their enrolment is gone;
    that they enrolled stands in the log, and is not told there again."""

    course = models.ForeignKey(
        Item,
        on_delete=models.CASCADE,
        related_name="withdrawals",
        verbose_name=_("course"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="withdrawals",
        verbose_name=_("member"),
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("withdrawal from a course")
        verbose_name_plural = _("withdrawals from courses")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "member"], name="withdrawn_once_a_course"
            ),
        ]

    def __str__(self):
        return f"{self.member_id} from {self.course_id}"
