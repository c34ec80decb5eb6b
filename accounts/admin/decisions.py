"""Pages of the desk on which an operator decides something with a reason."""

import datetime as dt

from django import forms
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The member reads it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class NoteForm(ReasonForm):
    """Where a word is kind but not needed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].label = _("A word to the member")


class DayField(forms.DateField):
    """A day, included: what ends on it ends as the next one begins."""

    def __init__(self, **kwargs):
        widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)

    def clean(self, value):
        day = super().clean(value)
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
        return timezone.make_aware(midnight)


def page_of(model_admin, request, obj, template="admin/decision.html", **context):
    """The admin's frame around a decision about `obj`."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "object": obj,
        "back_url": url_of(model_admin, obj),
        **context,
    }
    return TemplateResponse(request, template, context)


def back_to(model_admin, obj):
    return HttpResponseRedirect(url_of(model_admin, obj))


def url_of(model_admin, obj):
    meta = model_admin.opts
    name = f"admin:{meta.app_label}_{meta.model_name}_change"
    return reverse(name, args=[obj.pk])
