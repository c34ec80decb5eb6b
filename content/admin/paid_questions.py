"""Paid questions: to be looked at; disputes are decided on their orders."""

from django.contrib import admin

from community.lib.admin import InlineReadOnly, ReadOnlyAdmin
from content.models import AskingTerms, FollowUp, PaidQuestion


class FollowUpInline(InlineReadOnly):
    model = FollowUp
    fields = ["author", "text", "created_at"]


@admin.register(PaidQuestion)
class PaidQuestionAdmin(ReadOnlyAdmin):
    list_display = ["title", "asker", "expert", "state", "asked_at", "due_at", "order"]
    list_filter = ["state", "is_open"]
    list_select_related = ["asker", "expert", "order"]
    search_fields = ["title", "asker__username", "expert__username"]
    inlines = [FollowUpInline]

    def get_queryset(self, request):
        """What is not asked yet is the asker's own."""
        return super().get_queryset(request).filter(asked_at__isnull=False)


@admin.register(AskingTerms)
class AskingTermsAdmin(ReadOnlyAdmin):
    list_display = ["expert", "is_open", "price", "currency", "points", "days"]
    list_filter = ["is_open"]
    list_select_related = ["expert"]
