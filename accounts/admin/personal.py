"""Reading a member's personal facts: with permission, one at a time, for a reason."""

from django.contrib import admin
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.forms.desk import ReasonForm
from accounts.models import PersonalReading
from accounts.models.personal import PersonalKind
from accounts.services import personal
from community.lib.admin import ReadOnlyAdmin, ask_first_page, row_or_404


class FactsDesk:
    """The part of a member's page in the admin that leads to their personal facts."""

    @action(
        description=_("Personal facts"),
        url_path="facts",
        permissions=["read_facts"],
    )
    def read_facts(self, request, object_id):
        member = row_or_404(self, request, object_id)
        form = ReasonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return ask_first_page(
                request,
                admin=self,
                model=self.model,
                form=form,
                title=_("Why do you look at it?"),
                rows=[member],
            )
        facts = personal.read(member=member, by=request.user, **form.cleaned_data)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Personal facts"),
            "opts": self.model._meta,
            "member": member,
            "facts": [(PersonalKind(kind).label, text) for kind, text in facts.items()],
        }
        return render(request, "admin/personal_facts.html", context)

    def has_read_facts_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.read_personal")


@admin.register(PersonalReading)
class PersonalReadingAdmin(ReadOnlyAdmin):
    list_display = ["at", "by", "member", "facts", "reason"]
    fields = ["at", "by", "member", "facts", "reason"]
    readonly_fields = ["facts"]
    list_filter = ["at"]
    list_select_related = ["by", "member"]
    search_fields = ["by__name", "member__name", "reason"]
    date_hierarchy = "at"

    @admin.display(description=_("facts that were read"))
    def facts(self, reading):
        return ", ".join(str(PersonalKind(kind).label) for kind in reading.kinds)
