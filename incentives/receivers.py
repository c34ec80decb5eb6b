"""The bell of the activity log: enqueue, nothing else."""

from django.dispatch import receiver

from accounts.signals import activity_recorded
from incentives import tasks
from incentives.services import rules


@receiver(activity_recorded)
def award_points(sender, activity_id, at, verb, **kwargs):
    if rules.is_heard(verb):
        tasks.award_points.delay(activity_id, at.isoformat())
