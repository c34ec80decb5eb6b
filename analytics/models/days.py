from django.conf import settings
from django.db import models

from accounts.models import Space


class MemberDay(models.Model):
    """What a member did in a space on one day; that there is a row is the visit.

    Made from the activity log and from nothing else: it can be thrown away and
    built again. Days are days of the community's time zone. Rows without a space
    are what happened outside of any. The one index begins with the day, so that a
    night writes to its end and costs the same however long the history is.
    """

    day = models.DateField()
    space = models.ForeignKey(
        Space,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    interactions = models.BigIntegerField(default=0)
    content = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "space", "member"], name="member_day_once"
            ),
            # Days outside of any space: to the rule above each null is another one.
            models.UniqueConstraint(
                fields=["day", "member"],
                condition=models.Q(space=None),
                name="member_day_once_outside",
            ),
            models.CheckConstraint(
                condition=models.Q(interactions__gte=0, content__gte=0),
                name="member_day_counts",
            ),
        ]

    def __str__(self):
        return f"{self.member_id} in {self.space_id} on {self.day}"


class RollUp(models.Model):
    """How far `MemberDay` follows the activity log: one row.

    Every log line stored before `seen_until` is in the table, counted by `rules`.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seen_until = models.DateTimeField(null=True)
    rules = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="roll_up_is_one"),
        ]

    def __str__(self):
        return f"seen until {self.seen_until}"
