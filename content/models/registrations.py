"""Who comes to an event, and who waits for a seat."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.models.events import Event
from content.models.paying import PaidFor

ANSWER_LENGTH = 1000


class Registration(PaidFor):
    """One member and one event, whatever became of it.

    "Offered" and "going" hold a seat of the event. An offered one is kept until
    `confirm_by`: for who moved up from the waiting list, and while somebody pays.
    """

    activity_kind = "registration"

    class State(models.TextChoices):
        WAITING = "waiting", _("On the waiting list")
        OFFERED = "offered", _("Seat kept")
        GOING = "going", _("Registered")
        CANCELLED = "cancelled", _("Cancelled")

    SEATED = (State.OFFERED, State.GOING)

    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        related_name="registrations",
        verbose_name=_("event"),
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="registrations",
        verbose_name=_("member"),
    )
    state = models.CharField(_("state"), max_length=9, choices=State)
    # Pairs of question and answer: questions may be changed later.
    answers = models.JSONField(_("answers"), default=list, blank=True)
    # The place in the waiting list.
    queued_at = models.DateTimeField(_("waits since"), null=True)
    confirm_by = models.DateTimeField(_("seat kept until"), null=True)
    registered_at = models.DateTimeField(_("registered at"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    # How often points went up for it: each time has a key of its own in the ledger.
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    # What was paid has been earned, or given back by the terms.
    settled_at = models.DateTimeField(_("settled at"), null=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    # Presence.
    checked_in_at = models.DateTimeField(_("checked in at"), null=True)
    seconds_present = models.PositiveIntegerField(_("seconds present"), default=0)
    no_show = models.BooleanField(_("did not come"), null=True)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "member"], name="registered_once_an_event"
            ),
            models.CheckConstraint(
                condition=Q(state="offered", confirm_by__isnull=False)
                | (~Q(state="offered") & Q(confirm_by=None)),
                name="registration_offered_until",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", queued_at__isnull=False)
                | (~Q(state="waiting") & Q(queued_at=None)),
                name="registration_waits_since",
            ),
            models.CheckConstraint(
                condition=~Q(state="going") | Q(registered_at__isnull=False),
                name="registration_going_since",
            ),
            models.CheckConstraint(
                condition=Q(order=None) | Q(paid_points=None),
                name="registration_paid_in_one_way",
            ),
        ]
        indexes = [
            models.Index(
                fields=["event", "queued_at", "id"],
                condition=Q(state="waiting"),
                name="registration_queue",
            ),
            models.Index(
                fields=["confirm_by"],
                condition=Q(state="offered"),
                name="registration_to_confirm",
            ),
            models.Index(fields=["event", "state"], name="registration_by_state"),
        ]

    def __str__(self):
        return f"{self.member_id} at {self.event_id}"

    @property
    def is_going(self) -> bool:
        return self.state == self.State.GOING

    @property
    def is_offered(self) -> bool:
        return self.state == self.State.OFFERED

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED

    @property
    def is_paid(self) -> bool:
        return self.order_id is not None or self.paid_points is not None
