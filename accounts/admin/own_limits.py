from django.contrib import admin

from accounts.models import Concentration
from accounts.services import concentration
from community.lib.admin import ReportAdmin


@admin.register(Concentration)
class ConcentrationAdmin(ReportAdmin):
    """Whose limits they are is their members' affair: the desk sees sums alone."""

    template = "admin/concentration.html"

    def figures(self, request):
        return {
            "spreads": concentration.report(),
            "days": concentration.WINDOW.days,
            "fewest": concentration.FEWEST,
        }
