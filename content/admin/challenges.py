"""Challenges and who takes part: to be looked at; hosts and operators change them in
the studio, where people are told."""

from django.contrib import admin

from community.lib.admin import InlineReadOnly, ReadOnlyAdmin
from content.models import (
    Challenge,
    ChallengeMember,
    ChallengeTask,
    ChallengeTicket,
    CheckIn,
)


class TaskInline(InlineReadOnly):
    model = ChallengeTask
    fields = ["number", "text"]


@admin.register(Challenge)
class ChallengeAdmin(ReadOnlyAdmin):
    list_display = ["title", "host", "space", "state", "first_day", "last_day"]
    list_filter = ["state"]
    list_select_related = ["host", "space"]
    search_fields = ["title", "host__username"]
    inlines = [TaskInline]


@admin.register(ChallengeTicket)
class ChallengeTicketAdmin(ReadOnlyAdmin):
    list_display = [
        *("challenge", "member", "paid_at", "order", "paid_points", "given_up_at"),
        "settled_at",
    ]
    list_select_related = ["challenge", "member", "order"]
    search_fields = ["challenge__title", "member__username", "order__number"]


class CheckInInline(InlineReadOnly):
    model = CheckIn
    fields = ["day", "at", "is_late", "post", "case", "praised_by"]


@admin.register(ChallengeMember)
class ChallengeMemberAdmin(ReadOnlyAdmin):
    list_display = ["challenge", "member", "team", "joined_at", "left_at", "done_at"]
    list_filter = ["is_ranked"]
    list_select_related = ["challenge", "member", "team"]
    search_fields = ["challenge__title", "member__username"]
    inlines = [CheckInInline]
