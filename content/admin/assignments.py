"""Assignments, and what learners handed in: to be looked at; reviewed in the studio."""

from django.contrib import admin

from community.lib.admin import InlineReadOnly, ReadOnlyAdmin
from content.models import EarlierReview, HandedIn


class EarlierReviewInline(InlineReadOnly):
    model = EarlierReview
    fields = ["reviewer", "reviewed_at", "outcome", "comment", "marks"]


@admin.register(HandedIn)
class HandedInAdmin(ReadOnlyAdmin):
    list_display = ["member", "assignment", "at", "outcome", "reviewer", "reviewed_at"]
    list_filter = ["outcome"]
    list_select_related = ["member", "assignment__lesson", "reviewer"]
    search_fields = ["member__name", "member__username", "assignment__lesson__title"]
    exclude = ["text_html"]
    inlines = [EarlierReviewInline]
