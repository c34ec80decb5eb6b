"""How contributions are let in, and what was decided. Deciding is done in the queue."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from community.lib.admin import InlineReadOnly, ReadOnlyAdmin, TellsChanges
from content.models import (
    CannedReason,
    Case,
    Decision,
    KnownDomain,
    ModerationPolicy,
    PostReport,
    WatchedWord,
)


@admin.register(ModerationPolicy)
class ModerationPolicyAdmin(TellsChanges, ModelAdmin):
    list_display = ["__str__", "mode", "first_posts", "exempt_level", "trusted_posts"]
    list_select_related = ["space"]


@admin.register(WatchedWord)
class WatchedWordAdmin(TellsChanges, ModelAdmin):
    list_display = ["word", "effect", "with_forms", "note"]
    list_filter = ["effect"]
    search_fields = ["word", "note"]


@admin.register(KnownDomain)
class KnownDomainAdmin(TellsChanges, ModelAdmin):
    list_display = ["domain", "is_allowed"]
    list_filter = ["is_allowed"]
    search_fields = ["domain"]


@admin.register(CannedReason)
class CannedReasonAdmin(ModelAdmin):
    list_display = ["text"]


class PostReportInline(InlineReadOnly):
    model = PostReport
    fields = ["member", "reason", "words", "weight", "upheld", "created_at"]


class DecisionInline(InlineReadOnly):
    model = Decision
    fields = ["act", "by", "reason", "rule", "at", "undone_at", "undone_by"]


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ["what", "author", "space", "created_at", "outcome", "closed_at"]
    list_filter = ["what", "outcome", "space", "created_at"]
    list_select_related = ["author", "space"]
    search_fields = ["author__name", "author__username"]
    show_full_result_count = False
    inlines = [PostReportInline, DecisionInline]
