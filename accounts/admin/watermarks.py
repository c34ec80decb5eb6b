"""From the code over a film to whom it stands for: with a reason, and noted."""

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.forms.desk import KEPT_FOR_GOOD
from accounts.services import watermarks
from community.lib.admin import ask_first_page


class WatermarkForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), max_length=20, widget=UnfoldAdminTextInputWidget
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        min_length=5,
        help_text=KEPT_FOR_GOOD,
        widget=UnfoldAdminTextInputWidget,
    )


class WatermarksDesk:
    """The part of the members' list in the admin that leads from a code to a member."""

    @action(
        description=_("Whose code is it?"),
        url_path="watermark",
        permissions=["find_watermark"],
    )
    def find_watermark(self, request):
        form = WatermarkForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return ask_first_page(
                request,
                admin=self,
                model=self.model,
                form=form,
                title=_("Whose code is it?"),
                rows=[],
                note=_("That you asked, and why, is kept in the audit chain."),
            )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Whose code is it?"),
            "opts": self.model._meta,
            "code": form.cleaned_data["code"],
            "members": watermarks.resolve(by=request.user, **form.cleaned_data),
        }
        return render(request, "admin/watermark.html", context)

    def has_find_watermark_permission(self, request, object_id=None):
        return request.user.has_perm("accounts.change_user")
