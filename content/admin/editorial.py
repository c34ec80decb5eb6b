"""The steps of the editorial flow, for items chosen in the admin's list."""

from functools import partial

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from community.lib.admin import ask_first_of_rows
from content import access
from content.errors import NotAllowedNow, NotReady
from content.forms.editorial import BUTTONS, StepForm
from content.models import EditorialStep, Item
from content.services import editorial

Act = EditorialStep.Act


class DeskStepForm(StepForm):
    """The same in the admin's clothes, asked once for all of the chosen items."""

    def __init__(self, data=None, *, act):
        super().__init__(data, act=act)
        del self.fields["act"]
        dress = {
            "text": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "at": UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
            "reasons": UnfoldAdminCheckboxSelectMultipleWidget(),
        }
        for name, field in self.fields.items():
            choices = getattr(field, "choices", None)
            field.widget = dress[name]
            if choices is not None:
                field.widget.choices = choices


class EditorialActions:
    """Each step is the service's own: with its checks, mails, and lines in the log."""

    actions = [
        *("submit", "take", "put_back", "send_back", "accept", "reschedule"),
        *("mark_checked", "archive", "reopen"),
    ]

    def has_edit_permission(self, request):
        return access.is_editor(request.user)

    def has_plan_permission(self, request):
        return access.is_on_the_desk(request.user)

    def _step(self, request, items, act):
        return ask_first_of_rows(
            request,
            admin=self,
            rows=items.select_related("author", "space"),
            form_class=partial(DeskStepForm, act=act),
            title=BUTTONS[act],
            act=lambda item, told: _take_step(item, request.user, act, told),
        )

    @admin.action(description=BUTTONS[Act.SUBMITTED], permissions=["edit"])
    def submit(self, request, queryset):
        return self._step(request, queryset, Act.SUBMITTED)

    @admin.action(description=BUTTONS[Act.TAKEN], permissions=["edit"])
    def take(self, request, queryset):
        return self._step(request, queryset, Act.TAKEN)

    @admin.action(description=BUTTONS[Act.PUT_BACK], permissions=["edit"])
    def put_back(self, request, queryset):
        return self._step(request, queryset, Act.PUT_BACK)

    @admin.action(description=BUTTONS[Act.RETURNED], permissions=["edit"])
    def send_back(self, request, queryset):
        return self._step(request, queryset, Act.RETURNED)

    @admin.action(description=BUTTONS[Act.ACCEPTED], permissions=["edit"])
    def accept(self, request, queryset):
        return self._step(request, queryset, Act.ACCEPTED)

    @admin.action(description=BUTTONS[Act.RESCHEDULED], permissions=["plan"])
    def reschedule(self, request, queryset):
        return self._step(request, queryset, Act.RESCHEDULED)

    @admin.action(description=BUTTONS[Act.CHECKED], permissions=["edit"])
    def mark_checked(self, request, queryset):
        return self._step(request, queryset, Act.CHECKED)

    @admin.action(description=BUTTONS[Act.ARCHIVED], permissions=["edit"])
    def archive(self, request, queryset):
        return self._step(request, queryset, Act.ARCHIVED)

    @admin.action(description=BUTTONS[Act.REOPENED], permissions=["edit"])
    def reopen(self, request, queryset):
        return self._step(request, queryset, Act.REOPENED)


def _take_step(item, by, act, told):
    if not access.may_act(by, item, act):
        raise ValidationError(_("This step is not yours to take."))
    try:
        editorial.DO[act](item=item, by=by, **told)
    except NotReady as error:
        raise ValidationError(error.points) from error
    except NotAllowedNow as error:
        if act == Act.ACCEPTED and item.state == Item.State.SUBMITTED:
            raise ValidationError(
                _("It waits for review: begin to review it first.")
            ) from error
        raise ValidationError(
            _("It does not follow from “%(state)s”."),
            params={"state": item.get_state_display()},
        ) from error
