from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import handles
from accounts.models import User
from accounts.services import experts
from community.lib import pictures
from community.lib.zones import zone_name, zones


def time_zones(chosen: str) -> list[tuple[str, str]]:
    """Also the one that was chosen by an older name of it."""
    known = zones()
    if chosen and chosen not in dict(known):
        return [(chosen, zone_name(chosen)), *known]
    return known


class ProfileForm(forms.ModelForm):
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As my browser asks")), *settings.LANGUAGES],
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP, at most 5 MB. It is cut to a square."),
    )
    remove_picture = forms.BooleanField(label=_("Remove my picture"), required=False)

    class Meta:
        model = User
        fields = [
            *("name", "username", "about", "language", "time_zone"),
            "messages_from",
        ]
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}
        labels = {"name": _("Name"), "messages_from": _("Who may write to me")}
        help_texts = {
            "username": _("In the address of your page and in mentions."),
            "messages_from": _(
                "In private messages. Whom you have answered may go on, unless you "
                "choose nobody; whoever you block may never."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["messages_from"].required = False  # left out, it stays as it is
        self.fields["time_zone"].choices = [
            ("", _("The community's")),
            *time_zones(self.instance.time_zone),
        ]
        if experts.is_verified(self.instance):
            self.fields["name"].help_text = _(
                "With another name or handle your mark as an expert waits until "
                "somebody has looked at it."
            )
        if not self.instance.avatar:
            del self.fields["remove_picture"]

    def clean_username(self):
        handle = handles.plain(self.cleaned_data["username"])
        if handles.is_reserved(handle) and not self.instance.is_staff:
            raise forms.ValidationError(_("This handle is kept for the staff."))
        return handle

    def clean_picture(self):
        upload = self.cleaned_data["picture"]
        if not upload:
            return None
        try:
            return pictures.square(upload)
        except pictures.NotAPicture as error:
            raise forms.ValidationError(str(error)) from error

    def clean_messages_from(self):
        return self.cleaned_data["messages_from"] or self.instance.messages_from
