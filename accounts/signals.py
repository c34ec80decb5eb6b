"""Announcements, sent after commit. Listeners only enqueue; nothing depends on one."""

from django.dispatch import Signal

consent_withdrawn = Signal()  # member: User, purpose: str
activity_recorded = Signal()  # activity_id: int, at: datetime, verb: str
