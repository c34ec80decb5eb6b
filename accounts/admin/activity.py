from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import Activity, Verb
from community.lib.admin import ReadOnlyAdmin


class Deed(admin.SimpleListFilter):
    title = _("deed")
    parameter_name = "verb"

    def lookups(self, request, model_admin):
        return Verb.choices

    def queryset(self, request, queryset):
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ["at", "member", "deed", "space", "object_kind", "object_id"]
    list_filter = [Deed]
    list_select_related = ["member", "space"]
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description=_("deed"))
    def deed(self, activity):
        return dict(Verb.choices).get(activity.verb, activity.verb)
