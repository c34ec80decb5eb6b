"""Announcements, sent after commit. Listeners only enqueue; nothing depends on one."""

from django.dispatch import Signal

consent_withdrawn = Signal()  # member: User, purpose: str
look_changed = Signal()  # member_id: int, by another name, handle or picture
activity_recorded = Signal()  # activity_id: int, at: datetime, verb: str
