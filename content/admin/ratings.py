from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from community.lib.admin import ReadOnlyAdmin
from content.models import Rating
from content.services import ratings


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    """What members say of the library; what hurts somebody is hidden here."""

    list_display = ["item", "stars", "member", "words", "created_at", "hidden_at"]
    list_filter = [
        *("stars", ("hidden_at", admin.EmptyFieldListFilter), "created_at"),
        ("item", AutocompleteSelectFilter),
    ]
    list_filter_submit = True
    list_select_related = ["item", "member"]
    search_fields = ["words", "item__title", "member__name"]
    actions = ["hide", "show"]

    @admin.action(description=_("Hide"), permissions=["moderate"])
    def hide(self, request, queryset):
        for rating in queryset.select_related("item"):
            ratings.hide(rating=rating)
            self.log_change(request, rating, "Hidden")

    @admin.action(description=_("Show again"), permissions=["moderate"])
    def show(self, request, queryset):
        for rating in queryset.select_related("item"):
            ratings.show(rating=rating)
            self.log_change(request, rating, "Shown again")

    def has_moderate_permission(self, request):
        return request.user.has_perm("content.change_rating")
