from django.contrib import admin, messages
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.decisions import NoteForm, ReasonForm, back_to, page_of
from accounts.errors import AlreadyDecided
from accounts.models import AuthorApplication
from accounts.services import authors
from community.lib.admin import ReadOnlyAdmin


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
        waiting = AuthorApplication.objects.filter(
            pk=object_id, state=AuthorApplication.State.ASKED
        )
        if not request.user.is_superuser:
            waiting = waiting.exclude(member=request.user)
        return waiting.exists()

    @action(description=_("Accept…"), url_path="accept", permissions=["decide"])
    def accept(self, request, object_id):
        return self._decide(request, object_id, NoteForm, authors.accept, _("Accept"))

    @action(description=_("Decline…"), url_path="decline", permissions=["decide"])
    def decline(self, request, object_id):
        return self._decide(
            request, object_id, ReasonForm, authors.decline, _("Decline")
        )

    def _decide(self, request, object_id, form_class, service, submit):
        application = get_object_or_404(AuthorApplication, pk=object_id)
        form = form_class(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return page_of(
                self,
                request,
                application,
                title=str(application),
                form=form,
                submit=submit,
            )
        try:
            service(application=application, by=request.user, **form.cleaned_data)
        except AlreadyDecided:
            self.message_user(request, _("It was decided already."), messages.ERROR)
            return back_to(self, application)
        self.log_change(request, application, f"Decided: {service.__name__}")
        self.message_user(request, _("Decided, and written by e-mail."))
        return back_to(self, application)
