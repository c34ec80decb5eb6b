"""Paid questions: to be looked at; disputes are decided on their orders."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.admin.decisions import NOT_YOU, ReasonForm
from accounts.errors import NotAllowed, NotEnough
from community.lib.admin import (
    AsBefore,
    InlineReadOnly,
    ReadOnlyAdmin,
    ask_first_of_rows,
)
from content.models import AskingTerms, FollowUp, PaidQuestion, ReadAlong
from content.services import read_along


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


class RefundForm(ReasonForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "It is kept for good: name nobody in it. The points go back to the reader, "
            "who cannot read the answer any more; what others have spent of them is "
            "borne by the house."
        )


def _refund(reading, by, data):
    try:
        is_done = read_along.refund_points(reading=reading, by=by, **data)
    except NotAllowed as error:
        raise ValidationError(NOT_YOU) from error
    except NotEnough as error:  # somebody has spent some just now
        raise ValidationError(_("The points are moving. Please try again.")) from error
    if not is_done:
        raise AsBefore(_("It was paid back already."))


@admin.register(ReadAlong)
class ReadAlongAdmin(ReadOnlyAdmin):
    """Who read whose answer for points."""

    list_display = ["question", "member", "points", "at", "refunded_at"]
    list_filter = [("refunded_at", admin.EmptyFieldListFilter), "at"]
    list_select_related = ["question", "member"]
    search_fields = ["question__title", "member__name", "member__username"]
    actions = ["refund"]

    @admin.action(description=_("Pay the points back"), permissions=["refund"])
    def refund(self, request, queryset):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=queryset.select_related(
                "question__asker", "question__expert", "member"
            ),
            form_class=RefundForm,
            title=_("Pay the points back"),
            act=lambda reading, data: _refund(reading, request.user, data),
            say=lambda it: f"{it.question} · {it.member} · {it.points}",
        )

    def has_refund_permission(self, request):
        return request.user.is_operator
