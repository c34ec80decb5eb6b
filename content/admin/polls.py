"""Polls at the desk: what is asked. What came of it is known there no sooner than to
everybody, and who voted for what is told by the poll's own page, if by any."""

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from community.lib.admin import ReadOnlyAdmin
from content.models import Poll
from content.services import polls


@admin.register(Poll)
class PollAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "is_anonymous", "votes", "closes_at"]
    list_filter = ["kind", "is_anonymous", "created_at"]
    list_select_related = ["topic"]
    search_fields = ["question", "topic__title"]
    fields = [
        *("topic", "lesson", "question", "kind", "choices", "most", "is_anonymous"),
        *("is_changeable", "shows", "created_at", "closes_at", "closed_at"),
        *("votes", "result"),
    ]
    readonly_fields = ["votes", "result"]

    @admin.display(description=_("votes"))
    def votes(self, poll):
        return poll.voters

    @admin.display(description=_("result"))
    def result(self, poll):
        facts = polls.read_poll(viewer=AnonymousUser(), pk=poll.pk)
        if facts is None or facts.results is None:
            return _("Not to be known yet")
        return " · ".join(f"{it.text} {it.votes}" for it in facts.by_votes)
