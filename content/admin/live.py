"""Live rooms: to be looked at; hosts and operators lead them on their own page."""

from django.contrib import admin

from community.lib.admin import ReadOnlyAdmin
from content.models import LiveMessage, LiveMute, LivePoll, LiveQuestion, LiveRoom


@admin.register(LiveRoom)
class LiveRoomAdmin(ReadOnlyAdmin):
    list_display = ["event", "slow_seconds", "booked_until"]
    list_select_related = ["event"]
    search_fields = ["event__title"]


class LineAdmin(ReadOnlyAdmin):
    list_select_related = ["room__event", "author", "hidden_by"]
    search_fields = ["body", "author__username", "room__event__title"]


@admin.register(LiveMessage)
class LiveMessageAdmin(LineAdmin):
    list_display = ["body", "author", "room", "at", "hidden_at", "hidden_by"]


@admin.register(LiveQuestion)
class LiveQuestionAdmin(LineAdmin):
    list_display = [
        *("body", "author", "room", "at", "votes", "answered_at", "carried_at"),
        *("hidden_at", "hidden_by"),
    ]


@admin.register(LivePoll)
class LivePollAdmin(ReadOnlyAdmin):
    list_display = ["question", "room", "at", "closed_at"]
    list_select_related = ["room__event"]
    search_fields = ["question", "room__event__title"]


@admin.register(LiveMute)
class LiveMuteAdmin(ReadOnlyAdmin):
    list_display = ["member", "room", "by", "at"]
    list_select_related = ["member", "room__event", "by"]
    search_fields = ["member__username", "room__event__title"]
