from django.contrib import admin

from community.lib.admin import ReadOnlyAdmin
from incentives.models import Bounty


@admin.register(Bounty)
class BountyAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "member", "topic", "points", "state", "winner"]
    list_filter = ["state"]
    list_select_related = ["member", "winner"]
    search_fields = ["member__name", "member__username"]
    date_hierarchy = "created_at"
