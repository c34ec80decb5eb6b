from django.contrib import admin

from community.lib.admin import ReadOnlyAdmin
from community.models import StepRun


@admin.register(StepRun)
class StepRunAdmin(ReadOnlyAdmin):
    """What every night did, how long it took, and why it failed."""

    list_display = ["step", "as_of", "state", "started_at", "duration", "result"]
    list_filter = ["state", "step"]
    search_fields = ["step", "error"]
    date_hierarchy = "as_of"

    @admin.display(description="seconds")
    def duration(self, run):
        return round(run.seconds, 1)
