"""The tables that pages read. Rewritten every night, never edited."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from content.models import Item
from recommend.models.runs import RecommendRun


class Recommendation(models.Model):
    """Place `rank` on a member's list, because of an item they know."""

    run = models.ForeignKey(RecommendRun, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    rank = models.PositiveSmallIntegerField()
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    reason_item = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "member", "rank"], name="recommended_once_a_place"
            ),
        ]

    def __str__(self):
        return f"{self.item_id} at {self.rank} for {self.member_id}"


class Neighbour(models.Model):
    """Place `rank` among the items that the same members use."""

    run = models.ForeignKey(RecommendRun, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    neighbour = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "item", "rank"], name="neighbour_once_a_place"
            ),
        ]

    def __str__(self):
        return f"{self.neighbour_id} beside {self.item_id}"


class PopularItem(models.Model):
    """Place `rank` for newcomers, and for who does not want to be profiled."""

    run = models.ForeignKey(RecommendRun, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveIntegerField()
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "rank"], name="popular_once_a_place"
            ),
        ]

    def __str__(self):
        return f"{self.item_id} at {self.rank}"


class Dismissal(models.Model):
    """That a member does not want to be shown an item again."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dismissals"
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "item"], name="dismissed_once"),
        ]

    def __str__(self):
        return f"{self.item_id} not for {self.member_id}"
