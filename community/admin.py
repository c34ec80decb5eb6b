from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from community.lib.admin import ReadOnlyAdmin
from community.models import Backup, StepRun


@admin.register(StepRun)
class StepRunAdmin(ReadOnlyAdmin):
    """What every night did, how long it took, and why it failed."""

    list_display = ["step", "as_of", "state", "started_at", "duration", "result"]
    list_filter = ["state", "step"]
    search_fields = ["step", "error"]
    date_hierarchy = "as_of"

    @admin.display(description=_("seconds"))
    def duration(self, run):
        return round(run.seconds, 1)


@admin.register(Backup)
class BackupAdmin(ReadOnlyAdmin):
    """Every copy that was made, and whether it could be loaded again."""

    list_display = [
        "__str__",
        "started_at",
        "size",
        "problem",
        "tested_at",
        "test_problem",
    ]
    date_hierarchy = "started_at"
