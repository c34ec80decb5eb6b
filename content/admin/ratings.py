from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from accounts.admin.decisions import ReasonForm
from community.lib.admin import AsBefore, ReadOnlyAdmin, ask_first_of_rows
from content.models import Rating
from content.services import ratings


class HideForm(ReasonForm):
    """The member is not told: the operators read it in the audit chain."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "It is kept for good: name nobody in it. “Show again” undoes the hiding."
        )


class HidesRatings(ReadOnlyAdmin):
    """What hurts somebody is hidden, by the service of these ratings; `of` names what
    they are about."""

    service: Any
    of: str
    actions = ["hide", "show"]

    @admin.action(description=_("Hide"), permissions=["moderate"])
    def hide(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related(self.of, "member"),
            form_class=HideForm,
            title=_("Hide"),
            act=lambda rating, data: self._hide(rating, request.user, data),
            say=lambda it: f"{getattr(it, self.of)} · {it.member} · {it.words[:80]}",
        )

    def _hide(self, rating, by, data):
        if not self.service.hide(rating=rating, by=by, **data):
            raise AsBefore(_("It was hidden already."))

    @admin.action(description=_("Show again"), permissions=["moderate"])
    def show(self, request, queryset):
        for rating in queryset.select_related(self.of):
            self.service.show(rating=rating)
            self.log_change(request, rating, "Shown again")

    def has_moderate_permission(self, request):
        return request.user.has_perm(f"content.change_{self.opts.model_name}")


@admin.register(Rating)
class RatingAdmin(HidesRatings):
    """What members say of the library."""

    service, of = ratings, "item"
    list_display = ["item", "stars", "member", "words", "created_at", "hidden_at"]
    list_filter = [
        *("stars", ("hidden_at", admin.EmptyFieldListFilter), "created_at"),
        ("item", AutocompleteSelectFilter),
    ]
    list_filter_submit = True
    list_select_related = ["item", "member"]
    search_fields = ["words", "item__title", "member__name"]
