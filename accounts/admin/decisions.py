"""What an operator is asked for when deciding about a member."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.errors import AlreadyDecided, NotAllowed

DECIDED = _("It was decided already.")
NOT_YOU = _("Somebody else has to decide this.")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The member reads it. It is kept for good: name nobody in it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class NoteForm(ReasonForm):
    """Where a word is kind but not needed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False
        self.fields["reason"].label = _("A word to the member")


class DayField(forms.DateField):
    """A day, included: the last moment of it."""

    def __init__(self, **kwargs):
        widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)

    def clean(self, value):
        day = super().clean(value)
        if day is None:
            return None
        if day < timezone.localdate():
            raise ValidationError(_("This day is over."))
        return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


def decided_by(service, by, **row):
    """What `ask_first` does once it has been told what the decision needs."""

    def act(data):
        try:
            service(**row, by=by, **data)
        except AlreadyDecided as error:
            raise ValidationError(DECIDED) from error
        except NotAllowed as error:
            raise ValidationError(NOT_YOU) from error

    return act
