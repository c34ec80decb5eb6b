from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from community.lib import chapters, subtitles


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


class ChaptersForm(forms.Form):
    chapters = forms.CharField(
        label=_("Chapters"),
        required=False,
        max_length=40_000,
        validators=[chapters.validate],
        help_text=_("One a line, such as 1:30 What it is about"),
        widget=forms.Textarea(attrs={"rows": 12}),
    )
