from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.forms.robots import RobotForm
from accounts.models import Robot, RobotMessage
from accounts.services import robots
from community.lib.admin import ReadOnlyAdmin, TellsChanges, ask_first, row_or_404


@admin.register(Robot)
class RobotAdmin(TellsChanges, ModelAdmin):
    form = RobotForm
    untold = ["address", "secret"]
    list_display = ["name", "kind", "is_on", "audience", "failures", "problem"]
    list_filter = ["kind", "is_on"]
    search_fields = ["name"]
    readonly_fields = ["failures", "problem", "waits_until"]
    autocomplete_fields = ["tells_topics_of"]
    actions_detail = ["robot_test"]

    def save_model(self, request, obj, form, change):
        robots.set_secrets(
            obj,
            address=form.cleaned_data["address"],
            secret=form.cleaned_data["secret"],
        )
        super().save_model(request, obj, form, change)
        if obj.is_on and "is_on" in form.changed_data:
            robots.switch_on(obj)

    @action(description=_("Send a test"), url_path="test", permissions=["test"])
    def robot_test(self, request, object_id):
        robot = row_or_404(self, request, object_id)
        return ask_first(
            request,
            admin=self,
            row=robot,
            form=Form(request.POST or None),
            title=_("Send a test"),
            act=lambda _nothing: _test(robot),
        )

    def has_test_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_robot")


def _test(robot):
    problem = robots.send_test(robot)
    if problem:
        raise ValidationError(problem)


@admin.register(RobotMessage)
class RobotMessageAdmin(ReadOnlyAdmin):
    list_display = ["robot", "key", "created_at", "sent_at", "tries", "problem"]
    list_filter = ["robot", ("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["robot"]
