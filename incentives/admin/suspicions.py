"""Points that look made: what was seen, in words, and what is decided about it."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from community.lib.admin import ReadOnlyAdmin, ask_first, row_or_404
from incentives.errors import NotYet, SecondPersonNeeded
from incentives.forms.suspicions import AnswerForm, ClearForm
from incentives.models import Suspicion
from incentives.services import suspicions

State = Suspicion.State


@admin.register(Suspicion)
class SuspicionAdmin(ReadOnlyAdmin):
    list_display = ["found_at", "member", "kind", "judged", "worth", "decided_by"]
    view_on_site = False  # its page is its member's
    list_filter = ["state", "kind"]
    list_select_related = ["member", "decided_by"]
    search_fields = ["member__name", "member__username"]
    date_hierarchy = "found_at"
    fields = [
        *("member", "kind", "state", "found_at", "worth", "seen", "statement"),
        *("decided_by", "decided_at", "answer", "appeal", "appealed_at"),
        *("appeal_decided_by", "appeal_decided_at", "appeal_answer"),
    ]
    readonly_fields = ["worth", "seen"]
    actions_detail = ["clear", "confirm", "grant_appeal", "refuse_appeal"]
    acts_on = {
        "clear": lambda it: it.is_open,
        "confirm": lambda it: it.is_open,
        "grant_appeal": lambda it: it.state == State.APPEALED,
        "refuse_appeal": lambda it: it.state == State.APPEALED,
    }

    @display(
        description=_("state"),
        label={
            State.OPEN: "warning",
            State.CLEARED: "success",
            State.CONFIRMED: "danger",
            State.APPEALED: "warning",
        },
        ordering="state",
    )
    def judged(self, suspicion):
        return suspicion.state, suspicion.get_state_display()

    @admin.display(description=_("points"))
    def worth(self, suspicion):
        return suspicion.points

    @admin.display(description=_("what was seen"))
    def seen(self, suspicion):
        lines = suspicions.evidence(suspicion)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))

    def has_act_permission(self, request, object_id=None):
        return request.user.has_perm("incentives.change_suspicion")

    @action(description=_("All is well…"), url_path="clear", permissions=["act"])
    def clear(self, request, object_id):
        note = _("What waits goes on, and the member is told.")
        return self._ask(request, object_id, suspicions.clear, note, ClearForm)

    @action(
        description=_("Take the points back…"), url_path="confirm", permissions=["act"]
    )
    def confirm(self, request, object_id):
        note = _(
            "The points of these awards go back as far as they are unused. The member"
            " is told, and may ask for another look within thirty days."
        )
        return self._ask(request, object_id, suspicions.confirm, note)

    @action(description=_("Grant the appeal…"), url_path="grant", permissions=["act"])
    def grant_appeal(self, request, object_id):
        note = _("What was taken comes back, and the member is told.")
        return self._ask(request, object_id, suspicions.grant_appeal, note)

    @action(description=_("Refuse the appeal…"), url_path="refuse", permissions=["act"])
    def refuse_appeal(self, request, object_id):
        note = _("It stays as it was decided, and the member is told.")
        return self._ask(request, object_id, suspicions.refuse_appeal, note)

    def _ask(self, request, object_id, service, note, form_class=AnswerForm):
        suspicion = row_or_404(self, request, object_id)

        def act(data):
            try:
                service(suspicion=suspicion, by=request.user, **data)
            except NotYet as error:
                raise ValidationError(
                    _("It is not in the state for that any more.")
                ) from error
            except SecondPersonNeeded as error:
                raise ValidationError(
                    _("Somebody else has to decide that: not its member, nor who did.")
                ) from error

        return ask_first(
            request,
            admin=self,
            row=suspicion,
            form=form_class(request.POST or None),
            title=TITLES[service],
            act=act,
            note=note,
            facts=self._facts(suspicion),
        )

    def _facts(self, suspicion):
        seen = " · ".join(suspicions.evidence(suspicion))
        facts = [(_("points"), suspicion.points), (_("what was seen"), seen)]
        words = [
            (_("the member's word"), suspicion.statement),
            (_("appeal"), suspicion.appeal),
        ]
        return facts + [(label, text) for label, text in words if text]


TITLES = {
    suspicions.clear: _("All is well"),
    suspicions.confirm: _("Take the points back"),
    suspicions.grant_appeal: _("Grant the appeal"),
    suspicions.refuse_appeal: _("Refuse the appeal"),
}
