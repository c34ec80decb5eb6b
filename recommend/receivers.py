from django.dispatch import receiver

from accounts.models import Purpose
from accounts.signals import consent_withdrawn
from recommend.services.serving import forget_lists


@receiver(consent_withdrawn)
def forget(sender, member, purpose, **kwargs):
    if purpose == Purpose.PROFILING:
        forget_lists(member)
