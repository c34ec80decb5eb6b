from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.models import Robot
from accounts.robots import SERVICES
from accounts.services import robots


class RobotForm(forms.ModelForm):
    """Its secrets go in and are never shown again."""

    address = forms.CharField(
        label=_("address of the webhook"),
        max_length=500,
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    secret = forms.CharField(
        label=_("key for signatures"),
        max_length=200,
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text=_("For DingTalk and Feishu, if the robot is set to check them."),
    )

    class Meta:
        model = Robot
        fields = (
            *("kind", "name", "address", "secret", "language", "audience"),
            *("tells_announcements", "tells_items", "tells_topics_of", "is_on"),
        )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        is_known = bool(self.instance.sealed_address)
        if "address" in self.fields:
            self.fields["address"].required = not is_known
            if is_known:
                self.fields["address"].help_text = _("Empty: it stays as it is.")

    def clean(self):
        data = super().clean()
        kind, address = data.get("kind"), data.get("address")
        if "kind" in self.changed_data and self.instance.pk and not address:
            self.add_error("address", _("Another service has another address."))
        if kind and address:
            try:
                robots.check_address(kind, address)
            except (robots.NotTheirs, ValueError):
                hosts = ", ".join(sorted(SERVICES[kind].hosts))
                told = _("Its webhooks begin with https:// and are at: %(hosts)s.")
                self.add_error(
                    "address", ValidationError(told, params={"hosts": hosts})
                )
        return data
