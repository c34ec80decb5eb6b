from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.messages import MESSAGE_LENGTH


class MessageForm(forms.Form):
    body = forms.CharField(
        label=pgettext_lazy("letter", "Message"),
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Markdown works here."),
        error_messages={"required": _("Write something first.")},
    )
    # Names one showing of the form, so that sending it twice writes once.
    form_key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, data=None, *, to):
        super().__init__(data)
        # What is typed is kept in the browser under this name until it is sent.
        self.fields["body"].widget.attrs["data-draft"] = f"message-{to.pk}"


class ReportForm(forms.Form):
    words = forms.CharField(
        label=_("What is wrong with it?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    agrees = forms.BooleanField(
        label=_("I agree that the operators read these messages."),
        error_messages={"required": _("Without that nobody could look at it.")},
    )
