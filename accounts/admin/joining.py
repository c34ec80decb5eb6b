from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldBooleanWidget

from accounts.admin.decisions import DECIDED, NoteForm, ReasonForm, decided_by
from accounts.errors import AlreadyDecided
from accounts.forms.desk import InvitationForm
from accounts.models import Application, Invitation, JoinQuestion
from accounts.services import joining
from community.lib.admin import (
    ReadOnlyAdmin,
    TellsChanges,
    ask_first,
    ask_first_of_rows,
    row_or_404,
)


class AdmitForm(NoteForm):
    although_full = forms.BooleanField(
        label=_("Also where no place is free"),
        required=False,
        widget=UnfoldBooleanWidget,
    )


def _admit(application, by):
    """What lets in, and says so when it came to the waiting list only."""

    def act(data):
        try:
            decided = joining.accept(application=application, by=by, **data)
        except AlreadyDecided as error:
            raise ValidationError(DECIDED) from error
        is_queued = decided.state == Application.State.QUEUED
        return _("on the waiting list, for the space is full") if is_queued else None

    return act


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """The queue of those who want in, the oldest first."""

    list_display = [
        *("member", "space", "state", "match", "why", "said", "created_at"),
    ]
    fields = [
        *("member", "space", "state", "match", "why", "answered", "created_at"),
        *("offered_until", "decided_at", "decided_by", "reason"),
    ]
    readonly_fields = ["why", "answered"]
    list_filter = ["state", "space"]
    list_select_related = ["member", "space"]
    search_fields = ["member__name", "member__username", "member__email"]
    actions = ["accept_all"]
    actions_detail = ["accept", "decline"]
    acts_on = {
        "accept": lambda application: application.state in Application.OPEN,
        "decline": lambda application: application.state in Application.OPEN,
    }

    @admin.display(description=_("what fits"))
    def why(self, application):
        return ", ".join(application.match_reasons) or "–"

    @admin.display(description=_("answers"))
    def said(self, application):
        return " · ".join(answer for _question, answer in application.answers)[:160]

    @admin.display(description=_("answers"))
    def answered(self, application):
        """Each question with all of its answer, for the page of the application."""
        lines = format_html_join(
            "", "<p><strong>{}</strong><br>{}</p>", application.answers
        )
        return lines or "–"

    @admin.action(description=_("Let in"), permissions=["decide"])
    def accept_all(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related("member"),
            form_class=AdmitForm,
            title=_("Let in"),
            act=lambda application, data: _admit(application, request.user)(data),
        )

    @action(description=_("Let in"), url_path="accept", permissions=["decide"])
    def accept(self, request, object_id):
        application = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=application,
            form=AdmitForm(request.POST or None),
            title=_("Let in"),
            act=_admit(application, request.user),
        )

    @action(description=_("Decline"), url_path="decline", permissions=["decide"])
    def decline(self, request, object_id):
        application = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=application,
            form=ReasonForm(request.POST or None),
            title=_("Decline"),
            act=decided_by(joining.decline, request.user, application=application),
        )

    def has_decide_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_application")


@admin.register(Invitation)
class InvitationAdmin(TellsChanges, ModelAdmin):
    untold = ["note"]
    form = InvitationForm
    list_display = ["link", "space", "note", "uses_left", "expires_at", "ended_at"]
    readonly_fields = ["created_at"]
    list_filter = ["space"]
    search_fields = ["code", "note"]

    @admin.display(description=_("link"))
    def link(self, invitation):
        return f"/invitation/{invitation.code}/"

    def save_model(self, request, obj, form, change):
        if not change:
            obj.code, obj.created_by = joining.new_code(), request.user
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(JoinQuestion)
class JoinQuestionAdmin(TellsChanges, ModelAdmin):
    list_display = ["prompt", "space", "is_required", "position"]
    list_filter = ["space"]
