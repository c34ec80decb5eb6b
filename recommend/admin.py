from django.contrib import admin

from community.lib.admin import ReadOnlyAdmin
from recommend.models import RecommendRun
from recommend.run_page import about


@admin.register(RecommendRun)
class RecommendRunAdmin(ReadOnlyAdmin):
    list_display = ["as_of", "served", "members", "items", "pairs", "seconds"]
    list_filter = ["served"]
    date_hierarchy = "as_of"
    change_form_template = "recommend/run.html"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.get_object(request, object_id)
        more = about(run) if run else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **more}
        )
