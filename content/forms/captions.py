from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from community.lib import subtitles


class CaptionsForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    file = forms.FileField(
        label=_("Captions"), help_text=_("WebVTT or SRT, as your video program writes.")
    )

    def clean(self):
        said = super().clean()
        file = said.get("file")
        if file:
            try:
                said["cues"] = subtitles.read(file.read(subtitles.MOST_BYTES + 1))
            except subtitles.NotSubtitles as error:
                self.add_error("file", str(error))
        return said
