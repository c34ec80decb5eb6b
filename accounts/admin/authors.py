from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.decisions import NoteForm, ReasonForm, decided_by
from accounts.models import AuthorApplication
from accounts.services import authors
from community.lib.admin import ReadOnlyAdmin, ask_first, names_one, row_or_404


@admin.register(AuthorApplication)
class AuthorApplicationAdmin(ReadOnlyAdmin):
    """The queue: what is written is the member's own, what is decided is ours."""

    list_display = [
        "member",
        "kind",
        "state",
        "is_invitation",
        "asked_at",
        "decided_by",
    ]
    list_filter = ["state", "kind", "is_invitation"]
    list_select_related = ["member", "decided_by"]
    search_fields = ["member__name", "member__username", "why"]
    date_hierarchy = "asked_at"
    actions_detail = ["accept", "decline"]

    def has_decide_permission(self, request, object_id=None):
        """Only what still waits; and nobody decides about themselves but superusers."""
        if not request.user.has_perm("accounts.change_authorapplication"):
            return False
        waiting = AuthorApplication.objects.filter(state=AuthorApplication.State.ASKED)
        if not request.user.is_superuser:
            waiting = waiting.exclude(member=request.user)
        return names_one(waiting, object_id)

    @action(description=_("Accept…"), url_path="accept", permissions=["decide"])
    def accept(self, request, object_id):
        form = NoteForm(request.POST or None)
        return self._decide(request, object_id, form, authors.accept, _("Accept"))

    @action(description=_("Decline…"), url_path="decline", permissions=["decide"])
    def decline(self, request, object_id):
        form = ReasonForm(request.POST or None)
        return self._decide(request, object_id, form, authors.decline, _("Decline"))

    def _decide(self, request, object_id, form, service, title):
        row = row_or_404(self, request, object_id)
        act = decided_by(service, request.user, application=row)
        return ask_first(request, admin=self, row=row, form=form, title=title, act=act)
