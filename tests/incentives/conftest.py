import pytest
from django.utils import timezone

from accounts.services.activity import ensure_partitions
from tests.incentives.deeds import DAY


@pytest.fixture
def log(db):
    """Room in the activity log for what was done months ago."""
    today = timezone.now().date()
    ensure_partitions(today - 100 * DAY, today)
